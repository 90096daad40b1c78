"""Accesses outside arrays: missing and wrong guards, wrong extents, views, wrong types."""

from __future__ import annotations

import numpy as np
from numba import cuda, float32, float64, int32, uint8
from support.pairs import Pair

N = 100
TABLE = np.array([2.0, 3.0, 5.0, 7.0], np.float32)


@cuda.jit
def no_guard(out, a):
    i = cuda.grid(1)
    out[i] = a[i]  # <- memcheck


@cuda.jit
def guard_off_by_one(out, a):
    i = cuda.grid(1)
    if i <= out.size:
        out[i] = a[i]  # <- memcheck


@cuda.jit
def guard(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i]


@cuda.jit
def guard_of_the_other_axis(out, a):
    x, y = cuda.grid(2)
    if x < out.shape[0] and y < out.shape[1]:
        out[y, x] = a[y, x]  # <- memcheck


@cuda.jit
def guard_of_both_axes(out, a):
    x, y = cuda.grid(2)
    if x < out.shape[1] and y < out.shape[0]:
        out[y, x] = a[y, x]


@cuda.jit
def index_order_swapped(out, a):
    x, y = cuda.grid(2)
    if x < out.shape[1] and y < out.shape[0]:
        out[y, x] = a[x, y]  # <- memcheck


@cuda.jit
def neighbour_past_the_end(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] + a[i + 1]  # <- memcheck


@cuda.jit
def neighbour_before_the_start(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] + a[i - 1]  # <- memcheck warning


@cuda.jit
def neighbour_around_the_corner(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] + a[(i + a.size - 1) % a.size]


@cuda.jit
def far_before_the_start(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] + a[i - a.size - 1]  # <- memcheck


@cuda.jit
def tile_too_small(out, a):
    tile = cuda.shared.array(64, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]  # <- memcheck
    cuda.syncthreads()
    out[t] = tile[N - 1 - t]


