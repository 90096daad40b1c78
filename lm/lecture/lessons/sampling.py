"""Sampling: what temperature and the cuts do to one distribution."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from lm.codes.lengths import entropy
from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson, Picture
from lm.lecture.picture import draw
from lm.ngrams.cursor import Cursor
from lm.ngrams.fit import fit
from lm.sampling import Sampler
from lm.text.stream import RESERVED, START, Encoder

SAMPLERS = {
    "ancestral": Sampler(),
    "temperature 0.5": Sampler(temperature=0.5),
    "temperature 2": Sampler(temperature=2),
    "top-k, k = 5": Sampler(top_k=5),
    "nucleus, p = 0.9": Sampler(top_p=0.9),
    "min-p, 0.1": Sampler(min_p=0.1),
    "greedy": Sampler(temperature=0),
}
SHOWN = 12
LENGTH = 240


def _measure(split: Split) -> Finding:
    fitted = fit(split.train, Encoder.of(split.train, "char", "stream"), 6, "mkn")
    before = _beginning(split.held_out)
    context = [START, *fitted.encoder.encode(before)[1:]]
    p = _after(fitted.model, context)
    shaped = {name: sampler.distribution(np.log(np.maximum(p, 1e-300))) for name, sampler in SAMPLERS.items()}
    rows: list[list[Any]] = [
        [name, int((q > 1e-12).sum()), float(q.max()), entropy(q)] for name, q in shaped.items()
    ]
    order = np.argsort(-p, kind="stable")[:SHOWN]
    names = [str(token) for token in fitted.encoder.decode(order)]
    says = f"""
After "{before}" in {split.source}, by a model of its letters. The cuts are made in the order temperature, top-k,
nucleus, min-p. Top-k keeps as many here as anywhere; the nucleus and min-p keep few where the model is sure and many
where it is not.
"""
    kept = ("ancestral", "temperature 2", "nucleus, p = 0.9")
    picture = draw("sampling", lambda axes: _paint(axes, names, {k: shaped[k][order] for k in kept}))
    samples = [(name, _draw(fitted, sampler)) for name, sampler in SAMPLERS.items() if name != "min-p, 0.1"]
    return Finding(
        says,
        {f"entropy in bits, {row[0]}": float(row[3]) for row in rows},
        [Grid(["sampler", "letters left", "greatest p", "entropy, bits"], rows)],
        [Picture(picture, f"The {SHOWN} likeliest next letters, and what is left of them.")],
        samples,
    )


def _beginning(text: str) -> str:
    """Some words from the middle of a text, and the first letter of the next."""
    match = re.compile(r"[a-z]+ [a-z]+ [a-z]").search(text, len(text) // 2)
    return match.group() if match else text[:8]


def _after(model: Any, context: list[int]) -> np.ndarray:
    cursor = Cursor(model)
    for token in context:
        cursor.advance(int(token))
    p = cursor.distribution()
    p[:RESERVED] = 0
    return p / p.sum()


def _draw(fitted: Any, sampler: Sampler) -> str:
    generator = np.random.default_rng(0)
    cursor = Cursor(fitted.model)
    cursor.advance(START)
    drawn = []
    for _ in range(LENGTH):
        p = cursor.distribution()
        p[:RESERVED] = 0
        drawn.append(sampler.draw(np.log(np.maximum(p, 1e-300)), generator))
        cursor.advance(drawn[-1])
    return " ".join("".join(map(str, fitted.encoder.decode(np.array(drawn)))).split())


def _paint(axes: Any, names: list[str], series: dict[str, np.ndarray]) -> None:
    place, width = np.arange(len(names)), 0.8 / len(series)
    for i, (label, p) in enumerate(series.items()):
        axes.bar(place + (i - 1) * width, p, width, label=label)
    axes.set_xticks(place, ["space" if name == " " else repr(name)[1:-1] for name in names])
    axes.grid(False, axis="x")
    axes.set_ylabel("probability")
    axes.legend()


LESSON = Lesson(
    1,
    "sampling",
    "a model is a distribution; what is drawn from it depends on temperature and on what is cut off.",
    "",
    "python -m lm lecture --only sampling",
    _measure,
)
