"""Maximum likelihood, add-k and interpolation against counting by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm.errors import LMError
from lm.ngrams.add_k import add_k
from lm.ngrams.counts import count_grams
from lm.ngrams.cursor import Cursor
from lm.ngrams.fit import SMOOTHINGS, fit
from lm.ngrams.interpolation import fit_weights, interpolated, with_weights
from lm.ngrams.likelihood import maximum_likelihood
from lm.text.stream import START, Encoder

streams = st.text("abc", min_size=1, max_size=60)


def counts(text: str, context: str, begins: bool) -> Counter[str]:
    """What follows a context in a text; `begins`: only at its very beginning."""
    size = len(context)
    places = [0] if begins else range(len(text) - size + 1)
    return Counter(text[i + size] for i in places if text[i : i + size] == context and i + size < len(text))


def setup(text: str, order: int):
    encoder = Encoder.of(text, "char", "stream")
    return encoder, count_grams(encoder.encode(text), encoder.numbers, order)


@settings(max_examples=60, deadline=None)
@given(streams, st.text("abcd", min_size=1, max_size=20), st.integers(1, 4), st.sampled_from(["mle", "add", "mix"]))
def test_against_counting(text, test, order, kind):
    encoder, orders = setup(text, order)
    weights = np.linspace(0.3, 0.8, order)
    model = {
        "mle": lambda: maximum_likelihood(orders),
        "add": lambda: add_k(orders, 0.3),
        "mix": lambda: with_weights(orders, weights),
    }[kind]()
    types = len(set(text)) + 1

    def p(i: int, n: int) -> float:
        """p_n of test[i]; its context may reach the start of the test text, which matches that of the training text."""
        begins = n - 1 > i
        if n == 0:
            return 1 / types
        context = test[max(0, i - n + 1) : i]
        if n - 1 > i + 1:
            return p(i, n - 1) if kind != "add" else 1 / types
        after = counts(text, context, begins)
        total = sum(after.values())
        if kind == "add":
            return (after[test[i]] + 0.3) / (total + 0.3 * types)
        if not total:
            return p(i, n - 1)
        share = after[test[i]] / total
        return share if kind == "mle" else weights[n - 1] * share + (1 - weights[n - 1]) * p(i, n - 1)

    expected = [p(i, order) for i in range(len(test))]
    assert model.probabilities(encoder.encode(test))[1:] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_every_distribution_sums_to_one(smoothing):
    text = "the cat sat on the mat. the dog sat on the cat. " * 3
    encoder = Encoder.of(text, "char", "stream")
    model = fit(text, encoder, 3, smoothing, 0.5).model
    generator = np.random.default_rng(0)
    for _ in range(50):
        context = generator.integers(0, encoder.numbers, generator.integers(0, 5))
        cursor = Cursor(model)
        for token in context:
            cursor.advance(int(token))
        assert cursor.distribution().sum() == pytest.approx(1, abs=1e-12)
    assert model.nbytes > 0


def test_fitted_weights_are_the_best():
    """No weight moved by a hundredth does better on the held-out text."""
    text = "abracadabra, a cabra; abra cadabra " * 4
    held_out = "cadabra abra, cabracad"
    encoder, orders = setup(text, 3)
    tokens = encoder.encode(held_out)
    weights = fit_weights(orders, tokens)

    def loss(candidate: np.ndarray) -> float:
        return -np.log(with_weights(orders, candidate).probabilities(tokens)).sum()

    best = loss(weights)
    assert -np.log(interpolated(orders, tokens).probabilities(tokens)).sum() == pytest.approx(best)
    for n in range(3):
        for step in (-0.01, 0.01):
            moved = weights.copy()
            moved[n] = np.clip(moved[n] + step, 1e-9, 1 - 1e-9)
            assert loss(moved) >= best - 1e-3


def test_grams_are_counted_within_sentences():
    encoder = Encoder.of("a b\na", "word", "sentence")
    tokens = encoder.encode("a b\na")
    orders = count_grams(tokens, encoder.numbers, 3)
    assert len(orders[1]) == 4  # <s> a (2), a b, b </s>, a </s>
    assert sorted(orders[1].count) == [1, 1, 1, 2]
    assert orders[1].starts.sum() == 1
    assert len(orders[2]) == 3  # <s> a b, a b </s>, <s> a </s>
    assert (orders[2].token != START).all()


def test_bad_input():
    encoder, orders = setup("abc", 2)
    with pytest.raises(LMError, match="order must be at least 1"):
        count_grams(encoder.encode("abc"), encoder.numbers, 0)
    with pytest.raises(LMError, match="k must be above 0, got 0"):
        add_k(orders, 0)
    with pytest.raises(LMError, match="no tokens"):
        count_grams(np.array([START]), 3, 2)
    with pytest.raises(LMError, match="no tokens to predict"):
        fit("abc", encoder, 2, "mkn").bits("")
