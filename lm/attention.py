"""Attention: each position averages the values of the positions whose keys match its query.

    attention(Q, K, V) = softmax(Q K^T / sqrt(d) + mask) V

Vaswani et al. 2017, "Attention Is All You Need", equation 1.  The causal mask (section 3.2.3) is 0 where
a key's position is at most the query's and -infinity elsewhere.  Letters in the comments: B sequences,
T positions, H heads, G heads of keys and values, d channels of a head.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def softmax(x: Tensor) -> Tensor:
    """exp(x - max x) / sum exp(x - max x) over the last axis; the maximum keeps exp from overflowing."""
    return torch.softmax(x, dim=-1)  # [..., n]


def causal_mask(queries: int, keys: int | None = None) -> Tensor:
    """[queries, keys]: 0 where a query may look, -infinity elsewhere; the last query is at the last key.

    `keys` is as many as queries unless told otherwise: then 0 on and below the diagonal, -infinity above it.
    """
    keys = queries if keys is None else keys
    return torch.full((queries, keys), -math.inf).triu(1 + keys - queries)


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """[..., T, d], [..., S, d], [..., S, d], [T, S] -> [..., T, d]; no mask: every query sees every key."""
    scores = (q / math.sqrt(q.shape[-1])) @ k.transpose(-1, -2)  # [..., T, S]
    return softmax(scores if mask is None else scores + mask.to(scores.dtype)) @ v


def split_heads(x: Tensor, heads: int) -> Tensor:
    """[B, T, H d] -> [B, H, T, d]: head h has channels h d to (h + 1) d."""
    b, t, d = x.shape
    return x.view(b, t, heads, d // heads).transpose(1, 2)


def merge_heads(x: Tensor) -> Tensor:
    """[B, H, T, d] -> [B, T, H d], the inverse of `split_heads`."""
    b, h, t, d = x.shape
    return x.transpose(1, 2).reshape(b, t, h * d)


def share_heads(x: Tensor, heads: int) -> Tensor:
    """[B, G, T, d] -> [B, H, T, d]: each head of keys or values for H / G heads of queries in a row.

    Grouped-query attention (Ainslie et al. 2023, section 2.2); multi-query attention (Shazeer 2019) is G = 1.
    """
    return x if x.shape[1] == heads else x.repeat_interleave(heads // x.shape[1], dim=1)
