"""Attention."""

import torch
from support.chapters import Mistake


def attention(q, k, v):
    return torch.nn.functional.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0]


def weights(q, k, v):
    """Attention weights: attention to the identity matrix."""
    return attention(q, k, torch.eye(len(q), dtype=q.dtype))


TORCH = {
    "attention-scores": lambda q, k, v: (attention(q, k, v), weights(q, k, v)),
    "attention-streaming": attention,
    "attention-tiled": attention,
}

MISTAKES = [
    Mistake("attention-scores", (("range(i + 1)", "range(t)"),), "result"),
    Mistake("attention-streaming", (("range(i + 1)", "range(t)"),), "result"),
    Mistake("attention-streaming", (("sums[e] * shrink", "sums[e]"),), "result"),
    Mistake("attention-tiled", (("min(first + tile, i + 1, t)", "min(first + tile, t)"),), "result"),
]
