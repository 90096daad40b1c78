"""Rotary positions: pairs of channels turned by an angle that grows with the position.

    (a, b) = (x_i, x_{i + d/2})  ->  (a cos t w_i - b sin t w_i,  a sin t w_i + b cos t w_i),   w_i = 10000^(-2i / d)

Su et al. 2021, "RoFormer", equation 34.  Cosines and sines come from a table [T, d / 2]: an angle of thousands of
radians has too few digits in float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import cuda

from lm.kernels.elements import HEIGHT, WIDTH
from lm.kernels.operation import Block, Grid, Operation, tiles


@cuda.jit
def rotary(x, cosine, sine, first):
    """x[b, t, h] = x[b, t, h] with the pair (i, i + d/2) turned by the angle of position first + t

    x [B, T, H, d] in place, cosine, sine [at least first + T, d / 2], float32, first int32.
    """
    i, row = cuda.grid(2)  # row = (b T + t) H + h
    length, heads, half = x.shape[1], x.shape[2], cosine.shape[1]
    if i < half and row < x.shape[0] * length * heads:
        head, position = row % heads, row // heads
        batch, t = position // length, position % length
        c, s = cosine[first + t, i], sine[first + t, i]
        a, b = x[batch, t, head, i], x[batch, t, head, i + half]
        x[batch, t, head, i] = a * c - b * s
        x[batch, t, head, i + half] = a * s + b * c


def rotary_reference(x: np.ndarray, cosine: np.ndarray, sine: np.ndarray, first: int) -> np.ndarray:
    """[B, T, H, d], [P, d / 2] twice -> [B, T, H, d]"""
    positions = slice(first, first + x.shape[1])
    c, s = cosine[positions, None], sine[positions, None]  # [T, 1, d / 2]
    a, b = np.split(x, 2, axis=-1)
    return np.concatenate([a * c - b * s, a * s + b * c], axis=-1)


def rotary_tables(length: int, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Cosine and sine of positions 0 .. length - 1, [length, channels / 2] float32 each."""
    frequencies = 10_000.0 ** (-np.arange(0, channels, 2) / channels)
    angles = np.arange(length)[:, None] * frequencies
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def launch_rotary(x: Any, *_: Any) -> tuple[Grid, Block]:
    """A thread for each pair of channels: x along the pairs, y along positions and heads."""
    batch, length, heads, channels = x.shape
    return (tiles(channels // 2, WIDTH), tiles(batch * length * heads, HEIGHT), 1), (WIDTH, HEIGHT, 1)


ROTARY = Operation(
    rotary, launch_rotary, rotary_reference, "void(float32[:,:,:,::1], float32[:,::1], float32[:,::1], int32)"
)
