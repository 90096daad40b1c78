"""Races by wrong indices: elements that two threads share without meaning to, often only at some sizes."""

from __future__ import annotations

import numpy as np
from numba import cuda, float32, float64, int8
from support.pairs import Pair

N = 96
WIDE = 256


# Neighbours and halos


@cuda.jit
def halo_written_twice(out, a):
    tile = cuda.shared.array(WIDE, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    tile[t + 1] = a[t + 1]  # <- racecheck warning
    cuda.syncthreads()
    out[t] = tile[t] + tile[t + 1]


@cuda.jit
def halo_written_once(out, a):
    tile = cuda.shared.array(WIDE, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    if t == N - 1:
        tile[N] = a[N]
    cuda.syncthreads()
    out[t] = tile[t] + tile[t + 1]


@cuda.jit
def stencil_in_place(out, a):
    i = cuda.grid(1)
    if 0 < i < a.size - 1:
        a[i] = (a[i - 1] + a[i] + a[i + 1]) / 3  # <- racecheck


@cuda.jit
def stencil(out, a):
    i = cuda.grid(1)
    if 0 < i < a.size - 1:
        out[i] = (a[i - 1] + a[i] + a[i + 1]) / 3


@cuda.jit
def blocks_overlap_by_one(out, a):
    i = cuda.blockIdx.x * (cuda.blockDim.x - 1) + cuda.threadIdx.x
    if i < a.size:
        out[i] = a[i] + cuda.blockIdx.x  # <- racecheck


@cuda.jit
def blocks_side_by_side(out, a):
    i = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
    if i < a.size:
        out[i] = a[i] + cuda.blockIdx.x


@cuda.jit
def shift_in_place_across_warps(a):
    tile = cuda.shared.array(WIDE, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    tile[t] = tile[(t + 1) % N]  # <- racecheck
    cuda.syncthreads()
    a[t] = tile[t]


@cuda.jit
def shift(a):
    tile = cuda.shared.array(WIDE, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    value = tile[(t + 1) % N]
    cuda.syncthreads()
    tile[t] = value
    cuda.syncthreads()
    a[t] = tile[t]


# Two threads, one element


@cuda.jit
def pairs_share_an_element(out, a):
    tile = cuda.shared.array(WIDE, float32)
    t = cuda.threadIdx.x
    tile[t // 2] = a[t]  # <- racecheck
    cuda.syncthreads()
    out[t] = tile[t // 2]


@cuda.jit
def every_thread_an_element(out, a):
    tile = cuda.shared.array(WIDE, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = tile[t // 2 * 2 + 1]


@cuda.jit
def two_of_many_warps_collide(out, a):
    tile = cuda.shared.array(WIDE, float32)
    t = cuda.threadIdx.x
    place = t
    if t == 200:
        place = 100
    tile[place] = a[t]  # <- racecheck
    cuda.syncthreads()
    out[t] = tile[t] if t != 200 else 0


@cuda.jit
def warps_stay_apart(out, a):
    tile = cuda.shared.array(WIDE, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = tile[t] if t != 200 else 0


@cuda.jit
def stride_of_a_square(out, a):
    tile = cuda.shared.array(WIDE, float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    tile[y * cuda.blockDim.y + x] = a[y, x]  # <- racecheck
    cuda.syncthreads()
    out[y, x] = tile[y * cuda.blockDim.y + x]


@cuda.jit
def stride_of_a_row(out, a):
    tile = cuda.shared.array(WIDE, float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    tile[y * cuda.blockDim.x + x] = a[y, x]
    cuda.syncthreads()
    out[y, x] = tile[y * cuda.blockDim.x + x]


# Only at odd sizes, only in the last block


@cuda.jit
def clamped_instead_of_guarded(out, a):
    i = min(cuda.grid(1), out.size - 1)
    out[i] = a[i] * cuda.grid(1)  # <- racecheck


@cuda.jit
def guarded(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] * i


@cuda.jit
def last_block_does_the_rest_together(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i]
    rest = out.size - cuda.gridsize(1)
    if cuda.blockIdx.x == cuda.gridDim.x - 1 and rest > 0:
        for k in range(rest):
            out[cuda.gridsize(1) + k] = a[cuda.gridsize(1) + k] * cuda.threadIdx.x  # <- racecheck


@cuda.jit
def grid_stride(out, a):
    for i in range(cuda.grid(1), out.size, cuda.gridsize(1)):
        out[i] = a[i]


@cuda.jit
def tail_group_wraps_around(out, a):
    part = cuda.shared.array(WIDE, float32)
    t = cuda.threadIdx.x
    part[t] = 0
    cuda.syncthreads()
    part[t % 64] = a[t]  # <- racecheck
    cuda.syncthreads()
    out[t] = part[t % 64]


@cuda.jit
def tail_group_keeps_its_place(out, a):
    part = cuda.shared.array(WIDE, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    cuda.syncthreads()
    out[t] = part[64 + t % 64] if t % 64 < N - 64 else part[t % 64]


# The same bytes under another name


@cuda.jit
def dynamic_arrays_are_one(out, a):
    left = cuda.shared.array(0, float32)
    right = cuda.shared.array(0, float32)
    t = cuda.threadIdx.x
    left[t] = a[t]
    right[N - 1 - t] = 2 * a[t]  # <- racecheck
    cuda.syncthreads()
    out[t] = left[t] + right[N - 1 - t]


@cuda.jit
def dynamic_array_in_two_parts(out, a):
    both = cuda.shared.array(0, float32)
    left, right = both[:N], both[N:]
    t = cuda.threadIdx.x
    left[t] = a[t]
    right[N - 1 - t] = 2 * a[t]
    cuda.syncthreads()
    out[t] = left[t] + right[N - 1 - t]


@cuda.jit
def parts_overlap_by_one(out, a):
    both = cuda.shared.array(0, float32)
    left, right = both[: N + 1], both[N:]
    t = cuda.threadIdx.x
    left[t + 1] = a[t]
    right[t] = 2 * a[t]  # <- racecheck
    cuda.syncthreads()
    out[t] = left[t + 1] + right[t]


@cuda.jit
def parts_overlap_nowhere(out, a):
    both = cuda.shared.array(0, float32)
    left, right = both[: N + 1], both[N + 1 :]
    t = cuda.threadIdx.x
    left[t + 1] = a[t]
    right[t] = 2 * a[t]
    cuda.syncthreads()
    out[t] = left[t + 1] + right[t]


@cuda.jit
def views_overlap(out, a):
    i = cuda.grid(1)
    left, right = a[:-1], a[1:]
    if i < left.size:
        left[i] = right[i] + 1  # <- racecheck


@cuda.jit
def views_are_only_read(out, a):
    i = cuda.grid(1)
    left, right = a[:-1], a[1:]
    if i < left.size:
        out[i] = left[i] + right[i]


@cuda.jit
def bytes_of_another_element(out, a):
    words = cuda.shared.array(WIDE, float32)
    pieces = words.view(int8)
    t = cuda.threadIdx.x
    words[t] = a[t]
    cuda.syncthreads()
    pieces[4 * t + 4] = 0
    out[t] = words[t]  # <- racecheck


@cuda.jit
def bytes_of_its_own_element(out, a):
    words = cuda.shared.array(WIDE, float32)
    pieces = words.view(int8)
    t = cuda.threadIdx.x
    words[t] = a[t]
    cuda.syncthreads()
    for k in range(4):
        pieces[4 * t + k] = 0
    out[t] = words[t]


@cuda.jit
def halves_of_a_double(out, a):
    doubles = cuda.shared.array(WIDE, float64)
    floats = doubles.view(float32)
    t = cuda.threadIdx.x
    if t < N // 2:
        doubles[t] = a[t]
    else:
        floats[t] = 1  # <- racecheck
    cuda.syncthreads()
    out[t] = doubles[t % (N // 2)]


@cuda.jit
def doubles_apart(out, a):
    doubles = cuda.shared.array(WIDE, float64)
    floats = doubles.view(float32)
    t = cuda.threadIdx.x
    if t < N // 2:
        doubles[t] = a[t]
    else:
        floats[N + t] = 1
    cuda.syncthreads()
    out[t] = doubles[t % (N // 2)]


RECORD = np.dtype([("x", np.float32), ("y", np.float32), ("n", np.int8)])


@cuda.jit
def one_field_for_two(out, a):
    t = cuda.threadIdx.x
    if t % 2 == 0:
        out[t // 2].x = a[t]
    else:
        out[t // 2].x = a[t]  # <- racecheck warning


@cuda.jit
def a_field_for_each(out, a):
    t = cuda.threadIdx.x
    if t % 2 == 0:
        out[t // 2].x = a[t]
    else:
        out[t // 2].y = a[t]
    if t % 32 == 0:
        out[t // 2].n = 7


@cuda.jit
def rows_written_by_all_threads(out, a):
    row = out[cuda.blockIdx.x % 2]
    row[cuda.threadIdx.x] = a[cuda.threadIdx.x] * cuda.blockIdx.x  # <- racecheck


@cuda.jit
def rows_of_their_own(out, a):
    row = out[cuda.blockIdx.x]
    row[cuda.threadIdx.x] = a[cuda.threadIdx.x] * cuda.blockIdx.x


def _values(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 100, n).astype(np.float32)


def _in_and_out(n: int = N):
    return lambda: (np.zeros(n, np.float32), _values(n))


def _longer():
    return np.zeros(N, np.float32), _values(N + 1)


def _thirds(out, a):
    result = out.copy()
    result[1:-1] = (a[:-2] + a[1:-1] + a[2:]) / 3
    return result


def _records():
    return np.zeros(N // 2, RECORD), _values(N)


def _fields(out, a):
    expected = out.copy()
    expected["x"], expected["y"] = a[::2], a[1::2]
    expected["n"][::16] = 7
    return expected


PAIRS = [
    Pair(halo_written_twice, halo_written_once, 1, N, _longer, lambda out, a: a[:-1] + a[1:]),
    Pair(stencil_in_place, stencil, 2, 64, _in_and_out(100), _thirds),
    Pair(blocks_overlap_by_one, blocks_side_by_side, 4, 32, _in_and_out(100), lambda out, a: a + np.arange(100) // 32),
    Pair(shift_in_place_across_warps, shift, 1, N, lambda: (_values(N),), lambda a: np.roll(a, -1)),
    Pair(pairs_share_an_element, every_thread_an_element, 1, N, _in_and_out(), lambda out, a: np.repeat(a[1::2], 2)),
    Pair(
        two_of_many_warps_collide,
        warps_stay_apart,
        1,
        WIDE,
        _in_and_out(WIDE),
        lambda out, a: np.where(np.arange(WIDE) == 200, 0, a),
    ),
    Pair(
        stride_of_a_square,
        stride_of_a_row,
        1,
        (16, 8),
        lambda: (np.zeros((8, 16), np.float32), _values(128).reshape(8, 16)),
        lambda out, a: a,
    ),
    Pair(clamped_instead_of_guarded, guarded, 4, 32, _in_and_out(100), lambda out, a: a * np.arange(100)),
    Pair(last_block_does_the_rest_together, grid_stride, 3, 32, _in_and_out(100), lambda out, a: a),
    Pair(
        tail_group_wraps_around,
        tail_group_keeps_its_place,
        1,
        N,
        _in_and_out(),
        lambda out, a: np.where(np.arange(N) % 64 < N - 64, a[64:][np.arange(N) % 64 % (N - 64)], a[np.arange(N) % 64]),
    ),
    Pair(dynamic_arrays_are_one, dynamic_array_in_two_parts, 1, N, _in_and_out(), lambda out, a: 3 * a, 2 * N * 4),
    Pair(parts_overlap_by_one, parts_overlap_nowhere, 1, N, _in_and_out(), lambda out, a: 3 * a, (2 * N + 1) * 4),
    Pair(bytes_of_another_element, bytes_of_its_own_element, 1, N, _in_and_out(), lambda out, a: np.zeros(N)),
    Pair(halves_of_a_double, doubles_apart, 1, N, _in_and_out(), lambda out, a: np.tile(a[: N // 2], 2)),
    Pair(views_overlap, views_are_only_read, 3, 32, _longer, lambda out, a: a[:-1] + a[1:]),
    Pair(one_field_for_two, a_field_for_each, 1, N, _records, _fields),
    Pair(
        rows_written_by_all_threads,
        rows_of_their_own,
        4,
        32,
        lambda: (np.zeros((4, 32), np.float32), _values(32)),
        lambda out, a: np.outer(range(4), a),
    ),
]
