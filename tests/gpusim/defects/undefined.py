"""Reads of memory that nothing has written: shared, local, and what `device_array` returns."""

from __future__ import annotations

import numpy as np
from numba import cuda, float32, int32
from support.pairs import Pair, Undefined

N = 64
PADDED = 66


# Shared memory


@cuda.jit
def tile_filled_in_part(out, a):
    tile = cuda.shared.array(N, float32)
    i, t = cuda.grid(1), cuda.threadIdx.x
    if i < a.size:
        tile[t] = a[i]
    cuda.syncthreads()
    step = N // 2
    while step > 0:
        if t < step:
            tile[t] += tile[t + step]  # <- initcheck
        cuda.syncthreads()
        step //= 2
    if t == 0:
        out[cuda.blockIdx.x] = tile[0]


@cuda.jit
def tile_filled_up_with_zeros(out, a):
    tile = cuda.shared.array(N, float32)
    i, t = cuda.grid(1), cuda.threadIdx.x
    tile[t] = a[i] if i < a.size else float32(0)
    cuda.syncthreads()
    step = N // 2
    while step > 0:
        if t < step:
            tile[t] += tile[t + step]
        cuda.syncthreads()
        step //= 2
    if t == 0:
        out[cuda.blockIdx.x] = tile[0]


@cuda.jit
def right_halo_forgotten(out, a):
    tile = cuda.shared.array(PADDED, float32)
    t = cuda.threadIdx.x
    tile[t + 1] = a[t]
    if t == 0:
        tile[0] = 0
    cuda.syncthreads()
    out[t] = tile[t] + tile[t + 2]  # <- initcheck


@cuda.jit
def both_halos(out, a):
    tile = cuda.shared.array(PADDED, float32)
    t = cuda.threadIdx.x
    tile[t + 1] = a[t]
    if t == 0:
        tile[0] = 0
        tile[N + 1] = 0
    cuda.syncthreads()
    out[t] = tile[t] + tile[t + 2]


