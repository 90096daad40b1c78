"""The launches that are timed: a kernel, its arguments, and the same loops in plain compiled Python.

Imports no part of gpusim, so that Numba's own simulator can run the same file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import cuda, float32, njit

TILE = 16
BLOCK = 256


@cuda.jit
def naive_matmul(c, a, b):
    j, i = cuda.grid(2)
    if i < c.shape[0] and j < c.shape[1]:
        total = float32(0)
        for k in range(a.shape[1]):
            total += a[i, k] * b[k, j]
        c[i, j] = total


@njit
def matmul_loops(c, a, b):
    for i in range(c.shape[0]):
        for j in range(c.shape[1]):
            total = np.float32(0)
            for k in range(a.shape[1]):
                total += a[i, k] * b[k, j]
            c[i, j] = total


@cuda.jit
def tiled_matmul(c, a, b):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    j, i = cuda.grid(2)
    tj = cuda.threadIdx.x
    ti = cuda.threadIdx.y
    total = float32(0)
    for t in range(a.shape[1] // TILE):
        tile_a[ti, tj] = a[i, t * TILE + tj]
        tile_b[ti, tj] = b[t * TILE + ti, j]
        cuda.syncthreads()
        for k in range(TILE):
            total += tile_a[ti, k] * tile_b[k, tj]
        cuda.syncthreads()
    c[i, j] = total


@njit
def tiled_matmul_loops(c, a, b):
    """The tiled kernel's loops, block by block, with tiles on the stack."""
    tile_a = np.empty((TILE, TILE), np.float32)
    tile_b = np.empty((TILE, TILE), np.float32)
    total = np.empty((TILE, TILE), np.float32)
    for row in range(0, c.shape[0], TILE):
        for column in range(0, c.shape[1], TILE):
            total[:] = 0
            for t in range(0, a.shape[1], TILE):
                for i in range(TILE):
                    for j in range(TILE):
                        tile_a[i, j] = a[row + i, t + j]
                        tile_b[i, j] = b[t + i, column + j]
                for i in range(TILE):
                    for j in range(TILE):
                        x = total[i, j]
                        for k in range(TILE):
                            x += tile_a[i, k] * tile_b[k, j]
                        total[i, j] = x
            for i in range(TILE):
                for j in range(TILE):
                    c[row + i, column + j] = total[i, j]


@cuda.jit
def block_sum(out, a):
    part = cuda.shared.array(BLOCK, float32)
    i = cuda.threadIdx.x
    part[i] = a[cuda.blockIdx.x, i]
    cuda.syncthreads()
    step = BLOCK // 2
    while step > 0:
        if i < step:
            part[i] += part[i + step]
        cuda.syncthreads()
        step //= 2
    if i == 0:
        out[cuda.blockIdx.x] = part[0]


@njit
def block_sum_loops(out, a):
    part = np.empty(BLOCK, np.float32)
    for row in range(a.shape[0]):
        for i in range(BLOCK):
            part[i] = a[row, i]
        step = BLOCK // 2
        while step > 0:
            for i in range(step):
                part[i] += part[i + step]
            step //= 2
        out[row] = part[0]


@cuda.jit
def vector_add(out, a, b):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] + b[i]


@njit
def vector_add_loops(out, a, b):
    for i in range(out.size):
        out[i] = a[i] + b[i]


@dataclass(frozen=True)
class Case:
    """One launch. `expected` computes the result with NumPy; `slow` ones Numba's simulator cannot finish in minutes."""

    name: str
    kernel: Any
    loops: Callable[..., None]
    grid: Any
    block: Any
    arguments: Callable[[], tuple[np.ndarray, ...]]
    expected: Callable[..., np.ndarray]
    loads: int
    slow: bool = False


def _random(*shapes: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    return tuple(rng.random(shape, dtype=np.float32) for shape in shapes)


def _matmul(n: int) -> Callable[[], tuple[np.ndarray, ...]]:
    return lambda: (np.zeros((n, n), np.float32), *_random((n, n), (n, n)))


def _vectors(n: int) -> Callable[[], tuple[np.ndarray, ...]]:
    return lambda: (np.zeros(n, np.float32), *_random((n,), (n,)))


def _tiles(n: int) -> int:
    return 2 * n * n * (n // TILE) + 2 * n**3


CASES = [
    Case(
        "naive matmul 32x32x32",
        naive_matmul,
        matmul_loops,
        (2, 2),
        (16, 16),
        _matmul(32),
        lambda c, a, b: a @ b,
        2 * 32**3,
    ),
    Case(
        "tiled matmul 64x64, 16x16 blocks",
        tiled_matmul,
        tiled_matmul_loops,
        (4, 4),
        (TILE, TILE),
        _matmul(64),
        lambda c, a, b: a @ b,
        _tiles(64),
    ),
    Case(
        "tiled matmul 256x256, 16x16 blocks",
        tiled_matmul,
        tiled_matmul_loops,
        (16, 16),
        (TILE, TILE),
        _matmul(256),
        lambda c, a, b: a @ b,
        _tiles(256),
        slow=True,
    ),
    Case(
        "block reduction of 4096 by 256",
        block_sum,
        block_sum_loops,
        4096 // BLOCK,
        BLOCK,
        lambda: (np.zeros(4096 // BLOCK, np.float32), *_random((4096 // BLOCK, BLOCK))),
        lambda out, a: a.sum(axis=1),
        (4096 // BLOCK) * (BLOCK + 2 * (BLOCK - 1) + 1),
    ),
    Case(
        "vector add of 16384",
        vector_add,
        vector_add_loops,
        16384 // BLOCK,
        BLOCK,
        _vectors(16384),
        lambda out, a, b: a + b,
        2 * 16384,
    ),
    Case(
        "vector add of 4M",
        vector_add,
        vector_add_loops,
        (1 << 22) // BLOCK,
        BLOCK,
        _vectors(1 << 22),
        lambda out, a, b: a + b,
        2 << 22,
        slow=True,
    ),
]
