"""Skip-gram: its pairs by brute force, its optimum in closed form, analogies of a text that has them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lm.embeddings.skipgram import kinship, negative_sampling, pairs, skipgram
from lm.errors import LMError


def test_pairs_are_all_neighbours():
    numbers = np.array([3, 1, 4, 1, 5])
    expected = sorted((int(numbers[i]), int(numbers[j])) for i in range(5) for j in range(5) if 0 < abs(i - j) <= 2)
    assert sorted(map(tuple, pairs(numbers, 2).tolist())) == expected


def test_the_optimum_is_pointwise_mutual_information_less_log_k():
    """With all pairs and exact noise the loss is sum p log s(x) + k p p log s(-x); its minimum is at PMI - log k
    (Levy & Goldberg 2014, equation 7)."""
    joint = np.array([[4.0, 2.0, 1.0], [2.0, 1.0, 5.0], [1.0, 5.0, 3.0]])
    joint /= joint.sum()
    p, k = joint.sum(axis=1), 3
    target = torch.from_numpy(np.log(joint / np.outer(p, p)) - np.log(k))
    centre, context = torch.eye(3, dtype=torch.float64), target.T.contiguous().requires_grad_()
    both = torch.cartesian_prod(torch.arange(3), torch.arange(3))
    total = torch.zeros(())
    for pair, weight in zip(both, joint.reshape(-1), strict=True):
        for noise in range(3):
            drawn = torch.full((1, k), noise)
            total = total + weight * p[noise] * negative_sampling(centre, context, pair[None], drawn)
    total.backward()
    assert context.grad.abs().max() < 1e-9


def test_analogies():
    words = skipgram(kinship(2000), width=16, reach=4, epochs=2)
    for a, b, c, d in (("man", "woman", "king", "queen"), ("king", "queen", "waiter", "waitress")):
        assert words.analogy(a, b, c, 1)[0][0] == d
    assert words["king"].shape == (16,)
    assert words.nearest(words["king"], 1)[0] == ("king", pytest.approx(1, abs=1e-5))


def test_words_without_vectors():
    with pytest.raises(LMError, match="1 words that occur 5 times"):
        skipgram(["a"] * 9 + ["b"])
    with pytest.raises(LMError, match="no word 'dragon'"):
        skipgram(["a", "b"] * 9, epochs=1).analogy("a", "b", "dragon")
