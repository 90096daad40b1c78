"""Missing and misplaced barriers around shared memory."""

from __future__ import annotations

import numpy as np
from numba import cuda, float32, int32
from support.pairs import Pair

N = 128
TILE = 8


def vector(n: int = N) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 9, n).astype(np.float32)


# A tile is filled by all threads and read by others.


@cuda.jit
def reversal_without_barrier(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    out[t] = tile[N - 1 - t]  # <- racecheck


@cuda.jit
def reversal(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = tile[N - 1 - t]


@cuda.jit
def barrier_before_the_fill(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    cuda.syncthreads()
    tile[t] = a[t]
    out[t] = tile[N - 1 - t]  # <- racecheck


@cuda.jit
def warp_barrier_for_a_block(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncwarp()
    out[t] = tile[N - 1 - t]  # <- racecheck


@cuda.jit
def fence_for_a_barrier(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.threadfence_block()
    out[t] = tile[N - 1 - t]  # <- racecheck


@cuda.jit
def broadcast_without_barrier(out, a):
    first = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    if t == 0:
        first[0] = a[0]
    out[t] = a[t] - first[0]  # <- racecheck


@cuda.jit
def broadcast(out, a):
    first = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    if t == 0:
        first[0] = a[0]
    cuda.syncthreads()
    out[t] = a[t] - first[0]


@cuda.jit
def broadcast_reused_too_early(out, a):
    row = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    total = float32(0)
    for k in range(4):
        if t == 0:
            row[0] = a[k]  # <- racecheck
        cuda.syncthreads()
        total += row[0]
    out[t] = total


@cuda.jit
def broadcast_reused(out, a):
    row = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    total = float32(0)
    for k in range(4):
        if t == 0:
            row[0] = a[k]
        cuda.syncthreads()
        total += row[0]
        cuda.syncthreads()
    out[t] = total


# Trees and scans


@cuda.jit
def tree_without_barrier(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    cuda.syncthreads()
    step = N // 2
    while step > 0:
        if t < step:
            part[t] += part[t + step]  # <- racecheck
        step //= 2
    if t == 0:
        out[0] = part[0]


@cuda.jit
def tree_with_barrier_after_the_loop(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    step = N // 2
    while step > 0:
        if t < step:
            part[t] += part[t + step]  # <- racecheck
        step //= 2
    cuda.syncthreads()
    if t == 0:
        out[0] = part[0]


@cuda.jit
def tree(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    cuda.syncthreads()
    step = N // 2
    while step > 0:
        if t < step:
            part[t] += part[t + step]
        cuda.syncthreads()
        step //= 2
    if t == 0:
        out[0] = part[0]


@cuda.jit
def scan_in_place(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    cuda.syncthreads()
    step = 1
    while step < N:
        if t >= step:
            part[t] += part[t - step]  # <- racecheck
        cuda.syncthreads()
        step *= 2
    out[t] = part[t]


@cuda.jit
def scan(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    cuda.syncthreads()
    step = 1
    while step < N:
        left = float32(0)
        if t >= step:
            left = part[t - step]
        cuda.syncthreads()
        part[t] += left
        cuda.syncthreads()
        step *= 2
    out[t] = part[t]


@cuda.jit
def double_buffer_without_barrier(out, a):
    part = cuda.shared.array((2, N), float32)
    t = cuda.threadIdx.x
    part[0, t] = a[t]
    cuda.syncthreads()
    source = 0
    step = 1
    while step < N:
        value = part[source, t]
        if t >= step:
            value += part[source, t - step]  # <- racecheck
        source = 1 - source
        part[source, t] = value  # <- racecheck
        step *= 2
    out[t] = part[source, t]


@cuda.jit
def double_buffer(out, a):
    part = cuda.shared.array((2, N), float32)
    t = cuda.threadIdx.x
    part[0, t] = a[t]
    cuda.syncthreads()
    source = 0
    step = 1
    while step < N:
        value = part[source, t]
        if t >= step:
            value += part[source, t - step]
        source = 1 - source
        part[source, t] = value
        cuda.syncthreads()
        step *= 2
    out[t] = part[source, t]


@cuda.jit
def odd_even_sort_without_barrier(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[2 * t] = a[2 * t]
    part[2 * t + 1] = a[2 * t + 1]
    cuda.syncthreads()
    for k in range(N):
        i = 2 * t + k % 2
        if i + 1 < N:
            low, high = part[i], part[i + 1]  # <- racecheck
            part[i] = min(low, high)  # <- racecheck
            part[i + 1] = max(low, high)  # <- racecheck
    cuda.syncthreads()
    out[2 * t] = part[2 * t]
    out[2 * t + 1] = part[2 * t + 1]


@cuda.jit
def odd_even_sort(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[2 * t] = a[2 * t]
    part[2 * t + 1] = a[2 * t + 1]
    cuda.syncthreads()
    for k in range(N):
        i = 2 * t + k % 2
        if i + 1 < N:
            low, high = part[i], part[i + 1]
            part[i] = min(low, high)
            part[i + 1] = max(low, high)
        cuda.syncthreads()
    out[2 * t] = part[2 * t]
    out[2 * t + 1] = part[2 * t + 1]


# Matrices


@cuda.jit
def matmul_without_first_barrier(c, a, b):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    j, i = cuda.grid(2)
    tj, ti = cuda.threadIdx.x, cuda.threadIdx.y
    total = float32(0)
    for k0 in range(0, a.shape[1], TILE):
        tile_a[ti, tj] = a[i, k0 + tj]
        tile_b[ti, tj] = b[k0 + ti, j]
        for k in range(TILE):
            total += tile_a[ti, k] * tile_b[k, tj]  # <- racecheck, racecheck warning
        cuda.syncthreads()
    c[i, j] = total


@cuda.jit
def matmul_without_second_barrier(c, a, b):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    j, i = cuda.grid(2)
    tj, ti = cuda.threadIdx.x, cuda.threadIdx.y
    total = float32(0)
    for k0 in range(0, a.shape[1], TILE):
        tile_a[ti, tj] = a[i, k0 + tj]  # <- racecheck warning
        tile_b[ti, tj] = b[k0 + ti, j]  # <- racecheck
        cuda.syncthreads()
        for k in range(TILE):
            total += tile_a[ti, k] * tile_b[k, tj]
    c[i, j] = total


@cuda.jit
def matmul(c, a, b):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    j, i = cuda.grid(2)
    tj, ti = cuda.threadIdx.x, cuda.threadIdx.y
    total = float32(0)
    for k0 in range(0, a.shape[1], TILE):
        tile_a[ti, tj] = a[i, k0 + tj]
        tile_b[ti, tj] = b[k0 + ti, j]
        cuda.syncthreads()
        for k in range(TILE):
            total += tile_a[ti, k] * tile_b[k, tj]
        cuda.syncthreads()
    c[i, j] = total


@cuda.jit
def transpose_without_barrier(out, a):
    tile = cuda.shared.array((TILE, TILE), float32)
    tj, ti = cuda.threadIdx.x, cuda.threadIdx.y
    row, column = cuda.blockIdx.y * TILE, cuda.blockIdx.x * TILE
    tile[ti, tj] = a[row + ti, column + tj]
    out[column + ti, row + tj] = tile[tj, ti]  # <- racecheck


@cuda.jit
def transpose(out, a):
    tile = cuda.shared.array((TILE, TILE), float32)
    tj, ti = cuda.threadIdx.x, cuda.threadIdx.y
    row, column = cuda.blockIdx.y * TILE, cuda.blockIdx.x * TILE
    tile[ti, tj] = a[row + ti, column + tj]
    cuda.syncthreads()
    out[column + ti, row + tj] = tile[tj, ti]


# Histograms in shared memory


@cuda.jit
def histogram_cleared_without_barrier(out, a):
    bins = cuda.shared.array(10, int32)
    t = cuda.threadIdx.x
    if t < 10:
        bins[t] = 0
    cuda.atomic.add(bins, int32(a[t]), 1)  # <- racecheck
    cuda.syncthreads()
    if t < 10:
        out[t] = bins[t]


@cuda.jit
def histogram_read_without_barrier(out, a):
    bins = cuda.shared.array(10, int32)
    t = cuda.threadIdx.x
    if t < 10:
        bins[t] = 0
    cuda.syncthreads()
    cuda.atomic.add(bins, int32(a[t]), 1)
    if t < 10:
        out[t] = bins[t]  # <- racecheck


@cuda.jit
def histogram(out, a):
    bins = cuda.shared.array(10, int32)
    t = cuda.threadIdx.x
    if t < 10:
        bins[t] = 0
    cuda.syncthreads()
    cuda.atomic.add(bins, int32(a[t]), 1)
    cuda.syncthreads()
    if t < 10:
        out[t] = bins[t]


def _in_and_out():
    return np.zeros(N, np.float32), vector()


def _sum():
    return np.zeros(1, np.float32), vector()


def _matrices():
    rng = np.random.default_rng(1)
    a, b = (rng.integers(0, 5, (16, 16)).astype(np.float32) for _ in range(2))
    return np.zeros((16, 16), np.float32), a, b


def _matrix():
    return np.zeros((16, 24), np.float32), np.arange(24 * 16, dtype=np.float32).reshape(24, 16)


def _bins():
    return np.zeros(10, np.int32), vector()


def _counts(out, a):
    return np.bincount(a.astype(int), minlength=10)


PAIRS = [
    Pair(reversal_without_barrier, reversal, 1, N, _in_and_out, lambda out, a: a[::-1]),
    Pair(barrier_before_the_fill, reversal, 1, N, _in_and_out, lambda out, a: a[::-1]),
    Pair(warp_barrier_for_a_block, reversal, 1, N, _in_and_out, lambda out, a: a[::-1]),
    Pair(fence_for_a_barrier, reversal, 1, N, _in_and_out, lambda out, a: a[::-1]),
    Pair(broadcast_without_barrier, broadcast, 1, N, _in_and_out, lambda out, a: a - a[0]),
    Pair(broadcast_reused_too_early, broadcast_reused, 1, N, _in_and_out, lambda out, a: np.full(N, a[:4].sum())),
    Pair(tree_without_barrier, tree, 1, N, _sum, lambda out, a: a.sum()),
    Pair(tree_with_barrier_after_the_loop, tree, 1, N, _sum, lambda out, a: a.sum()),
    Pair(scan_in_place, scan, 1, N, _in_and_out, lambda out, a: np.cumsum(a)),
    Pair(double_buffer_without_barrier, double_buffer, 1, N, _in_and_out, lambda out, a: np.cumsum(a)),
    Pair(odd_even_sort_without_barrier, odd_even_sort, 1, N // 2, _in_and_out, lambda out, a: np.sort(a)),
    Pair(matmul_without_first_barrier, matmul, (2, 2), (TILE, TILE), _matrices, lambda c, a, b: a @ b),
    Pair(matmul_without_second_barrier, matmul, (2, 2), (TILE, TILE), _matrices, lambda c, a, b: a @ b),
    Pair(transpose_without_barrier, transpose, (2, 3), (TILE, TILE), _matrix, lambda out, a: a.T),
    Pair(histogram_cleared_without_barrier, histogram, 1, N, _bins, _counts),
    Pair(histogram_read_without_barrier, histogram, 1, N, _bins, _counts),
]
