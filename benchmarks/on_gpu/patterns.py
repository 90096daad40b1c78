"""Access patterns for comparing counters: kernels in which a compiler has nothing to merge or remove.

Every thread makes one access of each kind that is looked at, at an address that depends on arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import cuda, float32

THREADS = 1024
BLOCK = 128
LARGEST_STRIDE = 33
WORDS = BLOCK * LARGEST_STRIDE


@dataclass(frozen=True)
class Pattern:
    """A launch, `kernel[grid, block](*arguments())`; `note` says why a GPU must count otherwise."""

    name: str
    kernel: Any
    grid: Any
    block: Any
    arguments: Callable[[], tuple[Any, ...]]
    note: str = ""


@cuda.jit
def strided(out, a, stride, shift):
    i = cuda.grid(1)
    out[i * stride + shift] = a[i * stride + shift]


@cuda.jit
def gathered(out, a, index):
    i = cuda.grid(1)
    out[i] = a[index[i]]


@cuda.jit
def transposed(out, a):
    j, i = cuda.grid(2)
    out[j, i] = a[i, j]


@cuda.jit
def half_a_warp(out, a, lanes):
    i = cuda.grid(1)
    if i % 32 < lanes:
        out[i] = a[i]


@cuda.jit
def counted(bins, values):
    i = cuda.grid(1)
    cuda.atomic.add(bins, values[i], 1)


@cuda.jit
def banks(out, stride):
    tile = cuda.shared.array(WORDS, float32)
    t = cuda.threadIdx.x
    tile[t * stride] = t
    cuda.syncthreads()
    out[cuda.grid(1)] = tile[t * stride]


@cuda.jit
def tile_down_its_columns(out, a, width):
    """A 32 x 32 tile in rows of `width` words is filled along its rows and read down its columns."""
    tile = cuda.shared.array(32 * 33, float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    tile[y * width + x] = a[y, x]
    cuda.syncthreads()
    out[y, x] = tile[x * width + y]


def patterns() -> Iterator[Pattern]:
    """All of them."""
    for dtype in (np.int8, np.int16, np.float32, np.float64, np.complex128):
        split = "Numba moves a complex number as two 8-byte numbers" if dtype is np.complex128 else ""
        yield _strided(f"{np.dtype(dtype).itemsize}-byte elements", dtype, 1, 0, split)
    for stride in (2, 3, 8, 32):
        yield _strided(f"stride {stride}", np.float32, stride, 0)
    for shift in (1, 7):
        yield _strided(f"shifted by {shift}", np.float32, 1, shift)
    yield _strided("shifted 8-byte elements", np.float64, 1, 3)
    indices = {
        "one element for all": np.zeros(THREADS, np.int64),
        "backwards": np.arange(THREADS, dtype=np.int64)[::-1].copy(),
        "at random": np.random.default_rng(0).permutation(THREADS),
    }
    for name, index in indices.items():
        yield Pattern(
            name, gathered, THREADS // BLOCK, BLOCK, lambda index=index: (*_vectors(np.float32), index.copy())
        )
    for block in ((32, 8), (16, 16), (8, 32), (5, 7)):
        yield _transposed(block)
    yield Pattern("20 lanes of each warp", half_a_warp, THREADS // BLOCK, BLOCK, lambda: (*_vectors(np.float32), 20))
    for bins in (1, 64):
        yield Pattern(
            f"atomics on {bins} bin{'s' * (bins > 1)}",
            counted,
            THREADS // BLOCK,
            BLOCK,
            lambda bins=bins: (np.zeros(bins, np.int32), np.arange(THREADS, dtype=np.int32) * 7 % bins),
        )
    for stride in range(1, LARGEST_STRIDE + 1):
        yield Pattern(f"banks, stride {stride}", banks, 2, BLOCK, lambda stride=stride: (_zeros(2 * BLOCK), stride))
    for width in (32, 33):
        yield Pattern(
            f"32x32 tile in rows of {width}",
            tile_down_its_columns,
            1,
            (32, 32),
            lambda width=width: (_zeros(32, 32), np.arange(1024, dtype=np.float32).reshape(32, 32), width),
        )


def _strided(name: str, dtype: Any, stride: int, shift: int, note: str = "") -> Pattern:
    size = THREADS * stride + shift
    return Pattern(name, strided, THREADS // BLOCK, BLOCK, lambda: (*_vectors(dtype, size), stride, shift), note)


def _transposed(block: tuple[int, int]) -> Pattern:
    rows, columns = 2 * block[1], 3 * block[0]
    a = np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)
    return Pattern(
        f"transposition by {block[0]}x{block[1]}", transposed, (3, 2), block, lambda: (_zeros(columns, rows), a.copy())
    )


def _vectors(dtype: Any, size: int = THREADS) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(size, dtype), (np.arange(size) % 100).astype(dtype)


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)
