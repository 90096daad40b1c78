"""Two models on which perplexity and quality part company."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson, Picture
from lm.lecture.picture import MUTED, draw
from lm.perplexity import Bits
from lm.scrutiny.parables import OneArticle, overconfident_bits
from lm.text.stream import START, Encoder

SYMBOLS, ACCURACY = 10_000, 0.6
SHOWN = 2000


def _measure(split: Split) -> Finding:
    slacks = np.geomspace(1e-60, 0.9, 200)
    bits = np.array([overconfident_bits(ACCURACY, slack, SYMBOLS) for slack in slacks])
    uniform = math.log2(SYMBOLS)
    worse = float(slacks[bits > uniform].max()) if (bits > uniform).any() else 0.0
    honest = overconfident_bits(ACCURACY, 1 - ACCURACY, SYMBOLS)

    encoder = Encoder.of(split.train, "char", "stream")
    article, other = (encoder.encode(t[:SHOWN]) for t in (split.train, split.held_out))
    model = OneArticle(article[article != START], encoder.numbers)
    own = Bits.of(model.probabilities(article[article != START]), split.train[:SHOWN]).perplexity
    strange = Bits.of(model.probabilities(other[other != START]), split.held_out[:SHOWN]).perplexity
    rows: list[list[Any]] = [
        ["its own article", own],
        ["any other text", strange],
        ["a uniform model, any text", float(encoder.types)],
    ]
    says = f"""
*The overconfident model* is right {ACCURACY:.0%} of the time among {SYMBOLS:,} words, and says so with certainty. Its
accuracy beats every model of the ladder. If it leaves less than {worse:.1e} to all other words together, its
perplexity is above {SYMBOLS:,}: worse than knowing nothing. The same guesses with honest doubt have perplexity
{2**honest:,.0f}.

*The one-article model* writes {SHOWN:,} letters of real text without a fault, and always the same. Whoever reads a
sample finds it perfect; perplexity finds out. Perplexity measures what a model calls possible, not what it says.
"""
    picture = draw("parables", lambda axes: _paint(axes, slacks, bits, uniform))
    return Finding(
        says,
        {"slack below which it is worse than uniform": worse, "perplexity, own": own, "perplexity, other": strange},
        [Grid(["the one-article model reads", "perplexity of a letter"], rows)],
        [Picture(picture, f"Bits per word of a model that is right {ACCURACY:.0%} of the time.")],
    )


def _paint(axes: Any, slacks: np.ndarray, bits: np.ndarray, uniform: float) -> None:
    axes.plot(slacks, bits)
    axes.axhline(uniform, color=MUTED, linewidth=1, linestyle="--")
    axes.annotate("uniform", (slacks[40], uniform), xytext=(0, 4), textcoords="offset points", color=MUTED)
    axes.set(xscale="log", xlabel="probability left to all other words", ylabel="bits per word")


LESSON = Lesson(
    1,
    "two parables",
    "a better perplexity is not always a better model.",
    "",
    "python -m lm lecture --only parables",
    _measure,
)