@cuda.jit
def tile_large_enough(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = tile[N - 1 - t]


@cuda.jit
def step_past_the_tile(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = tile[t + 1] if t < N else 0  # <- memcheck


@cuda.jit
def step_inside_the_tile(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = tile[t + 1] if t < N - 1 else 0


@cuda.jit
def local_array_too_short(out, a):
    mine = cuda.local.array(4, float32)
    i = cuda.grid(1)
    if i < out.size:
        for k in range(5):
            mine[k] = a[i] * k  # <- memcheck
        out[i] = mine[1]


@cuda.jit
def local_array_long_enough(out, a):
    mine = cuda.local.array(5, float32)
    i = cuda.grid(1)
    if i < out.size:
        for k in range(5):
            mine[k] = a[i] * k
        out[i] = mine[1]


@cuda.jit
def table_read_past_its_end(out, a):
    table = cuda.const.array_like(TABLE)
    i = cuda.grid(1)
    if i < out.size:
        out[i] = table[int32(a[i]) % 5]  # <- memcheck


@cuda.jit
def table_read_inside(out, a):
    table = cuda.const.array_like(TABLE)
    i = cuda.grid(1)
    if i < out.size:
        out[i] = table[int32(a[i]) % 4]


@cuda.jit
def atomic_past_the_end(out, a):
    i = cuda.grid(1)
    if i < a.size:
        cuda.atomic.add(out, int32(a[i]), 1)  # <- memcheck


@cuda.jit
def atomic_inside(out, a):
    i = cuda.grid(1)
    if i < a.size:
        cuda.atomic.add(out, int32(a[i]) - 1, 1)


@cuda.jit
def slice_shorter_than_the_array(out, a):
    i = cuda.grid(1)
    middle = out[10:90]
    if i < out.size:
        middle[i] = a[i]  # <- memcheck


@cuda.jit
def slice_with_its_own_size(out, a):
    i = cuda.grid(1)
    middle = out[10:90]
    if i < middle.size:
        middle[i] = a[i]


@cuda.jit
def row_of_another_length(out, a):
    row = out[cuda.blockIdx.x]
    row[cuda.threadIdx.x] = a[cuda.threadIdx.x]  # <- memcheck


@cuda.jit
def row_of_its_length(out, a):
    row = out[cuda.blockIdx.x]
    if cuda.threadIdx.x < row.size:
        row[cuda.threadIdx.x] = a[cuda.threadIdx.x]


@cuda.jit
def dynamic_memory_in_single_precision(out, a):
    tile = cuda.shared.array(0, float64)
    t = cuda.threadIdx.x
    tile[t] = a[t]  # <- memcheck
    cuda.syncthreads()
    out[t] = tile[N - 1 - t]


@cuda.jit
def dynamic_memory_of_the_right_type(out, a):
    tile = cuda.shared.array(0, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = tile[N - 1 - t]


@cuda.jit
def misaligned_view(out, a):
    memory = cuda.shared.array(0, uint8)
    words = memory[2:].view(float32)
    t = cuda.threadIdx.x
    if t < N - 1:
        words[t] = a[t]  # <- memcheck
    cuda.syncthreads()
    out[t] = words[0]


@cuda.jit
def aligned_view(out, a):
    memory = cuda.shared.array(0, uint8)
    words = memory[4:].view(float32)
    t = cuda.threadIdx.x
    if t < N - 1:
        words[t] = a[t]
    cuda.syncthreads()
    out[t] = words[0]


@cuda.jit
def dynamic_memory_with_two_types(out, a):
    floats = cuda.shared.array(0, float32)
    counts = cuda.shared.array(0, int32)
    t = cuda.threadIdx.x
    floats[t] = a[t]
    cuda.syncthreads()
    out[t] = counts[t]  # <- memcheck warning


@cuda.jit
def dynamic_memory_in_two_parts(out, a):
    floats = cuda.shared.array(0, float32)[: N // 2]
    counts = cuda.shared.array(0, int32)[N // 2 :]
    t = cuda.threadIdx.x
    if t < N // 2:
        floats[t] = a[t]
        counts[t] = t
    cuda.syncthreads()
    out[t] = floats[t % 50] + counts[t % 50]


def _values(n: int = N) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 9, n).astype(np.float32)


def _in_and_out():
    return np.zeros(N, np.float32), _values()


def _matrices():
    return np.zeros((12, 20), np.float32), _values(240).reshape(12, 20)


def _bins():
    return np.zeros(8, np.int32), _values()


def _copy(out, a):
    return a


def _wrapped(out, a):
    return a + np.roll(a, 1)


PAIRS = [
    Pair(no_guard, guard, 4, 32, _in_and_out, _copy),
    Pair(guard_off_by_one, guard, 4, 32, _in_and_out, _copy),
    Pair(guard_of_the_other_axis, guard_of_both_axes, (3, 2), (8, 8), _matrices, _copy),
    Pair(index_order_swapped, guard_of_both_axes, (3, 2), (8, 8), _matrices, _copy),
    Pair(neighbour_past_the_end, neighbour_around_the_corner, 4, 32, _in_and_out, _wrapped),
    Pair(neighbour_before_the_start, neighbour_around_the_corner, 4, 32, _in_and_out, _wrapped),
    Pair(far_before_the_start, neighbour_around_the_corner, 4, 32, _in_and_out, _wrapped),
    Pair(tile_too_small, tile_large_enough, 1, N, _in_and_out, lambda out, a: a[::-1]),
    Pair(step_past_the_tile, step_inside_the_tile, 1, N, _in_and_out, lambda out, a: np.append(a[1:], 0)),
    Pair(local_array_too_short, local_array_long_enough, 4, 32, _in_and_out, _copy),
    Pair(table_read_past_its_end, table_read_inside, 4, 32, _in_and_out, lambda out, a: TABLE[a.astype(int) % 4]),
    Pair(atomic_past_the_end, atomic_inside, 4, 32, _bins, lambda out, a: np.bincount(a.astype(int) - 1, minlength=8)),
    Pair(
        slice_shorter_than_the_array,
        slice_with_its_own_size,
        4,
        32,
        _in_and_out,
        lambda out, a: np.concatenate([np.zeros(10), a[:80], np.zeros(10)]),
    ),
    Pair(
        row_of_another_length,
        row_of_its_length,
        12,
        32,
        lambda: (np.zeros((12, 20), np.float32), _values(32)),
        lambda out, a: np.tile(a[:20], (12, 1)),
    ),
    Pair(
        dynamic_memory_in_single_precision,
        dynamic_memory_of_the_right_type,
        1,
        N,
        _in_and_out,
        lambda out, a: a[::-1],
        dynamic=4 * N,
    ),
    Pair(misaligned_view, aligned_view, 1, N, _in_and_out, lambda out, a: np.full(N, a[0]), dynamic=4 * N),
    Pair(
        dynamic_memory_with_two_types,
        dynamic_memory_in_two_parts,
        1,
        N,
        _in_and_out,
        lambda out, a: np.tile(a[:50] + np.arange(50), 2),
        dynamic=4 * N,
    ),
]
