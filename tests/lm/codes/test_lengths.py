"""Shannon lengths, Kraft's sum, canonical words and Huffman's tree against brute force."""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lm.codes.huffman import huffman, huffman_lengths
from lm.codes.lengths import code_words, cross_entropy, entropy, kraft_sum, shannon_lengths

weights = st.lists(st.integers(1, 50), min_size=2, max_size=5)


def is_prefix_free(words: list[str]) -> bool:
    return not any(a.startswith(b) or b.startswith(a) for a, b in combinations(words, 2))


@given(weights)
def test_shannon_lengths_are_a_code_within_a_bit_of_the_entropy(counts):
    p = np.array(counts) / sum(counts)
    lengths = shannon_lengths(p)
    assert lengths.tolist() == [math.ceil(math.log2(sum(counts) / c) - 1e-12) for c in counts]
    assert kraft_sum(lengths) <= 1
    words = code_words(lengths)
    assert [len(word) for word in words] == lengths.tolist()
    assert is_prefix_free(words)
    assert entropy(p) <= p @ lengths + 1e-12 < entropy(p) + 1


def test_shannon_lengths_of_powers_of_two_are_exact():
    assert shannon_lengths(np.array([1, 0.5, 0.25, 2.0**-40])).tolist() == [0, 1, 2, 40]


@given(weights)
def test_huffman_is_the_best_code(counts):
    """Against every assignment of lengths that satisfies Kraft's inequality."""
    p = np.array(counts, float)
    tree = huffman(p)
    words = [tree.words()[symbol] for symbol in range(len(p))]
    assert is_prefix_free(words)
    lengths = huffman_lengths(p)
    assert kraft_sum(lengths) == 1
    best = min(p @ np.array(c) for c in product(range(1, len(p)), repeat=len(p)) if kraft_sum(np.array(c)) <= 1)
    assert p @ lengths == best


def test_huffman_by_hand():
    tree = huffman(np.array([0.6, 0.3, 0.1]))
    assert tree.words() == {0: "0", 1: "10", 2: "11"}
    assert tree.draw("abc").splitlines() == [
        "1.000",
        "├─0 0.600 a  0",
        "└─1 0.400",
        "   ├─0 0.300 b  10",
        "   └─1 0.100 c  11",
    ]
    assert huffman_lengths(np.array([1.0])).tolist() == [0]


def test_entropy_and_cross_entropy():
    p, q = np.array([0.5, 0.5, 0]), np.array([0.25, 0.25, 0.5])
    assert entropy(p) == 1
    assert cross_entropy(p, p) == 1
    assert cross_entropy(p, q) == 2
    assert cross_entropy(q, p) == math.inf


def test_lengths_of_no_code():
    with pytest.raises(ValueError, match=r"Kraft sum is 1\.5"):
        code_words(np.array([1, 1, 1]))
