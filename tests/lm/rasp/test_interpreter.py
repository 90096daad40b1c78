"""The language and its interpreter: what selects what, what comes of it, and errors that say where."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lm.rasp.interpreter import Interpreter, run
from lm.rasp.language import RaspError, Undefined, apply, constant, indices, lookup, text, tokens, where
from lm.rasp.selectors import (
    aggregate,
    before,
    describe,
    everything,
    key,
    length,
    query,
    select,
    selector_width,
)


def test_elementwise():
    assert run(indices + 1, "abc") == [1, 2, 3]
    assert run(-indices, "abc") == [0, -1, -2]
    assert run(10 - indices, "abc") == [10, 9, 8]
    assert run(indices * 2 - indices, "abc") == [0, 1, 2]
    assert run(indices / 2, "abc") == [0, Fraction(1, 2), 1]
    assert run((7 * indices) % 4, "abc") == [0, 3, 2]
    assert run((7 * indices) // 4, "abc") == [0, 1, 3]
    assert run((tokens == "a") | ~(indices < 2), "abc") == [True, False, True]
    assert run(where(tokens != "b", tokens, "-"), "abc") == ["a", "-", "c"]
    assert run(lookup({"a": 1}, tokens, 0), "abc") == [1, 0, 0]
    assert run(apply(lambda a, b: f"{a}{b}", tokens, indices), "ab") == ["a0", "b1"]
    assert run(constant("x"), "ab") == ["x", "x"]
    assert run(indices.named("place"), "ab") == [0, 1]


def test_selectors_are_matrices_of_queries_and_keys():
    matrix = Interpreter("aba").matrix(key(tokens) == query(tokens))
    np.testing.assert_array_equal(matrix, [[1, 0, 1], [0, 1, 0], [1, 0, 1]])
    later = Interpreter("abc").matrix(key(indices) > query(indices))
    np.testing.assert_array_equal(later, [[0, 1, 1], [0, 0, 1], [0, 0, 0]])
    np.testing.assert_array_equal(Interpreter("abc").matrix(query(indices) < key(indices)), later)
    np.testing.assert_array_equal(Interpreter("abc").matrix(~(key(indices) <= query(indices))), later)
    np.testing.assert_array_equal(Interpreter("abc").matrix(key(indices) >= query(indices) + 1), later)
    np.testing.assert_array_equal(Interpreter("abc", causal=True).matrix(everything), np.tri(3))
    either = Interpreter("abc").matrix((key(indices) > query(indices)) | key(tokens == "a"))
    np.testing.assert_array_equal(either, [[1, 1, 1], [1, 0, 1], [1, 0, 0]])
    one = Interpreter("abca").matrix((key(tokens) == query(tokens)).best(indices))
    np.testing.assert_array_equal(one, [[0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])


def test_aggregates():
    vowels = key(tokens == "a")
    assert run(vowels.mean(indices), "baa") == [Fraction(3, 2)] * 3
    assert run(vowels.value(indices), "baa") == [Fraction(3, 2)] * 3
    assert run(vowels.sum(indices), "baa") == [3, 3, 3]
    assert run(vowels.count(), "baa") == [2, 2, 2]
    assert run(vowels.value(tokens), "baa") == ["a", "a", "a"]
    assert run(vowels.mean(indices, -1), "bbb") == [-1] * 3
    assert run(vowels.only(indices, "none"), "bab") == [1, 1, 1]
    assert run(vowels.only(indices, "none"), "bbb") == ["none"] * 3
    assert run(length, "abc") == [3, 3, 3]
    assert run(length, "abc", causal=True) == [1, 2, 3]


def test_rasps_own_names():
    same = select(tokens, tokens, lambda k, q: k == q)
    assert run(selector_width(same), "aba") == [2, 1, 2]
    assert run(aggregate(select(indices, indices, lambda k, q: k == q - 1), tokens, "-"), "abc") == ["-", "a", "b"]


def test_the_docstrings_of_selectors_are_formulas():
    assert describe(key(tokens == "a") | ~key(indices == 0)) == "(key(tokens == a) or not (key(indices == 0)))"
    assert describe(everything.best(-indices)) == "everything, the best by - indices"
    selector = (key(tokens) == query(tokens)) & before()
    assert describe(selector) == "key(tokens) == query(tokens) and key(indices) < query(indices)"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (everything.value(tokens), "symbols have no mean: a, b; select one with best"),
        (everything.only(indices), "their values differ: 0, 1; select one with best"),
        (apply(lambda i: 1 // i, indices, label="inverse"), "'inverse' has no result at position 0"),
        (lookup({"a": 1}, tokens) + 1, "has no result at position 1, for ·"),
        (everything.best(tokens).value(indices), "needs numbers as scores and got 'a'"),
    ],
)
def test_no_meaning(program, message):
    with pytest.raises(RaspError, match=message):
        run(program, "ab")


def test_sequences_and_selectors_have_no_truth_value():
    with pytest.raises(RaspError, match="use where"):
        bool(tokens == "a")
    with pytest.raises(RaspError, match="combine selectors"):
        bool(key(tokens) == "a")
    with pytest.raises(RaspError, match=r"compared with key\(x\), query\(x\) or a constant"):
        key(indices) == indices  # noqa: B015


def test_undefined_is_for_functions():
    def half(n):
        if n % 2:
            raise Undefined("odd")
        return n // 2

    with pytest.raises(RaspError, match="'half' has no result at position 1, for 1: odd"):
        run(apply(half, indices), "ab")


def test_symbols_of_values():
    assert [text(v) for v in (None, True, 3, Fraction(1, 3), "a")] == ["·", "1", "3", "1/3", "a"]
