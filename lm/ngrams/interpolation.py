"""Linear interpolation (Jelinek & Mercer 1980): each length has a weight, fitted on text that was not counted.

    p_n(w | h) = weight_n c(h w) / c(h .) + (1 - weight_n) p_{n-1}(w | h')

and p_n = p_{n-1} where h never occurred.  The weights maximise the likelihood of the held-out text, by expectation
maximisation: each held-out token was drawn by one of the lengths; a weight becomes the share of the draws that its
length made among those that came down to it, and never quite one, so that no token becomes impossible.
"""

from __future__ import annotations

import numpy as np

from lm.ngrams.backoff import BackoffModel, Level
from lm.ngrams.counts import Grams
from lm.ngrams.likelihood import maximum_likelihood, relative, unseen
from lm.text.stream import START

ROUNDS = 100
ENOUGH = 1e-5
MOST = 1 - 1e-6


def interpolated(orders: list[Grams], held_out: np.ndarray) -> BackoffModel:
    """The model with weights for `held_out`, int [N] tokens that begin with START."""
    return with_weights(orders, fit_weights(orders, held_out))


def with_weights(orders: list[Grams], weights: np.ndarray) -> BackoffModel:
    """The model with given weights, float64 [order]."""
    levels = []
    for grams, weight in zip(orders, weights, strict=True):
        never = unseen(grams)
        levels.append(Level(grams, weight * relative(grams), (1 - weight) * (1 - never) + never))
    return BackoffModel(levels)


def fit_weights(orders: list[Grams], held_out: np.ndarray) -> np.ndarray:
    """float64 [order]: the weights of greatest likelihood."""
    likelihood = maximum_likelihood(orders)
    alone = likelihood.ladder(held_out)[:, held_out != START]  # each length's own answer, or a shorter one's
    answers = _answers(likelihood, held_out)[:, held_out != START]
    weights = np.full(len(orders), 0.5)
    for _ in range(ROUNDS):
        before = weights
        mixed = [alone[0]]  # p_0, p_1, ...
        for n, weight in enumerate(weights):
            mixed.append(np.where(answers[n], weight * alone[n + 1] + (1 - weight) * mixed[n], mixed[n]))
        reached = np.ones(alone.shape[1])  # the chance that the draw came down to this length
        weights = np.empty(len(orders))
        for n in reversed(range(len(orders))):
            own = np.where(answers[n], before[n] * alone[n + 1], 0) / mixed[n + 1]
            draws, visits = reached @ own, reached @ answers[n]
            weights[n] = min(draws / visits, MOST) if visits else 0.0
            reached = reached * (1 - own)
        if np.abs(weights - before).max() < ENOUGH:
            break
    return weights


def _answers(model: BackoffModel, tokens: np.ndarray) -> np.ndarray:
    """bool [order, N]: the length has seen this token's context."""
    never = [Level(x.grams, np.zeros_like(x.own), np.where(x.rest == 1, 1.0, 0.5)) for x in model.levels]
    halved = BackoffModel(never).ladder(tokens)
    with np.errstate(invalid="ignore", divide="ignore"):
        return halved[1:] < halved[:-1]
