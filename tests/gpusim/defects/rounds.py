"""Barriers around loops, buffers that take turns, and ways out before the barrier."""

from __future__ import annotations

import numpy as np
from numba import cuda, float32, int32
from support.pairs import Pair

N = 64
ROUNDS = 4


def vector(n: int = N) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 9, n).astype(np.float32)


# A tile is filled anew in each round of a loop: the next fill may overtake the last reader.


@cuda.jit
def tile_without_barrier_at_the_loops_end(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    total = float32(0)
    for k in range(ROUNDS):
        tile[t] = a[k * N + t]  # <- racecheck
        cuda.syncthreads()
        total += tile[N - 1 - t]
    out[t] = total


@cuda.jit
def tile_with_both_barriers(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    total = float32(0)
    for k in range(ROUNDS):
        tile[t] = a[k * N + t]
        cuda.syncthreads()
        total += tile[N - 1 - t]
        cuda.syncthreads()
    out[t] = total


# Two buffers take turns, with one barrier a round; the index of the wrong one is used.


@cuda.jit
def buffers_that_do_not_take_turns(out, a):
    tiles = cuda.shared.array((2, N), float32)
    t = cuda.threadIdx.x
    total = float32(0)
    for k in range(ROUNDS):
        tiles[k & 1, t] = a[k * N + t]  # <- racecheck
        cuda.syncthreads()
        total += tiles[k & 1, N - 1 - t] + tiles[0, N - 1 - t]
    out[t] = total


@cuda.jit
def buffers_that_take_turns(out, a):
    tiles = cuda.shared.array((2, N), float32)
    t = cuda.threadIdx.x
    total = float32(0)
    for k in range(ROUNDS):
        tiles[k & 1, t] = a[k * N + t]
        cuda.syncthreads()
        total += tiles[k & 1, N - 1 - t]
    out[t] = total


# The next tile is loaded ahead while this one is used.


@cuda.jit
def prefetched_into_the_buffer_in_use(out, a):
    tiles = cuda.shared.array((2, N), float32)
    t = cuda.threadIdx.x
    total = float32(0)
    tiles[0, t] = a[t]
    cuda.syncthreads()
    for k in range(ROUNDS):
        if k + 1 < ROUNDS:
            tiles[k & 1, t] = a[(k + 1) * N + t]
        total += tiles[k & 1, N - 1 - t]  # <- racecheck
        cuda.syncthreads()
    out[t] = total


@cuda.jit
def prefetched_into_the_other_buffer(out, a):
    tiles = cuda.shared.array((2, N), float32)
    t = cuda.threadIdx.x
    total = float32(0)
    tiles[0, t] = a[t]
    cuda.syncthreads()
    for k in range(ROUNDS):
        if k + 1 < ROUNDS:
            tiles[(k + 1) & 1, t] = a[(k + 1) * N + t]
        total += tiles[k & 1, N - 1 - t]
        cuda.syncthreads()
    out[t] = total


# Pointers of two buffers are exchanged, as in a ping-pong sweep.


@cuda.jit
def sweep_that_forgets_to_swap(out, a):
    now = cuda.shared.array(N, float32)
    new = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    now[t] = a[t]
    cuda.syncthreads()
    for _ in range(ROUNDS):
        left = now[(t + N - 1) % N]  # <- racecheck
        new[t] = left + now[t]
        cuda.syncthreads()
        now[t] = new[t]
    out[t] = now[t]


@cuda.jit
def sweep_that_swaps(out, a):
    now = cuda.shared.array(N, float32)
    new = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    now[t] = a[t]
    cuda.syncthreads()
    for _ in range(ROUNDS):
        left = now[(t + N - 1) % N]
        new[t] = left + now[t]
        cuda.syncthreads()
        now, new = new, now
    out[t] = now[t]


# The loop's condition is read from shared memory that one thread changes.


@cuda.jit
def condition_changed_before_all_have_read_it(out, a):
    going = cuda.shared.array(1, int32)
    t = cuda.threadIdx.x
    if t == 0:
        going[0] = 3
    cuda.syncthreads()
    total = float32(0)
    while going[0] > 0:  # <- racecheck
        total += a[t]
        cuda.syncthreads()
        if t == 0:
            going[0] -= 1
    out[t] = total


@cuda.jit
def condition_changed_between_barriers(out, a):
    going = cuda.shared.array(1, int32)
    t = cuda.threadIdx.x
    if t == 0:
        going[0] = 3
    cuda.syncthreads()
    total = float32(0)
    while going[0] > 0:
        total += a[t]
        cuda.syncthreads()
        if t == 0:
            going[0] -= 1
        cuda.syncthreads()
    out[t] = total


# Warps specialise: one loads, the others compute.


@cuda.jit
def producer_without_a_barrier(out, a):
    tile = cuda.shared.array(32, float32)
    t = cuda.threadIdx.x
    if t < 32:
        tile[t] = a[t]
    if t >= 32:
        out[t - 32] = tile[63 - t] * 2  # <- racecheck


@cuda.jit
def producer_with_a_barrier(out, a):
    tile = cuda.shared.array(32, float32)
    t = cuda.threadIdx.x
    if t < 32:
        tile[t] = a[t]
    cuda.syncthreads()
    if t >= 32:
        out[t - 32] = tile[63 - t] * 2


# A shared sum is read, and the cell used again for the next one.


@cuda.jit
def sum_cell_used_again(out, a):
    total = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    for k in range(2):
        if t == 0:
            total[0] = 0  # <- racecheck
        cuda.syncthreads()
        cuda.atomic.add(total, 0, a[k * N + t])
        cuda.syncthreads()
        out[k * N + t] = total[0]


@cuda.jit
def sum_cell_used_after_a_barrier(out, a):
    total = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    for k in range(2):
        if t == 0:
            total[0] = 0
        cuda.syncthreads()
        cuda.atomic.add(total, 0, a[k * N + t])
        cuda.syncthreads()
        out[k * N + t] = total[0]
        cuda.syncthreads()


# Two device functions share the static array of the second one, call after call.


@cuda.jit(device=True)
def block_sum_leaving_early(value):
    parts = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    parts[t] = value  # <- racecheck
    cuda.syncthreads()
    total = float32(0)
    for k in range(N):
        total += parts[k]
    return total


@cuda.jit(device=True)
def block_sum_leaving_together(value):
    parts = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    parts[t] = value
    cuda.syncthreads()
    total = float32(0)
    for k in range(N):
        total += parts[k]
    cuda.syncthreads()
    return total


@cuda.jit
def function_called_in_a_loop(out, a):
    t = cuda.threadIdx.x
    for k in range(2):
        out[k * N + t] = block_sum_leaving_early(a[k * N + t])


@cuda.jit
def function_with_barrier_called_in_a_loop(out, a):
    t = cuda.threadIdx.x
    for k in range(2):
        out[k * N + t] = block_sum_leaving_together(a[k * N + t])


# Barriers that not all threads reach.


@cuda.jit
def barrier_in_an_else(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    if a[t] < 0:
        out[t] = 0
    elif t % 2 == 0:
        out[t] = tile[t]
    else:
        cuda.syncthreads()  # <- synccheck
        out[t] = tile[t]


@cuda.jit
def no_barrier_in_an_else(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = tile[t]


@cuda.jit
def barrier_in_a_search_that_ends_early(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    found = -1
    for k in range(8):
        if tile[(t + k) % N] == 5:
            found = k
            break
        cuda.syncthreads()  # <- synccheck
    out[t] = found


@cuda.jit
def search_without_barrier(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    found = -1
    for k in range(8):
        if tile[(t + k) % N] == 5:
            found = k
            break
    out[t] = found


@cuda.jit
def return_in_the_second_round(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    for k in range(ROUNDS):
        i = k * (N // 2) + t
        if i >= 2 * N:
            return
        tile[t] = a[i]
        cuda.syncthreads()  # <- synccheck warning
        out[i] = tile[t]
        cuda.syncthreads()  # <- synccheck warning


@cuda.jit
def guards_in_every_round(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    for k in range(ROUNDS):
        i = k * N + t
        if i < 2 * N:
            tile[t] = a[i]
        cuda.syncthreads()
        if i < 2 * N:
            out[i] = tile[t]
        cuda.syncthreads()


def _in_and_rounds():
    return np.zeros(N, np.float32), vector(ROUNDS * N)


def _rounds(out, a):
    return a.reshape(ROUNDS, N)[:, ::-1].sum(axis=0)


def _in_and_out():
    return np.zeros(N, np.float32), vector()


def _sweep(out, a):
    for _ in range(ROUNDS):
        a = np.roll(a, 1) + a
    return a


def _two():
    return np.zeros(2 * N, np.float32), vector(2 * N)


def _sums(out, a):
    return np.repeat(a.reshape(2, N).sum(axis=1), N)


def _search(out, a):
    return [next((k for k in range(8) if a[(t + k) % N] == 5), -1) for t in range(N)]


PAIRS = [
    Pair(tile_without_barrier_at_the_loops_end, tile_with_both_barriers, 1, N, _in_and_rounds, _rounds),
    Pair(buffers_that_do_not_take_turns, buffers_that_take_turns, 1, N, _in_and_rounds, _rounds),
    Pair(prefetched_into_the_buffer_in_use, prefetched_into_the_other_buffer, 1, N, _in_and_rounds, _rounds),
    Pair(sweep_that_forgets_to_swap, sweep_that_swaps, 1, N, _in_and_out, _sweep),
    Pair(
        condition_changed_before_all_have_read_it,
        condition_changed_between_barriers,
        *(1, N, _in_and_out, lambda out, a: 3 * a),
    ),
    Pair(
        producer_without_a_barrier,
        producer_with_a_barrier,
        *(1, N, lambda: (np.zeros(32, np.float32), vector(32)), lambda out, a: a[::-1] * 2),
    ),
    Pair(sum_cell_used_again, sum_cell_used_after_a_barrier, 1, N, _two, _sums),
    Pair(function_called_in_a_loop, function_with_barrier_called_in_a_loop, 1, N, _two, _sums),
    Pair(barrier_in_an_else, no_barrier_in_an_else, 1, N, _in_and_out, lambda out, a: a),
    Pair(barrier_in_a_search_that_ends_early, search_without_barrier, 1, N, _in_and_out, _search),
    Pair(return_in_the_second_round, guards_in_every_round, 1, N, _two, lambda out, a: a),
]
