"""The suffix array and the unbounded model against searching the text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm.ngrams.suffix_array import suffix_array
from lm.ngrams.unbounded import LONGEST, Unbounded, fit_weights, mixture
from lm.text.stream import END, START

lines = st.lists(st.lists(st.integers(3, 5), max_size=12), min_size=1, max_size=4)


@given(st.lists(st.integers(0, 3), max_size=40))
def test_suffix_array(values):
    expected = sorted(range(len(values)), key=lambda i: values[i:])
    assert suffix_array(np.array(values, np.int64)).tolist() == expected


def occurrences(text: list[int], gram: list[int]) -> int:
    return sum(text[i : i + len(gram)] == gram for i in range(len(text) - len(gram) + 1))


@settings(deadline=None)
@given(lines, lines)
def test_against_searching(train, test):
    text = [t for line in train for t in (START, *line, END)]
    tokens = [t for line in test for t in (START, *line, END)]
    p, length = Unbounded(np.array(text)).probabilities(np.array(tokens))
    for i, token in enumerate(tokens):
        if token == START:
            assert (p[i], length[i]) == (1, 0)
            continue
        begin = max(k for k in range(i) if tokens[k] == START)
        for first in range(begin, i + 1):
            context = tokens[first:i]
            followed = sum(occurrences(text, [*context, t]) for t in (END, 3, 4, 5))
            if followed:
                break
        assert length[i] == len(context)
        assert p[i] == pytest.approx(occurrences(text, [*context, token]) / followed)


def test_a_stream_ends_without_an_end():
    """The last token has nothing after it: it is no context."""
    p, length = Unbounded(np.array([START, 3, 4])).probabilities(np.array([START, 4, 3, 4]))
    assert length.tolist() == [0, 1, 0, 1]
    assert p.tolist() == [1, 0, 0.5, 1]


def test_the_mixture_is_never_worse_on_the_text_that_fitted_it():
    generator = np.random.default_rng(0)
    text = np.concatenate([[START], generator.integers(3, 6, 300)])
    held_out = np.concatenate([[START], generator.integers(3, 6, 100), text[20:80]])
    p, length = Unbounded(text).probabilities(held_out)
    smoothed = np.full(len(held_out), 1 / 3)
    weights = fit_weights(p, length, smoothed)
    mixed = mixture(weights, p, length, smoothed)
    assert weights.shape == (LONGEST + 1,)
    assert -np.log(mixed).sum() < -np.log(smoothed).sum()
