"""The forward pass of a transformer in NumPy, and what a verdict says of it."""

from collections.abc import Mapping

import numpy as np

from puzzles.numerics import causal_attention, softmax
from puzzles.spec import Array

EPS = 1e-5
"""Of the norms, under the root."""


def rms_norm(x: Array, gain: Array) -> Array:
    """Zhang and Sennrich, "Root Mean Square Layer Normalization" (2019), equation 4, with EPS inside the root."""
    return np.asarray(x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + EPS) * gain)


def rotated(x: Array, cosine: Array, sine: Array) -> Array:
    """Su et al., "RoFormer" (2021), equation 34, for the pairs (c, c + half).  [t, heads, 2 half]"""
    a, b = np.split(x, 2, axis=-1)
    c, s = cosine[:, None], sine[:, None]
    return np.concatenate([a * c - b * s, a * s + b * c], axis=-1)


def forward(
    text: Array,
    token: Array,
    projections: Array,
    widening: Array,
    narrowing: Array,
    head: Array,
    gains: Array,
    head_gains: Array,
    cosine: Array,
    sine: Array,
) -> tuple[Array, Array]:
    """The model of `lm.transformer` in its "modern" setting: (perplexity of text[1:], the loss of each character)."""
    t, width = len(text) - 1, head_gains.shape[1]
    x = token[text[:-1]]
    for layer in range(len(widening)):
        normed = rms_norm(x, gains[2 * layer])
        q, k, v = ((normed @ projections[4 * layer + n]).reshape(t, -1, width) for n in range(3))
        q = rotated(rms_norm(q, head_gains[2 * layer]), cosine, sine)
        k = rotated(rms_norm(k, head_gains[2 * layer + 1]), cosine, sine)
        mixed = [causal_attention(q[:, h], k[:, h], v[:, h]) for h in range(q.shape[1])]
        x = x + np.concatenate(mixed, axis=1) @ projections[4 * layer + 3]
        hidden = rms_norm(x, gains[2 * layer + 1]) @ widening[layer]
        x = x + np.maximum(hidden, 0) ** 2 @ narrowing[layer]
    logits = rms_norm(x, gains[-1]) @ head[0]
    losses = -np.log(softmax(logits)[np.arange(t), text[1:]])
    return np.exp(losses.mean(keepdims=True)), losses


def told(results: Mapping[str, Array], expected: Mapping[str, Array]) -> str:
    """The perplexity of the learner's kernels and of the reference, which is PyTorch's to nine digits."""
    mine, its = float(results["result"][0]), float(expected["result"][0])
    return f"perplexity {mine:.4f} on your kernels, {its:.4f} in float64 as PyTorch has it ({mine - its:+.1e})"
