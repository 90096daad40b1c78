"""Matrix products: naive, and tiled through shared memory."""

from __future__ import annotations

import numpy as np
from numba import cuda, float32, njit

from cases.case import Case, random

TILE = 16


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


def _arguments(n: int) -> tuple[np.ndarray, ...]:
    return np.zeros((n, n), np.float32), *random((n, n), (n, n))


def _expected(c: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a @ b


def _tiled(n: int, slow: bool = False) -> Case:
    loads = 2 * n * n * (n // TILE) + 2 * n**3
    return Case(
        f"tiled matmul {n}x{n}, 16x16 blocks",
        tiled_matmul,
        tiled_matmul_loops,
        (n // TILE, n // TILE),
        (TILE, TILE),
        lambda: _arguments(n),
        _expected,
        loads,
        slow,
    )


CASES = [
    Case(
        "naive matmul 32x32x32",
        naive_matmul,
        matmul_loops,
        (2, 2),
        (16, 16),
        lambda: _arguments(32),
        _expected,
        2 * 32**3,
    ),
    _tiled(64),
    _tiled(256, slow=True),
]