@cuda.jit
def halo_loaded_one_short(out, a):
    tile = cuda.shared.array(PADDED, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    if t < 1:
        tile[N + t] = a[N + t]
    cuda.syncthreads()
    out[t] = tile[t] + tile[t + 1] + tile[t + 2]  # <- initcheck


@cuda.jit
def halo_loaded_in_full(out, a):
    tile = cuda.shared.array(PADDED, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    if t < 2:
        tile[N + t] = a[N + t]
    cuda.syncthreads()
    out[t] = tile[t] + tile[t + 1] + tile[t + 2]


@cuda.jit
def bins_never_cleared(out, a):
    bins = cuda.shared.array(10, int32)
    t = cuda.threadIdx.x
    cuda.atomic.add(bins, int32(a[t]), 1)  # <- initcheck
    cuda.syncthreads()
    if t < 10:
        out[t] = bins[t]  # <- initcheck


@cuda.jit
def more_bins_than_threads(out, a):
    bins = cuda.shared.array(100, int32)
    t = cuda.threadIdx.x
    bins[t] = 0
    cuda.syncthreads()
    cuda.atomic.add(bins, 9 * int32(a[t]), 1)  # <- initcheck
    cuda.syncthreads()
    if t < 10:
        out[t] = bins[9 * t]  # <- initcheck


@cuda.jit
def all_bins_cleared(out, a):
    bins = cuda.shared.array(100, int32)
    t = cuda.threadIdx.x
    for k in range(t, 100, N):
        bins[k] = 0
    cuda.syncthreads()
    cuda.atomic.add(bins, 9 * int32(a[t]), 1)
    cuda.syncthreads()
    if t < 10:
        out[t] = bins[9 * t]


@cuda.jit
def sum_without_a_start(out, a):
    total = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    cuda.syncthreads()
    if t == 0:
        for k in range(N):
            total[0] += a[k]  # <- initcheck
        out[0] = total[0]


@cuda.jit
def sum_from_zero(out, a):
    total = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    if t == 0:
        total[0] = 0
        for k in range(N):
            total[0] += a[k]
        out[0] = total[0]


@cuda.jit
def left_over_from_the_block_before(out, a):
    carry = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    if t == 0:
        if cuda.blockIdx.x == 0:
            carry[0] = a[0]
        out[cuda.blockIdx.x] = carry[0]  # <- initcheck


@cuda.jit
def set_in_every_block(out, a):
    carry = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    if t == 0:
        carry[0] = a[0]
        out[cuda.blockIdx.x] = carry[0]


@cuda.jit
def wrong_buffer_first(out, a):
    rows = cuda.shared.array((2, N), float32)
    t = cuda.threadIdx.x
    rows[0, t] = a[t]
    cuda.syncthreads()
    total = float32(0)
    for k in range(1, 3):
        total += rows[k % 2, N - 1 - t]  # <- initcheck
        cuda.syncthreads()
        rows[k % 2, t] = a[t] + k
        cuda.syncthreads()
    out[t] = total


@cuda.jit
def right_buffer_first(out, a):
    rows = cuda.shared.array((2, N), float32)
    t = cuda.threadIdx.x
    rows[0, t] = a[t]
    cuda.syncthreads()
    total = float32(0)
    for k in range(2):
        total += rows[k % 2, N - 1 - t]
        rows[1 - k % 2, t] = a[t] + 1
        cuda.syncthreads()
    out[t] = total


@cuda.jit
def column_of_padding_read(out, a):
    tile = cuda.shared.array((8, 9), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    tile[y, x] = a[y, x]
    cuda.syncthreads()
    out[y, x] = tile[x, y + 1]  # <- initcheck


@cuda.jit
def column_of_padding_unused(out, a):
    tile = cuda.shared.array((8, 9), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    tile[y, x] = a[y, x]
    cuda.syncthreads()
    out[y, x] = tile[x, y]


# Local arrays


@cuda.jit
def local_sum_without_a_start(out, a):
    mine = cuda.local.array(4, float32)
    i = cuda.grid(1)
    for k in range(8):
        mine[k % 4] += a[i] * k  # <- initcheck
    out[i] = mine[0] + mine[1] + mine[2] + mine[3]


@cuda.jit
def local_sum_from_zero(out, a):
    mine = cuda.local.array(4, float32)
    i = cuda.grid(1)
    for k in range(4):
        mine[k] = 0
    for k in range(8):
        mine[k % 4] += a[i] * k
    out[i] = mine[0] + mine[1] + mine[2] + mine[3]


@cuda.jit
def local_set_by_some_threads(out, a):
    mine = cuda.local.array(1, float32)
    i = cuda.grid(1)
    if a[i] > 4:
        mine[0] = a[i]
    out[i] = mine[0]  # <- initcheck


@cuda.jit
def local_set_by_all_threads(out, a):
    mine = cuda.local.array(1, float32)
    i = cuda.grid(1)
    mine[0] = 0
    if a[i] > 4:
        mine[0] = a[i]
    out[i] = mine[0]


@cuda.jit
def local_stack_read_past_its_top(out, a):
    stack = cuda.local.array(8, float32)
    i = cuda.grid(1)
    top = 0
    for k in range(int32(a[i]) % 8):
        stack[top] = k
        top += 1
    out[i] = stack[top] if top > 0 else 0  # <- initcheck


@cuda.jit
def local_stack_read_at_its_top(out, a):
    stack = cuda.local.array(8, float32)
    i = cuda.grid(1)
    top = 0
    for k in range(int32(a[i]) % 8):
        stack[top] = k
        top += 1
    out[i] = stack[top - 1] if top > 0 else 0


# Global memory from device_array


@cuda.jit
def added_to_undefined_output(out, a):
    i = cuda.grid(1)
    if i < a.size:
        out[i] += a[i]  # <- initcheck


@cuda.jit
def stored_to_undefined_output(out, a):
    i = cuda.grid(1)
    if i < a.size:
        out[i] = a[i]


@cuda.jit
def undefined_counter(out, a):
    cuda.atomic.add(out, 0, a[cuda.grid(1)])  # <- initcheck


@cuda.jit
def only_inner_points_written(out, a):
    i = cuda.grid(1)
    if 0 < i < a.size - 1:
        out[i] = a[i]
    cuda.syncthreads()
    if i < a.size:
        out[i] = out[i] * 2  # <- initcheck


@cuda.jit
def all_points_written(out, a):
    i = cuda.grid(1)
    if i < a.size:
        out[i] = a[i] * 2


RECORD = np.dtype([("weight", np.float32), ("index", np.int32)])


@cuda.jit
def one_field_never_set(out, a):
    t = cuda.threadIdx.x
    items = cuda.shared.array(N, RECORD)
    items[t].weight = a[t]
    cuda.syncthreads()
    out[t] = items[N - 1 - t].weight + items[t].index  # <- initcheck


@cuda.jit
def both_fields_set(out, a):
    t = cuda.threadIdx.x
    items = cuda.shared.array(N, RECORD)
    items[t].weight = a[t]
    items[t].index = t
    cuda.syncthreads()
    out[t] = items[N - 1 - t].weight + items[t].index


def _values(n: int = N) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 9, n).astype(np.float32)


def _in_and_out(outputs: int = N, inputs: int = N, dtype: type = np.float32):
    return lambda: (np.zeros(outputs, dtype), _values(inputs))


def _undefined_out(outputs: int = 100):
    return lambda: (Undefined(outputs, np.float32), _values(100))


def _square():
    return np.zeros((8, 8), np.float32), _values(64).reshape(8, 8)


def _bins(out, a):
    return np.bincount(a.astype(int), minlength=10)


def _row_sums(out, a):
    return np.pad(a, (0, 128 - a.size)).reshape(2, N).sum(axis=1)


def _halos(out, a):
    padded = np.pad(a, 1)
    return padded[:-2] + padded[2:]


PAIRS = [
    Pair(tile_filled_in_part, tile_filled_up_with_zeros, 2, N, _in_and_out(2, 100), _row_sums),
    Pair(right_halo_forgotten, both_halos, 1, N, _in_and_out(), _halos),
    Pair(
        halo_loaded_one_short,
        halo_loaded_in_full,
        1,
        N,
        _in_and_out(N, N + 2),
        lambda out, a: a[:-2] + a[1:-1] + a[2:],
    ),
    Pair(bins_never_cleared, all_bins_cleared, 1, N, _in_and_out(10, N, np.int32), _bins),
    Pair(more_bins_than_threads, all_bins_cleared, 1, N, _in_and_out(10, N, np.int32), _bins),
    Pair(sum_without_a_start, sum_from_zero, 1, N, _in_and_out(1), lambda out, a: a.sum()),
    Pair(left_over_from_the_block_before, set_in_every_block, 4, 32, _in_and_out(4), lambda out, a: np.full(4, a[0])),
    Pair(wrong_buffer_first, right_buffer_first, 1, N, _in_and_out(), lambda out, a: 2 * a[::-1] + 1),
    Pair(column_of_padding_read, column_of_padding_unused, 1, (8, 8), _square, lambda out, a: a.T),
    Pair(local_sum_without_a_start, local_sum_from_zero, 1, N, _in_and_out(), lambda out, a: 28 * a),
    Pair(local_set_by_some_threads, local_set_by_all_threads, 1, N, _in_and_out(), lambda out, a: a * (a > 4)),
    Pair(
        local_stack_read_past_its_top,
        local_stack_read_at_its_top,
        1,
        N,
        _in_and_out(),
        lambda out, a: np.maximum(a % 8 - 1, 0),
    ),
    Pair(added_to_undefined_output, stored_to_undefined_output, 2, 64, _undefined_out(), lambda out, a: a),
    Pair(undefined_counter, all_points_written, 1, 100, _undefined_out(), lambda out, a: 2 * a),
    Pair(only_inner_points_written, all_points_written, 2, 64, _undefined_out(), lambda out, a: 2 * a),
    Pair(one_field_never_set, both_fields_set, 1, N, _in_and_out(), lambda out, a: a[::-1] + np.arange(N)),
]
