"""Perplexity in closed form, and n-gram models against counting by brute force."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lm import ngram
from lm.perplexity import perplexity

sequences = st.lists(st.integers(0, 4), min_size=2, max_size=60).map(lambda x: np.array(x, np.int32))
alphas = st.floats(0.01, 5)


@pytest.mark.parametrize("vocabulary", [1, 2, 96])
def test_a_uniform_models_perplexity_is_the_size_of_its_vocabulary(vocabulary):
    numbers = np.random.default_rng(0).integers(0, vocabulary, 50)
    losses = ngram.negative_log_likelihoods(ngram.uniform(vocabulary), numbers)
    assert len(losses) == 49
    assert perplexity(losses) == pytest.approx(vocabulary)


def test_perplexity_of_known_probabilities():
    """(1/2 1/4 1/8)^(-1/3) = 4."""
    assert perplexity(-np.log([1 / 2, 1 / 4, 1 / 8])) == pytest.approx(4)
    assert perplexity([0.0, 0.0]) == 1


def test_perplexity_of_nothing():
    with pytest.raises(ValueError, match="at least one"):
        perplexity([])


@given(sequences, alphas)
def test_bigram_against_brute_force(numbers, alpha):
    model = ngram.bigram(ngram.count_bigrams(numbers, 5), alpha)
    text = numbers.tolist()
    for a in range(5):
        for b in range(5):
            pairs = sum(1 for x, y in pairwise(text) if (x, y) == (a, b))
            firsts = sum(1 for x in text[:-1] if x == a)
            assert model[a, b] == pytest.approx((pairs + alpha) / (firsts + alpha * 5))


@given(sequences, alphas)
def test_unigram_against_brute_force(numbers, alpha):
    model = ngram.unigram(ngram.count_bigrams(numbers, 5), alpha)
    counts = Counter(numbers[1:].tolist())
    for b in range(5):
        expected = (counts[b] + alpha) / (len(numbers) - 1 + alpha * 5)
        assert model[:, b] == pytest.approx([expected] * 5)


@given(sequences, alphas)
def test_every_distribution_sums_to_one(numbers, alpha):
    bigrams = ngram.count_bigrams(numbers, 5)
    for model in (ngram.uniform(5), ngram.unigram(bigrams, alpha), ngram.bigram(bigrams, alpha)):
        assert model.sum(axis=1) == pytest.approx(np.ones(5))


def test_each_model_is_better_than_the_simpler_one_on_its_own_text():
    numbers = np.array([0, 1, 0, 1, 2, 0, 1, 0, 1, 2] * 20, np.int32)
    bigrams = ngram.count_bigrams(numbers, 3)
    models = ngram.uniform(3), ngram.unigram(bigrams), ngram.bigram(bigrams)
    results = [perplexity(ngram.negative_log_likelihoods(m, numbers)) for m in models]
    assert results == sorted(results, reverse=True)
    assert results[-1] > 1


def test_a_bigram_model_of_a_cycle_is_almost_certain():
    numbers = np.arange(3000, dtype=np.int32) % 3
    model = ngram.bigram(ngram.count_bigrams(numbers, 3), 1e-9)
    assert perplexity(ngram.negative_log_likelihoods(model, numbers)) == pytest.approx(1, abs=1e-6)
    assert math.isclose(model[0, 1], 1, abs_tol=1e-9)
