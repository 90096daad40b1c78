"""Perplexity tracks the quality of translations."""

from __future__ import annotations

from typing import Any

from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson, Picture
from lm.lecture.picture import draw
from lm.lecture.threads import one_thread


def _measure(split: Split) -> Finding:
    from lm.translate.experiment import learn

    with one_thread():
        points = learn()
    rows = [[point.step, point.perplexity, point.words, point.sentences] for point in points]
    says = f"""
A small encoder-decoder learns a toy language; after every few steps its perplexity is taken on held-out sentences, and
the share that it translates without a mistake. Perplexity falls from {points[0].perplexity:.1f} to
{points[-1].perplexity:.3f} while the right sentences go from {points[0].sentences:.0%} to {points[-1].sentences:.0%}.
"""
    picture = draw("translation", lambda axes: _paint(axes, points))
    return Finding(
        says,
        {"last perplexity": points[-1].perplexity, "last share of sentences": points[-1].sentences},
        [Grid(["step", "perplexity", "words right", "sentences right"], rows)],
        [Picture(picture, "Quality against perplexity, from right to left as the translator learns.")],
    )


def _paint(axes: Any, points: Any) -> None:
    perplexities = [point.perplexity for point in points]
    axes.plot(perplexities, [point.words for point in points], marker="o", label="words right")
    axes.plot(perplexities, [point.sentences for point in points], marker="o", label="sentences right")
    axes.set(xscale="log", xlabel="perplexity", ylabel="share")
    axes.legend()


LESSON = Lesson(
    1,
    "perplexity tracks translation",
    "a better perplexity goes with better translations.",
    "on why perplexity is worth measuring",
    "python -m lm attend",
    _measure,
)
