"""One memory under several names: views, reshapes, fields, bytes, functions, and atomics among plain accesses."""

from __future__ import annotations

import numpy as np
from numba import cuda, float32, from_dtype, int32, int64, uint8
from support.pairs import Pair

N = 64
POINT = np.dtype([("x", "f4"), ("y", "f4"), ("row", "f4", (4,))], align=True)
point = from_dtype(POINT)


def vector(n: int = N) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 9, n).astype(np.float32)


# The same array as a vector and as a matrix.


@cuda.jit
def matrix_read_while_the_vector_is_written(out, a):
    tile = cuda.shared.array(N, float32)
    square = tile.reshape(8, 8)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    out[t] = square[t % 8, t // 8]  # <- racecheck


@cuda.jit
def matrix_read_after_a_barrier(out, a):
    tile = cuda.shared.array(N, float32)
    square = tile.reshape(8, 8)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = square[t % 8, t // 8]


@cuda.jit
def rows_and_columns_in_global_memory(out, a):
    t = cuda.grid(1)
    square = out.reshape(8, 8)
    out[t] = a[t]
    square[t % 8, t // 8] += 1  # <- racecheck, racecheck warning


@cuda.jit
def rows_only_in_global_memory(out, a):
    t = cuda.grid(1)
    square = out.reshape(8, 8)
    out[t] = a[t]
    square[t // 8, t % 8] += 1


# The same array backwards, and every other element of it.


@cuda.jit
def backwards_and_forwards(out, a):
    t = cuda.grid(1)
    back = out[::-1]
    out[t] = a[t]
    back[t] = a[t]  # <- racecheck


@cuda.jit
def backwards_only(out, a):
    t = cuda.grid(1)
    back = out[::-1]
    back[t] = a[t]


@cuda.jit
def even_elements_and_all(out, a):
    t = cuda.threadIdx.x
    even = out[::2]
    out[t] = a[t]
    if t < N // 2:
        even[t] = 0  # <- racecheck


@cuda.jit
def even_elements_after_a_barrier(out, a):
    t = cuda.threadIdx.x
    even = out[::2]
    out[t] = a[t]
    cuda.syncthreads()
    if t < N // 2:
        even[t] = 0


# Fields of records.


@cuda.jit
def field_of_the_neighbour(out, a):
    points = cuda.shared.array(N, point)
    t = cuda.threadIdx.x
    points[t].x = a[t]
    points[t].y = 2 * a[t]
    out[t] = points[N - 1 - t].y  # <- racecheck


@cuda.jit
def field_of_the_neighbour_after_a_barrier(out, a):
    points = cuda.shared.array(N, point)
    t = cuda.threadIdx.x
    points[t].x = a[t]
    points[t].y = 2 * a[t]
    cuda.syncthreads()
    out[t] = points[N - 1 - t].y


@cuda.jit
def row_of_a_record_filled_by_all(out, a):
    t = cuda.grid(1)
    out[t // 4].row[t // 4 % 4] = a[t]  # <- racecheck


@cuda.jit
def row_of_a_record_filled_item_by_item(out, a):
    t = cuda.grid(1)
    out[t // 4].row[t % 4] = a[t]


@cuda.jit
def record_copied_while_a_field_is_written(out, a):
    t = cuda.grid(1)
    out[t].x = a[t].x
    if t > 0:
        out[t - 1] = a[t - 1]  # <- racecheck


@cuda.jit
def record_copied_by_its_thread(out, a):
    t = cuda.grid(1)
    out[t] = a[t]


# Words and their bytes.


@cuda.jit
def bytes_written_by_others(out, a):
    t = cuda.threadIdx.x
    parts = out.view(uint8)
    out[t] = int32(a[t])
    parts[4 * ((t + 32) % N)] = 1  # <- racecheck


@cuda.jit
def bytes_written_by_the_same_thread(out, a):
    t = cuda.threadIdx.x
    parts = out.view(uint8)
    out[t] = int32(a[t])
    parts[4 * t] = 1


# The same array as two arguments of a device function.


@cuda.jit(device=True)
def shifted(target, source, t):
    target[t] = source[(t + 1) % N]  # <- racecheck


@cuda.jit
def device_function_on_one_array(out, a):
    t = cuda.threadIdx.x
    out[t] = a[t]
    cuda.syncthreads()
    shifted(out, out, t)


@cuda.jit(device=True)
def shifted_apart(target, source, t):
    target[t] = source[(t + 1) % N]


@cuda.jit
def device_function_on_two_arrays(out, a):
    shifted_apart(out, a, cuda.threadIdx.x)


# Atomics among plain accesses.


@cuda.jit
def plain_read_of_an_atomic_maximum(out, a):
    top = cuda.shared.array(1, int32)
    t = cuda.threadIdx.x
    if t == 0:
        top[0] = 0
    cuda.syncthreads()
    cuda.atomic.max(top, 0, int32(a[t]))
    out[t] = a[t] / top[0]  # <- racecheck


@cuda.jit
def read_of_an_atomic_maximum_after_a_barrier(out, a):
    top = cuda.shared.array(1, int32)
    t = cuda.threadIdx.x
    if t == 0:
        top[0] = 0
    cuda.syncthreads()
    cuda.atomic.max(top, 0, int32(a[t]))
    cuda.syncthreads()
    out[t] = a[t] / top[0]


@cuda.jit
def bin_cleared_by_a_store_while_others_add(out, a):
    t = cuda.grid(1)
    if t < out.shape[0]:
        out[t] = 0
    cuda.syncthreads()
    cuda.atomic.add(out, int64(a[t]) % out.shape[0], 1)  # <- racecheck


@cuda.jit
def bins_that_are_clear_already(out, a):
    t = cuda.grid(1)
    cuda.atomic.add(out, int64(a[t]) % out.shape[0], 1)


@cuda.jit
def exchange_and_plain_store(out, a):
    t = cuda.grid(1)
    cuda.atomic.exch(out, 0, int32(a[t]))
    if t == N - 1:
        out[0] = 1  # <- racecheck


@cuda.jit
def sum_of_ones(out, a):
    cuda.atomic.add(out, 0, 1)


# Lanes of one warp.


@cuda.jit
def neighbours_through_a_view_without_syncwarp(out, a):
    tile = cuda.shared.array(32, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    out[t] = tile[::-1][t]  # <- racecheck warning


@cuda.jit
def neighbours_through_a_view_with_syncwarp(out, a):
    tile = cuda.shared.array(32, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncwarp()
    out[t] = tile[::-1][t]


@cuda.jit
def warp_sums_read_by_the_first_warp(out, a):
    sums = cuda.shared.array(2, float32)
    t = cuda.threadIdx.x
    value = a[t]
    for distance in (16, 8, 4, 2, 1):
        value += cuda.shfl_down_sync(0xFFFFFFFF, value, distance)
    if t % 32 == 0:
        sums[t // 32] = value
    cuda.syncwarp()
    if t == 0:
        out[0] = sums[0] + sums[1]  # <- racecheck


@cuda.jit
def warp_sums_read_after_a_barrier(out, a):
    sums = cuda.shared.array(2, float32)
    t = cuda.threadIdx.x
    value = a[t]
    for distance in (16, 8, 4, 2, 1):
        value += cuda.shfl_down_sync(0xFFFFFFFF, value, distance)
    if t % 32 == 0:
        sums[t // 32] = value
    cuda.syncthreads()
    if t == 0:
        out[0] = sums[0] + sums[1]


def _in_and_out():
    return np.zeros(N, np.float32), vector()


def _records():
    return np.zeros(N // 4, POINT), vector()


def _rows(out, a):
    out["row"] = a.reshape(-1, 4)
    return out


def _two_records():
    a = np.zeros(N, POINT)
    a["x"], a["y"] = vector(), 3
    return np.zeros(N, POINT), a


def _bytes(out, a):
    return (a.astype(np.int32) & ~255) | 1


PAIRS = [
    Pair(
        matrix_read_while_the_vector_is_written,
        matrix_read_after_a_barrier,
        1,
        N,
        _in_and_out,
        lambda out, a: a.reshape(8, 8).T.reshape(-1),
    ),
    Pair(rows_and_columns_in_global_memory, rows_only_in_global_memory, 2, 32, _in_and_out, lambda out, a: a + 1),
    Pair(backwards_and_forwards, backwards_only, 2, 32, _in_and_out, lambda out, a: a[::-1]),
    Pair(
        even_elements_and_all,
        even_elements_after_a_barrier,
        1,
        N,
        _in_and_out,
        lambda out, a: np.where(np.arange(N) % 2, a, 0),
    ),
    Pair(field_of_the_neighbour, field_of_the_neighbour_after_a_barrier, 1, N, _in_and_out, lambda out, a: 2 * a[::-1]),
    Pair(row_of_a_record_filled_by_all, row_of_a_record_filled_item_by_item, 1, N, _records, _rows),
    Pair(record_copied_while_a_field_is_written, record_copied_by_its_thread, 2, 32, _two_records, lambda out, a: a),
    Pair(
        bytes_written_by_others,
        bytes_written_by_the_same_thread,
        1,
        N,
        lambda: (np.zeros(N, np.int32), 1000 * vector()),
        _bytes,
    ),
    Pair(device_function_on_one_array, device_function_on_two_arrays, 1, N, _in_and_out, lambda out, a: np.roll(a, -1)),
    Pair(
        plain_read_of_an_atomic_maximum,
        read_of_an_atomic_maximum_after_a_barrier,
        1,
        N,
        _in_and_out,
        lambda out, a: a / a.max(),
    ),
    Pair(
        bin_cleared_by_a_store_while_others_add,
        bins_that_are_clear_already,
        2,
        32,
        lambda: (np.zeros(4, np.int32), vector()),
        lambda out, a: np.bincount(a.astype(int) % 4, minlength=4),
    ),
    Pair(exchange_and_plain_store, sum_of_ones, 2, 32, lambda: (np.zeros(1, np.int32), vector()), lambda out, a: N),
    Pair(
        neighbours_through_a_view_without_syncwarp,
        neighbours_through_a_view_with_syncwarp,
        1,
        32,
        lambda: (np.zeros(32, np.float32), vector(32)),
        lambda out, a: a[::-1],
    ),
    Pair(
        warp_sums_read_by_the_first_warp,
        warp_sums_read_after_a_barrier,
        1,
        N,
        lambda: (np.zeros(1, np.float32), vector()),
        lambda out, a: a.sum(),
    ),
]
