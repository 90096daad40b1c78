"""The ladder of perplexities: uniform, unigram, bigram, ..., smoothed well, badly and not at all."""

from __future__ import annotations

import math
from typing import Any

from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson, Picture
from lm.lecture.picture import MUTED, draw
from lm.ngrams.fit import Smoothing
from lm.study.measure import Request, measure
from lm.study.table import LAST, LECTURE

ORDER = 5
KINDS: dict[Smoothing, str] = {
    "mkn": "modified Kneser-Ney",
    "interp": "interpolation",
    "add-k": "add one",
    "mle": "likelihood",
}


def _measure(split: Split) -> Finding:
    texts = {"valid": split.validation, "test": split.held_out}
    found = {kind: measure(split.train, texts, Request(ORDER, smoothing=kind, ladder=True)) for kind in KINDS}
    ppl = {kind: [_number(rung["ppl"]["test"]) for rung in found[kind]["ladder"]] for kind in KINDS}
    rows = [
        [order or "uniform", *(ppl[kind][order] for kind in KINDS), LECTURE.get(order)] for order in range(ORDER + 1)
    ]
    rows.append(["GPT-3", *(None for _ in KINDS), LAST])
    one = found["mkn"]
    worse = "worse" if ppl["add-k"][2] > ppl["add-k"][1] else "better"
    says = f"""
Words of {split.source}: {one['tokens']['train']:,} to train, {one['types']:,} different, {one['tokens']['test']:,} to
predict, of which {one['unknown']['test']:,} are unknown. Add-one smoothing is *{worse}* with a bigram than with a
unigram here, {ppl['add-k'][2]:,.0f} against {ppl['add-k'][1]:,.0f}: most of its probability goes to what never
follows. Without smoothing, {found['mle']['impossible']['test']:,} tokens are impossible at order {ORDER}, and
perplexity is infinite.

The lecture's column is for the Penn Treebank, whose files are not ours to carry. On them KenLM reaches 185.7, 148.3,
142.7 and 141.2 with orders 2 to 5, and a unigram 639; `lm ngram` computes what KenLM computes. So 600 is what a
*unigram* reaches, 200 a bigram, and 140 an order of 4 or 5: where the lecture's table shows 600 beside a bigram it is
one order off.
"""
    return Finding(
        says,
        {f"{kind} {order}": ppl[kind][order] for kind in KINDS for order in range(ORDER + 1)},
        [Grid(["order", *KINDS.values(), "lecture, on PTB"], rows)],
        [Picture(draw("ladder", lambda axes: _paint(axes, ppl)), "Perplexity of held-out words; lower is better.")],
    )


def _paint(axes: Any, ppl: dict[Smoothing, list[float]]) -> None:
    for kind, label in KINDS.items():
        if kind != "mle":
            axes.plot(range(1, ORDER + 1), ppl[kind][1:], marker="o", label=label)
    axes.axhline(ppl["mkn"][0], color=MUTED, linewidth=1, linestyle="--")
    axes.annotate("uniform", (1, ppl["mkn"][0]), xytext=(0, 4), textcoords="offset points", color=MUTED)
    axes.set(yscale="log", xlabel="order", ylabel="perplexity", xticks=range(1, ORDER + 1))
    axes.legend()


def _number(value: float | None) -> float:
    return math.inf if value is None else value


LESSON = Lesson(
    1,
    "the ladder of perplexities",
    "a uniform model of the Penn Treebank's 10,000 words has perplexity 10,000; counting words, pairs and triples "
    "brings it to 600, 200 and 140, and GPT-3 to 20.5.",
    "in its table of the Penn Treebank",
    "python -m lm ngram --train pydoc:train --valid pydoc:validation --test pydoc:held_out --order 5 --ladder",
    _measure,
)
