"""Barriers that only some threads of a block reach."""

from __future__ import annotations

import numpy as np
from numba import cuda, float32, int32
from support.pairs import Pair

N = 64


@cuda.jit
def barrier_in_the_guard(out, a):
    tile = cuda.shared.array(N, float32)
    i, t = cuda.grid(1), cuda.threadIdx.x
    if i < a.size:
        tile[t] = a[i]
        cuda.syncthreads()  # <- synccheck
        out[i] = tile[t - t % 2]


@cuda.jit
def barrier_after_the_guard(out, a):
    tile = cuda.shared.array(N, float32)
    i, t = cuda.grid(1), cuda.threadIdx.x
    if i < a.size:
        tile[t] = a[i]
    cuda.syncthreads()
    if i < a.size:
        out[i] = tile[t - t % 2]


@cuda.jit
def early_return(out, a):
    tile = cuda.shared.array(N, float32)
    i, t = cuda.grid(1), cuda.threadIdx.x
    if i >= a.size:
        return
    tile[t] = a[i]
    cuda.syncthreads()  # <- synccheck warning
    out[i] = tile[t - t % 2]


@cuda.jit
def one_barrier_in_each_branch(out, a):
    tile = cuda.shared.array(N, float32)
    i, t = cuda.grid(1), cuda.threadIdx.x
    if i < a.size:
        tile[t] = a[i]
        cuda.syncthreads()  # <- synccheck
        out[i] = tile[t - t % 2]
    else:
        cuda.syncthreads()


@cuda.jit
def barriers_one_after_the_other(out, a):
    tile = cuda.shared.array(N, float32)
    i, t = cuda.grid(1), cuda.threadIdx.x
    if i < a.size:
        tile[t] = a[i]
        cuda.syncthreads()  # <- synccheck
        out[i] = tile[t - t % 2]
    if i >= a.size:
        cuda.syncthreads()


@cuda.jit
def trips_that_differ(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    total = float32(0)
    for k in range(t, a.size, N):
        tile[t] = a[k]
        cuda.syncthreads()  # <- synccheck
        total += tile[t]
    out[t] = total


@cuda.jit
def trips_of_the_block(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    total = float32(0)
    for start in range(0, a.size, N):
        if start + t < a.size:
            tile[t] = a[start + t]
        cuda.syncthreads()
        if start + t < a.size:
            total += tile[t]
    out[t] = total


@cuda.jit
def while_of_each_thread(out, a):
    t = cuda.threadIdx.x
    k = t
    total = float32(0)
    while k < a.size:
        total += a[k]
        cuda.syncthreads()  # <- synccheck
        k += N
    out[t] = total


@cuda.jit
def break_before_the_barrier(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    total = float32(0)
    for start in range(0, 3 * N, N):
        if start + t >= a.size:
            break
        tile[t] = a[start + t]
        cuda.syncthreads()  # <- synccheck
        total += tile[t]
    out[t] = total


@cuda.jit
def continue_past_the_barrier(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    total = float32(0)
    for start in range(0, 3 * N, N):
        if start + t >= a.size:
            continue
        tile[t] = a[start + t]
        cuda.syncthreads()  # <- synccheck
        total += tile[t]
    out[t] = total


@cuda.jit(device=True)
def partner(tile, t, value):
    if value < 5:
        return value
    cuda.syncthreads()  # <- synccheck
    return tile[t]


@cuda.jit
def barrier_in_a_device_function(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    out[t] = partner(tile, t, a[t])


@cuda.jit
def barrier_before_the_device_function(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = tile[t]


@cuda.jit
def vote_of_the_block_in_a_branch(out, a):
    t = cuda.threadIdx.x
    if a[t] > 4:
        out[t] = cuda.syncthreads_count(int32(a[t] > 6))  # <- synccheck


@cuda.jit
def vote_of_the_whole_block(out, a):
    t = cuda.threadIdx.x
    votes = cuda.syncthreads_count(int32(a[t] > 6))
    if a[t] > 4:
        out[t] = votes


@cuda.jit
def first_warp_alone(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    cuda.syncthreads()
    if t < 32:
        part[t] += part[t + 32]
        cuda.syncthreads()  # <- synccheck
        if t == 0:
            for k in range(32):
                out[0] += part[k]


@cuda.jit
def first_warp_and_the_others(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    cuda.syncthreads()
    if t < 32:
        part[t] += part[t + 32]
    cuda.syncthreads()
    if t == 0:
        for k in range(32):
            out[0] += part[k]


@cuda.jit
def steps_by_warp(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    for _ in range(1 + t // 32):
        cuda.syncthreads()  # <- synccheck
    out[t] = part[N - 1 - t]


@cuda.jit
def steps_of_the_block(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    for _ in range(2):
        cuda.syncthreads()
    out[t] = part[N - 1 - t]


def _values(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 9, n).astype(np.float32)


def _odd():
    return np.zeros(150, np.float32), _values(150)


def _whole():
    return np.zeros(N, np.float32), _values(N)


def _long():
    return np.zeros(N, np.float32), _values(150)


def _sum():
    return np.zeros(1, np.float32), _values(N)


def _even_neighbours(out, a):
    return np.repeat(a[::2], 2)


def _column_sums(out, a):
    return np.pad(a, (0, 3 * N - a.size)).reshape(3, N).sum(axis=0)


PAIRS = [
    Pair(barrier_in_the_guard, barrier_after_the_guard, 3, N, _odd, _even_neighbours),
    Pair(early_return, barrier_after_the_guard, 3, N, _odd, _even_neighbours),
    Pair(one_barrier_in_each_branch, barrier_after_the_guard, 3, N, _odd, _even_neighbours),
    Pair(barriers_one_after_the_other, barrier_after_the_guard, 3, N, _odd, _even_neighbours),
    Pair(trips_that_differ, trips_of_the_block, 1, N, _long, _column_sums),
    Pair(while_of_each_thread, trips_of_the_block, 1, N, _long, _column_sums),
    Pair(break_before_the_barrier, trips_of_the_block, 1, N, _long, _column_sums),
    Pair(continue_past_the_barrier, trips_of_the_block, 1, N, _long, _column_sums),
    Pair(barrier_in_a_device_function, barrier_before_the_device_function, 1, N, _whole, lambda out, a: a),
    Pair(steps_by_warp, steps_of_the_block, 1, N, _whole, lambda out, a: a[::-1]),
    Pair(vote_of_the_block_in_a_branch, vote_of_the_whole_block, 1, N, _whole, lambda out, a: (a > 4) * (a > 6).sum()),
    Pair(first_warp_alone, first_warp_and_the_others, 1, N, _sum, lambda out, a: a.sum()),
]
