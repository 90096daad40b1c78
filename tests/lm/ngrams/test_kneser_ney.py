"""Modified Kneser-Ney against a brute force that shares no code, on random sentences and on English."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lm_brute_force import BEGIN, BruteForce

from lm.corpus import builtin
from lm.ngrams.backoff import BackoffModel
from lm.ngrams.counts import count_grams
from lm.ngrams.cursor import Cursor
from lm.ngrams.kneser_ney import adjusted_counts, discounts, kneser_ney
from lm.text.stream import END, START, Encoder

sentences = st.lists(st.lists(st.sampled_from("abcde"), max_size=12), min_size=1, max_size=12)


def lines_of(text: str) -> list[list[str]]:
    return [[*line.split(), "</s>"] for line in text.split("\n")]


def after(model: BackoffModel, context: Sequence[int]) -> np.ndarray:
    cursor = Cursor(model)
    for token in context:
        cursor.advance(token)
    return cursor.distribution()


def compare(train: str, test: str, order: int) -> None:
    """Every token of the test text, in sentence mode."""
    encoder = Encoder.of(train, "word", "sentence")
    model = kneser_ney(count_grams(encoder.encode(train + "\n"), encoder.numbers, order))
    brute = BruteForce(lines_of(train), order)
    tokens = encoder.encode(test + "\n")
    expected = []
    for sentence in lines_of(test):
        context: tuple = (BEGIN,)
        for token in sentence:
            known = token if token in brute.types else object()
            expected.append(brute.p(known, context))
            context = (*context, known)
    found = model.probabilities(tokens)[tokens != START]
    assert found == pytest.approx(expected, rel=1e-9)


@settings(max_examples=80, deadline=None)
@given(sentences, sentences, st.integers(1, 5))
def test_random_sentences(train, test, order):
    if not any(train):
        train = [*train, ["a"]]
    compare("\n".join(" ".join(s) for s in train), "\n".join(" ".join([*s, "z"]) for s in test), order)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_english(order):
    """Enough text for discounts by formula at every length; the held-out text has words that training lacks."""
    split = builtin()
    train, test = split.train[:30_000], split.held_out[:1500]
    encoder = Encoder.of(train, "word", "sentence")
    for adjusted in adjusted_counts(count_grams(encoder.encode(train), encoder.numbers, order)):
        assert tuple(discounts(adjusted)[1:]) != (0.5, 1.0, 1.5)
    compare(train, test, order)


def test_a_stream_of_characters():
    split = builtin()
    train, test = split.train[:4000], split.held_out[:400]
    encoder = Encoder.of(train, "char", "stream")
    model = kneser_ney(count_grams(encoder.encode(train), encoder.numbers, 4))
    brute = BruteForce([list(train)], 4)
    expected = []
    for i, c in enumerate(test):
        expected.append(brute.p(c, tuple([BEGIN, *test[:i]][-3:])))
    assert model.probabilities(encoder.encode(test))[1:] == pytest.approx(expected, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(sentences, st.lists(st.integers(0, 8), max_size=6), st.integers(1, 4))
def test_distributions_sum_to_one(train, context, order):
    text = "\n".join(" ".join(s) for s in [*train, ["a"]])
    encoder = Encoder.of(text, "word", "sentence")
    model = kneser_ney(count_grams(encoder.encode(text), encoder.numbers, order))
    context = [START] + [token for token in context if token not in (START, END) and token < encoder.numbers]
    p = after(model, context)
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert p[START] == 0
    assert (np.delete(p, START) > 0).all()
    for token in range(encoder.numbers):
        if token != START:
            whole = np.array([*context, token])
            assert model.probabilities(whole)[-1] == pytest.approx(p[token], rel=1e-12)


def test_discounts_by_hand():
    """t = 8, 4, 2, 1: Y = 1/2, D(j) = j - (j + 1) / 2 * 1/2."""
    adjusted = np.array([1] * 8 + [2] * 4 + [3] * 2 + [4] + [9])
    assert discounts(adjusted) == pytest.approx([0, 0.5, 1.25, 2.0])
    assert discounts(np.array([1, 1, 2])) == pytest.approx([0, 0.5, 1, 1.5])


def test_discounts_at_their_border():
    """t = 4, 3, 5, 5: Y = 2/5, D(2) = 2 - 3 * 2/5 * 5/3 = 0 in spite of rounding; one more of three is below 0."""
    assert discounts(np.repeat([1, 2, 3, 4], [4, 3, 5, 5])) == pytest.approx([0, 0.4, 0, 1.4], abs=1e-12)
    assert discounts(np.repeat([1, 2, 3, 4], [4, 3, 6, 5])).tolist() == [0, 0.5, 1, 1.5]


def test_a_discount_of_zero_leaves_no_context_with_nothing():
    """Of bigrams t = 4, 1, 1, 1: D(2) = 0, and `c` is followed by `a` only, twice."""
    encoder = Encoder.of("caabaaaabcabb", "char", "stream")
    orders = count_grams(encoder.encode("caabaaaabcabb"), encoder.numbers, 2)
    assert discounts(orders[1].count)[2] == 0
    assert (kneser_ney(orders).levels[1].rest > 0).all()


def test_a_literal_unknown_is_an_ordinary_word():
    encoder = Encoder.of("<unk> a <unk> </s> <s>", "word", "sentence")
    assert encoder.types == 5  # four words and the end
    tokens = encoder.encode("<unk> b\n")
    assert tokens[0] == START
    assert tokens[1] > END
    assert tokens[2] == 0
    assert tokens[3] == END
