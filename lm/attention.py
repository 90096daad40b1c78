"""Attention: each position averages the values of the positions whose keys match its query.

    attention(Q, K, V) = softmax(Q K^T / sqrt(d) + mask) V

Vaswani et al. 2017, "Attention Is All You Need", equation 1.  The causal mask (section 3.2.3) is 0 where
a key's position is at most the query's and -infinity elsewhere.  Letters in the comments: B sequences,
T positions, H heads, d channels of a head, D = H d channels in all.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def softmax(x: Tensor) -> Tensor:
    """exp(x - max x) / sum exp(x - max x) over the last axis; the maximum keeps exp from overflowing."""
    e = torch.exp(x - x.amax(dim=-1, keepdim=True))  # [..., n]
    return e / e.sum(dim=-1, keepdim=True)


def causal_mask(t: int) -> Tensor:
    """[T, T]: 0 on and below the diagonal, -infinity above it."""
    return torch.full((t, t), -math.inf).triu(1)


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """[..., T, d], [..., T, d], [..., T, d], [T, T] -> [..., T, d]."""
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])  # [..., T, T]
    return softmax(scores + mask) @ v


def split_heads(x: Tensor, heads: int) -> Tensor:
    """[B, T, D] -> [B, H, T, d]: head h has channels h d to (h + 1) d."""
    b, t, d = x.shape
    return x.view(b, t, heads, d // heads).transpose(1, 2)


def merge_heads(x: Tensor) -> Tensor:
    """[B, H, T, d] -> [B, T, D], the inverse of `split_heads`."""
    b, h, t, d = x.shape
    return x.transpose(1, 2).reshape(b, t, h * d)
