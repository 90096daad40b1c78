"""A language with a known truth: n-gram models, and the floor below which no model can get."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lm.corpus import Split
from lm.language import Language, exact_entropy, frequencies
from lm.language.grammar import CLASSES
from lm.lecture.lesson import Finding, Grid, Lesson, Picture
from lm.lecture.picture import draw
from lm.ngrams.counts import count_grams
from lm.ngrams.kneser_ney import kneser_ney
from lm.text.stream import RESERVED, START, UNKNOWN

DOCUMENTS, HELD_OUT, ORDER = 400, 40, 4


def _measure(split: Split) -> Finding:
    language = Language()
    train, test = (_stream(language.documents(seed, n)) for seed, n in ((1, DOCUMENTS), (2, HELD_OUT)))
    documents = language.documents(2, HELD_OUT)
    orders = count_grams(train, language.types + RESERVED, ORDER)
    losses = {}
    # Types that the training documents lack share the probability of the unknown one.
    lacking = np.setdiff1d(np.arange(RESERVED, language.types + RESERVED), train)
    unseen = np.isin(test, lacking)
    for order in range(1, ORDER + 1):
        p = kneser_ney(orders[:order]).probabilities(np.where(unseen, UNKNOWN, test))
        p[unseen] /= len(lacking)
        losses[order] = -np.log(p[test != START]).reshape(documents.shape)[:, 1:]
    floor, forgetful = exact_entropy(language), exact_entropy(language, memory=False)
    f = frequencies(language)
    unigram = float(-(f[f > 0] * np.log(f[f > 0])).sum())
    drawn = float(language.information(documents)[:, 1:].mean())

    ladder: list[list[str | float]] = [["uniform", float(language.types)]]
    ladder += [[f"modified Kneser-Ney, order {n}", math.exp(x.mean())] for n, x in losses.items()]
    ladder += [
        ["best unigram, exact", math.exp(unigram)],
        ["best without memory of names, exact", forgetful.perplexity],
        ["the truth, on these documents", math.exp(drawn)],
        ["the truth, exact", floor.perplexity],
    ]
    classes = language.type_class[documents][:, 1:]
    best = min(losses, key=lambda n: losses[n].mean())
    by_class, forgets = floor.by_class(), forgetful.by_class()
    rows: list[list[str | float | int | None]] = []
    for number, name in enumerate(CLASSES):
        here = classes == number
        if name != "mark" and here.any():
            paid = float(losses[best][here].mean() / math.log(2))
            rows.append([name, int(here.sum()), by_class[name][1] / math.log(2), forgets[name][1] / math.log(2), paid])
    says = f"""
Documents of {language.length:,} tokens over {language.types:,} types, with Zipfian words, local syntax, objects that
their verbs choose, and a protagonist, named in the first sentence, who returns after {language.silence} tokens. What
each token costs at least is known in closed form: {floor.nats_per_token:.4f} nats, a perplexity of
{floor.perplexity:.2f}. The best n-gram model of {DOCUMENTS * language.length:,} tokens is
{math.exp(losses[best].mean()) / floor.perplexity:.2f} times above. Names are where memory pays: a family name that
follows a known given name is certain to who looks back.
"""
    picture = draw("known", lambda axes: _paint(axes, rows))
    return Finding(
        says,
        {
            "nats per token": floor.nats_per_token,
            "nats per token without memory": forgetful.nats_per_token,
            "nats per token, unigram": unigram,
            **{f"nats per token, order {n}": float(x.mean()) for n, x in losses.items()},
        },
        [
            Grid(["model", "perplexity"], ladder, "The ladder, with a floor"),
            Grid(["class", "tokens", "entropy, bits", "without memory", f"order {best}"], rows, "By class of words"),
        ],
        [Picture(picture, "Bits per token by class: what is in it, and what the best n-gram model pays.")],
    )


def _stream(documents: np.ndarray) -> np.ndarray:
    """Each document a sentence: START, then its tokens, whose numbers begin after the reserved ones."""
    start = np.full((len(documents), 1), START)
    return np.concatenate([start, documents + RESERVED], axis=1).ravel()


def _paint(axes: Any, rows: list[list[Any]]) -> None:
    place = np.arange(len(rows))
    axes.barh(place - 0.2, [row[2] for row in rows], 0.4, label="entropy, exact")
    axes.barh(place + 0.2, [row[4] for row in rows], 0.4, label="the n-gram model")
    axes.set_yticks(place, [row[0] for row in rows])
    axes.invert_yaxis()
    axes.grid(False, axis="y")
    axes.set_xlabel("bits per token")
    axes.legend()


LESSON = Lesson(
    1,
    "a language with a known truth",
    "perplexity has a floor, the entropy of the language; for English nobody knows it.",
    "",
    "python -m lm lecture --only known",
    _measure,
)
