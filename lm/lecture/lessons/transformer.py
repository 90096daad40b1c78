"""The transformer on the ladder: characters of the held-out text."""

from __future__ import annotations

import math
from typing import Any

from lm.corpus import Split, builtin
from lm.evaluation import evaluate
from lm.lecture.lesson import Finding, Grid, Lesson
from lm.study.measure import Request, measure

CHARACTERS = 16_384


def _measure(split: Split) -> Finding:
    text = builtin()
    result = evaluate("torch", characters=CHARACTERS)
    ladder: list[list[Any]] = [
        ["uniform", result.uniform],
        ["unigram, add one", result.unigram],
        ["bigram, add one", result.bigram],
    ]
    for order in (3, 6):
        found = measure(text.train, {"test": text.held_out[: CHARACTERS + 1]}, Request(order, "char"))
        ladder.append([f"modified Kneser-Ney, order {order}", found["ppl"]["test"]])
    ladder.append(["transformer", result.perplexity])
    rows = [[name, ppl, math.log2(ppl)] for name, ppl in ladder]
    best = min(ladder[:-1], key=lambda rung: rung[1])
    side = "below" if result.perplexity < best[1] else "above"
    says = f"""
The transformer of this package on {result.characters:,} held-out characters of {text.source}, in windows of its
context, beside n-gram models of the same training text, which see across windows. It is *{side}* the best of them,
{best[0]}: {result.perplexity:.3f} against {best[1]:.3f}. On so little text counting is hard to beat; the lecture's
models have read far more.

All of its operations run as kernels, too: `--device sim` gives the same perplexity and counts every read.
"""
    values = {name: float(ppl) for name, ppl in ladder}
    return Finding(says, values, [Grid(["model", "perplexity", "bits a character"], rows)])


LESSON = Lesson(
    2,
    "the transformer on the ladder",
    "with attention, and far more text, models reach perplexities that counting does not.",
    "in its table of models",
    f"python -m lm eval --chars {CHARACTERS}",
    _measure,
)
