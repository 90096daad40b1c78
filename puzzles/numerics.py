"""Inputs and float64 references that several puzzles share."""

from __future__ import annotations

import numpy as np

from puzzles.spec import Array, Size


def far_from_zero(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Rows with values around +1000 or -1000: their exponentials leave the range even of float64.

    One element of each row, the first in every other, lies 200 below the rest: only the maximum is a safe shift.
    """
    centre = rng.choice([-1000.0, 1000.0], size=(*shape[:-1], 1))
    values = centre + 2 * rng.standard_normal(shape)
    if shape[-1] > 1:
        low = rng.integers(shape[-1], size=shape[:-1]) * rng.integers(2, size=shape[:-1])
        np.put_along_axis(values, low[..., None], centre - 200, axis=-1)
    return values


def shifted_keys(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Keys that share a large component.

    It moves all scores of a query together, by around 70, which softmax ignores and a bare exp does not
    survive.
    """
    common = np.zeros(shape[-1])
    common[0] = 200.0
    return common + rng.standard_normal(shape)


def drawn_tokens(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Token numbers from 0 to v - 1, where v is the size's vocabulary."""
    return rng.integers(size["v"], size=shape)


def softmax(x: Array) -> Array:
    """exp(x) / sum(exp(x)) along the last axis, shifted by the maximum for stability."""
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def causal_weights(q: Array, k: Array) -> Array:
    """softmax(Q K^T / sqrt(d)) over keys no later than the query (Vaswani et al., 2017, section 3.2.1).

    q, k: (t, d). Returns (t, t); row i is zero beyond column i.
    """
    scores = q @ k.T / np.sqrt(q.shape[1])
    return softmax(np.where(np.tri(len(q), dtype=bool), scores, -np.inf))


def causal_attention(q: Array, k: Array, v: Array) -> Array:
    """Each query's weighted mean of the values up to it: (t, d) three times to (t, d)."""
    return np.asarray(causal_weights(q, k) @ v)
