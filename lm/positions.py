"""Positions: how attention, which sums over positions in any order, learns where a token stands.

    sinusoidal   p(t)_{2i} = sin(t / 10000^(2i / D)),  p(t)_{2i+1} = cos(t / 10000^(2i / D))
    rotary       (x_i, x_{i + d/2}) turned by the angle t / 10000^(2i / d)

Vaswani et al. 2017, section 3.5, and Su et al. 2021, "RoFormer", equation 34, with the pairs (i, i + d/2) that GPT-NeoX
uses.  After the turn a query's product with a key depends on the distance between the two only, not on where they are.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

WAVELENGTH = 10_000.0


def frequencies(channels: int) -> Tensor:
    """[channels / 2] float64 angles per position: 10000^(-2i / channels)."""
    return WAVELENGTH ** (-torch.arange(0, channels, 2, dtype=torch.float64) / channels)


def sinusoidal(length: int, width: int) -> Tensor:
    """[T, D] float32 position vectors, D even."""
    angles = torch.arange(length, dtype=torch.float64)[:, None] * frequencies(width)  # [T, D / 2]
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(length, width).float()


@lru_cache(maxsize=8)
def rotary_angles(first: int, length: int, channels: int) -> tuple[Tensor, Tensor]:
    """Cosine and sine of each position's angles, [T, d / 2] float32 each; positions first .. first + T - 1."""
    angles = torch.arange(first, first + length, dtype=torch.float64)[:, None] * frequencies(channels)
    return angles.cos().float(), angles.sin().float()


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn each pair of channels by its position's angle.  [..., T, d], [T, d / 2], [T, d / 2] -> [..., T, d]"""
    a, b = x.chunk(2, dim=-1)
    cosine, sine = cosine.to(x.dtype), sine.to(x.dtype)
    return torch.cat([a * cosine - b * sine, a * sine + b * cosine], dim=-1)
