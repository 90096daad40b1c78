"""Bits of a text by unit; perplexity of the whole."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lm.perplexity import Bits, perplexity

TACO_BELL = ("Taco Bell", "Tacobell")


def test_bits_by_unit():
    bits = Bits.of(np.array([0.5, 0.25, 0.125]), "naïve idea")
    assert (bits.total, bits.tokens, bits.words, bits.characters, bits.bytes) == (6, 3, 2, 10, 11)
    assert bits.perplexity == 4
    assert [bits.per(unit) for unit in ("token", "word", "character", "byte")] == [2, 3, 0.6, 6 / 11]


def test_the_whole_is_one_text():
    """Never a mean of perplexities: two texts of 1 and 3 tokens."""
    p = np.array([1 / 16, 1, 1, 1])
    assert Bits.of(p, "").perplexity == 2
    assert np.mean([Bits.of(p[:1], "").perplexity, Bits.of(p[1:], "").perplexity]) == 8.5


def test_total_bits_reconcile_tokenisers():
    """The same text as 9 letters or as 2 words: equal bits in all and a letter, at different perplexities."""
    text = TACO_BELL[0]
    letters, words = Bits.of(np.full(9, 0.5), text), Bits.of(np.array([2.0**-5, 2.0**-4]), text)
    assert letters.total == words.total == 9
    assert letters.per("character") == words.per("character") == 1
    assert letters.perplexity == 2
    assert words.perplexity == pytest.approx(2**4.5)


def test_extremes():
    assert Bits.of([1.0, 0.0], "ab").perplexity == math.inf
    assert Bits.of([1.0], "ab").perplexity == 1
    assert math.isnan(Bits.of([0.5], "").per("word"))
    assert perplexity([math.log(4)]) == pytest.approx(4)
