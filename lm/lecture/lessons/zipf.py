"""Zipf's law in this text, and in the language whose entropy is known."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from lm.corpus import Split
from lm.language import Language, frequencies
from lm.lecture.lesson import Finding, Lesson, Picture
from lm.lecture.picture import MUTED, draw


def _measure(split: Split) -> Finding:
    counts = np.sort(list(Counter(split.train.split()).values()))[::-1]
    text = counts / counts.sum()
    language = np.sort(frequencies(Language()))[::-1]
    language = language[language > 0]
    slopes = [_slope(text), _slope(language)]
    once = float((counts == 1).mean())
    says = f"""
{split.source} has {counts.sum():,} words, {len(counts):,} of them different; {once:.0%} of these occur once. The line
of log frequency over log rank falls by {-slopes[0]:.2f}; in the known language by {-slopes[1]:.2f}.
"""
    picture = draw("zipf", lambda axes: _paint(axes, text, language, split.source))
    caption = "Frequency by rank, both logarithmic. The dashed line falls by one."
    values = {"slope of the text": slopes[0], "slope of the known language": slopes[1], "share that occurs once": once}
    return Finding(says, values, pictures=[Picture(picture, caption)])


def _slope(ranked: np.ndarray) -> float:
    """Of log frequency over log rank, ranks evenly spaced in the logarithm up to a third of the types."""
    ranks = np.unique(np.geomspace(1, max(len(ranked) / 3, 2), 50).astype(int))
    return float(np.polyfit(np.log(ranks), np.log(ranked[ranks - 1]), 1)[0])


def _paint(axes: Any, text: np.ndarray, language: np.ndarray, name: str) -> None:
    axes.plot(np.arange(1, len(text) + 1), text, label=name)
    axes.plot(np.arange(1, len(language) + 1), language, label="the known language, exact")
    ranks = np.array([1, 10_000])
    axes.plot(ranks, 0.1 / ranks, color=MUTED, linestyle="--", linewidth=1)
    axes.set(xscale="log", yscale="log", xlabel="rank", ylabel="share of all words")
    axes.legend()


LESSON = Lesson(
    1,
    "Zipf's law",
    "a few words are very frequent and most are rare: frequency falls as one over rank.",
    "",
    "python -m lm lecture --only zipf",
    _measure,
)
