"""The steps of training in NumPy: the loss, its derivatives by the chain rule, and Adam."""

from collections.abc import Mapping

import numpy as np

from puzzles.numerics import causal_weights, softmax
from puzzles.spec import Array, Size

RATE, BETA1, BETA2, EPS = 0.03, 0.9, 0.99, 1e-5
"""Adam's, as the task has them."""


def initial(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Normal numbers of variance 1 / d: products then are of the size of their factors.

    Of small models they lie within 0.8 of 0, so that no loss is so near 0 that rounding is all of it.
    """
    weights = rng.standard_normal(shape) / np.sqrt(size["d"])
    return np.asarray(weights if size["d"] > 8 else np.clip(weights, -0.8, 0.8))


def trained(weights: Array, means: Array, squares: Array, text: Array) -> tuple[Array, Array, Array, Array]:
    """(losses, weights, means, squares) after a step of Adam for each row of `text` (Kingma and Ba, 2015)."""
    losses = []
    for step, row in enumerate(text):
        loss, gradients = loss_and_gradients(weights, row)
        losses.append(loss)
        means = BETA1 * means + (1 - BETA1) * gradients
        squares = BETA2 * squares + (1 - BETA2) * gradients**2
        mean, square = means / (1 - BETA1 ** (step + 1)), squares / (1 - BETA2 ** (step + 1))
        weights = weights - RATE * mean / (np.sqrt(square) + EPS)
    return np.array(losses), weights, means, squares


def loss_and_gradients(weights: Array, text: Array) -> tuple[float, Array]:
    """The mean loss of text[1:] and its derivative for all weights, by the chain rule, step by step backwards."""
    t, d = len(text) - 1, weights.shape[1]
    vocabulary = len(weights) - t - 4 * d
    inputs, targets = text[:-1], text[1:]
    token, position, wq, wk, wv, wo = np.split(weights, np.cumsum([vocabulary, t, d, d, d]))
    x = token[inputs] + position
    q, k, v = x @ wq, x @ wk, x @ wv
    p = causal_weights(q, k)
    mixed = p @ v
    h = x + mixed @ wo
    dlogits = softmax(h @ token.T)
    loss = float(-np.log(dlogits[np.arange(t), targets]).mean())

    dlogits[np.arange(t), targets] -= 1
    dlogits /= t
    dh = dlogits @ token
    dmixed = dh @ wo.T
    dp = dmixed @ v.T
    ds = p * (dp - (dp * p).sum(axis=1, keepdims=True)) / np.sqrt(d)
    dq, dk, dv = ds @ k, ds.T @ q, p.T @ dmixed
    dx = dh + dq @ wq.T + dk @ wk.T + dv @ wv.T
    dtoken = dlogits.T @ h
    np.add.at(dtoken, inputs, dx)
    return loss, np.concatenate([dtoken, dx, x.T @ dq, x.T @ dk, x.T @ dv, mixed.T @ dh])


def told(results: Mapping[str, Array], expected: Mapping[str, Array]) -> str:
    """The losses of the learner's kernels, and how far they are from the reference's, which are PyTorch's."""
    losses = " ".join(f"{loss:.4f}" for loss in results["losses"])
    off = np.abs(results["losses"] - expected["losses"]).max()
    return f"losses on your kernels: {losses}; PyTorch's differ by at most {off:.0e}"
