"""Models that perplexity misjudges: formulas against simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lm.perplexity import Bits
from lm.scrutiny.parables import OneArticle, overconfident_bits


def test_an_overconfident_model_is_worse_than_uniform():
    """95 % right, and worse than knowing nothing; honest about its 5 %, far better."""
    assert overconfident_bits(0.95, 1e-60, 100) > math.log2(100)
    honest = overconfident_bits(0.95, 0.05, 100)
    assert honest < 1
    for slack in (0.04, 0.06):
        assert overconfident_bits(0.95, slack, 100) > honest


def test_overconfidence_against_simulation():
    right = np.random.default_rng(0).random(20_000) < 0.8
    p = np.where(right, 1 - 1e-3, 1e-3 / 9)
    assert overconfident_bits(right.mean(), 1e-3, 10) == pytest.approx(-np.log2(p).mean())


def test_the_one_article_model():
    article, other = np.random.default_rng(0).integers(0, 50, (2, 200))
    model = OneArticle(article, 50)
    assert (model.write(200) == article).all()
    own, strange = (Bits.of(model.probabilities(text), "") for text in (article, other))
    assert own.perplexity == pytest.approx(1, abs=1e-3)
    assert strange.per("token") > math.log2(50)
    assert strange.per("token") == pytest.approx(math.log2(50 / model.slack), rel=0.05)


def test_the_one_article_model_sums_to_one():
    model = OneArticle(np.array([2, 0, 1]), 4, slack=0.1)
    for i in range(5):
        total = 0.0
        for symbol in range(4):
            text = np.append(model.write(i), symbol)
            total += model.probabilities(text)[-1]
        assert total == pytest.approx(1)
