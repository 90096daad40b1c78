"""Ends of arrays, values that nothing wrote, and hand-overs between blocks."""

from __future__ import annotations

import numpy as np
from numba import boolean, cuda, float32, float64, int32
from support.pairs import Pair, Undefined

N = 64
TWICE = 2 * N


def vector(n: int = N) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 9, n).astype(np.float32)


# Ends of arrays.


@cuda.jit
def reversed_from_one_past_the_end(out, a):
    t = cuda.grid(1)
    out[t] = a[a.shape[0] - t]  # <- memcheck


@cuda.jit
def reversed_from_the_last(out, a):
    t = cuda.grid(1)
    out[t] = a[a.shape[0] - 1 - t]


@cuda.jit
def slice_indexed_as_the_whole(out, a):
    t = cuda.grid(1)
    half = a[N // 2 :]
    out[t] = half[t]  # <- memcheck


@cuda.jit
def slice_indexed_within(out, a):
    t = cuda.grid(1)
    half = a[N // 2 :]
    out[t] = half[t % (N // 2)]


@cuda.jit
def every_other_element_indexed_as_all(out, a):
    t = cuda.grid(1)
    even = a[::2]
    out[t] = even[2 * t % N]  # <- memcheck


@cuda.jit
def every_other_element_indexed_by_itself(out, a):
    t = cuda.grid(1)
    even = a[::2]
    out[t] = even[t % (N // 2)]


@cuda.jit
def halo_without_room_on_the_right(out, a):
    tile = cuda.shared.array(33, float32)
    t, i = cuda.threadIdx.x, cuda.grid(1)
    tile[t + 1] = a[i]
    if t == 0:
        tile[0] = a[i - 1] if i > 0 else a[0]
    if t == 31:
        tile[33] = a[i + 1] if i + 1 < N else a[i]  # <- memcheck
    cuda.syncthreads()
    out[i] = tile[t] + tile[t + 2]


@cuda.jit
def halo_with_room_on_both_sides(out, a):
    tile = cuda.shared.array(34, float32)
    t, i = cuda.threadIdx.x, cuda.grid(1)
    tile[t + 1] = a[i]
    if t == 0:
        tile[0] = a[i - 1] if i > 0 else a[0]
    if t == 31:
        tile[33] = a[i + 1] if i + 1 < N else a[i]
    cuda.syncthreads()
    out[i] = tile[t] + tile[t + 2]


@cuda.jit
def row_of_a_record_past_its_end(out, a):
    t = cuda.grid(1)
    total = float32(0)
    for k in range(5):
        total += a[t].row[k]  # <- memcheck
    out[t] = total


@cuda.jit
def row_of_a_record_to_its_end(out, a):
    t = cuda.grid(1)
    total = float32(0)
    for k in range(4):
        total += a[t].row[k]
    out[t] = total


@cuda.jit
def local_window_before_its_start(out, a):
    window = cuda.local.array(3, float32)
    t = cuda.grid(1)
    for k in range(3):
        window[k] = a[min(t + k, N - 1)]
    total = float32(0)
    for k in range(3):
        total += window[k - 1]  # <- memcheck warning
    out[t] = total


@cuda.jit
def local_window_from_its_start(out, a):
    window = cuda.local.array(3, float32)
    t = cuda.grid(1)
    for k in range(3):
        window[k] = a[min(t + k, N - 1)]
    total = float32(0)
    for k in range(3):
        total += window[k]
    out[t] = total


@cuda.jit
def shared_neighbour_before_its_start(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = tile[t] - tile[t - 1]  # <- memcheck warning


@cuda.jit
def shared_neighbour_around_the_corner(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncthreads()
    out[t] = tile[t] - tile[(t + N - 1) % N]


@cuda.jit
def unsigned_difference_far_outside(out, a):
    t = cuda.grid(1)
    out[t] = a[np.uint32(t) - np.uint32(1) if t != 1 else np.uint32(4294967295)]  # <- memcheck


@cuda.jit
def difference_kept_inside(out, a):
    t = cuda.grid(1)
    out[t] = a[t - 1 if t > 0 else 0]


# Values that nothing wrote.


@cuda.jit
def flag_only_ever_set(out, a):
    found = cuda.shared.array(1, boolean)
    t = cuda.threadIdx.x
    if a[t] > 8:
        found[0] = True
    cuda.syncthreads()
    out[t] = 1 if found[0] else 0  # <- initcheck


@cuda.jit
def flag_cleared_first(out, a):
    found = cuda.shared.array(1, boolean)
    t = cuda.threadIdx.x
    if t == 0:
        found[0] = False
    cuda.syncthreads()
    if a[t] > 8:
        found[0] = True
    cuda.syncthreads()
    out[t] = 1 if found[0] else 0


@cuda.jit
def place_from_an_undefined_table(out, a):
    places = cuda.local.array(4, int32)
    t = cuda.grid(1)
    for k in range(3):
        places[k] = k
    out[t] = a[places[t % 4] % N]  # <- initcheck


@cuda.jit
def place_from_a_table(out, a):
    places = cuda.local.array(4, int32)
    t = cuda.grid(1)
    for k in range(4):
        places[k] = k
    out[t] = a[places[t % 4] % N]


@cuda.jit
def tree_over_more_than_was_loaded(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    if t < N - 1:
        part[t] = a[t]
    cuda.syncthreads()
    half = N // 2
    while half > 0:
        if t < half:
            part[t] += part[t + half]  # <- initcheck
        cuda.syncthreads()
        half //= 2
    if t == 0:
        out[0] = part[0]


@cuda.jit
def tree_over_what_was_loaded(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    cuda.syncthreads()
    half = N // 2
    while half > 0:
        if t < half:
            part[t] += part[t + half]
        cuda.syncthreads()
        half //= 2
    if t == 0:
        out[0] = part[0]


@cuda.jit
def half_of_a_double(out, a):
    pair = cuda.shared.array(TWICE, float32)
    t = cuda.threadIdx.x
    pair[2 * t] = a[t]
    cuda.syncthreads()
    out[t] = pair.view(float64)[t] * 2  # <- initcheck


@cuda.jit
def a_whole_double(out, a):
    pair = cuda.shared.array(N, float64)
    t = cuda.threadIdx.x
    pair[t] = a[t]
    cuda.syncthreads()
    out[t] = pair[t] * 2


@cuda.jit
def scratch_used_before_it_is_filled(out, a, scratch):
    t = cuda.grid(1)
    out[t] = scratch[t] + a[t]  # <- initcheck
    scratch[t] = a[t]


@cuda.jit
def scratch_used_after_it_is_filled(out, a, scratch):
    t = cuda.grid(1)
    scratch[t] = a[t]
    out[t] = scratch[t] + a[t]


# Between blocks.


@cuda.jit
def next_block_reads_this_blocks_sum(out, a):
    b, t = cuda.blockIdx.x, cuda.threadIdx.x
    cuda.atomic.add(out, b, a[b * 32 + t])
    cuda.syncthreads()
    if t == 0 and b > 0:
        out[b] += out[b - 1]  # <- racecheck


@cuda.jit
def sum_of_each_block(out, a):
    b, t = cuda.blockIdx.x, cuda.threadIdx.x
    cuda.atomic.add(out, b, a[b * 32 + t])


@cuda.jit
def phases_without_a_barrier_of_the_grid(out, a):
    t = cuda.grid(1)
    a[t] *= 2
    cuda.syncthreads()
    out[t] = a[N - 1 - t]  # <- racecheck


@cuda.jit
def phases_with_a_barrier_of_the_grid(out, a):
    t = cuda.grid(1)
    grid = cuda.cg.this_grid()
    a[t] *= 2
    grid.sync()
    out[t] = a[N - 1 - t]


@cuda.jit
def barrier_of_the_grid_before_the_store(out, a):
    t = cuda.grid(1)
    grid = cuda.cg.this_grid()
    grid.sync()
    a[t] *= 2
    out[t] = a[N - 1 - t]  # <- racecheck


@cuda.jit
def ticket_taken_by_a_plain_read(out, a, ticket):
    if cuda.threadIdx.x == 0:
        place = ticket[0]
        cuda.atomic.add(ticket, 0, 1)  # <- racecheck
        out[place] = a[cuda.blockIdx.x]  # <- racecheck


@cuda.jit
def ticket_taken_by_the_atomic(out, a, ticket):
    if cuda.threadIdx.x == 0:
        place = cuda.atomic.add(ticket, 0, 1)
        out[place] = 1


def _in_and_out():
    return np.zeros(N, np.float32), vector()


ROWS = np.dtype([("tag", "i4"), ("row", "f4", (4,))], align=True)


def _records():
    a = np.zeros(N, ROWS)
    a["row"] = vector(4 * N).reshape(N, 4)
    return np.zeros(N, np.float32), a


def _window(out, a):
    return sum(a[np.minimum(np.arange(N) + k, N - 1)] for k in range(3))


def _neighbours(out, a):
    padded = np.pad(a, 1, mode="edge")
    return padded[:-2] + padded[2:]


def _tickets():
    return np.zeros(4, np.float32), vector(4), np.zeros(1, np.int32)


PAIRS = [
    Pair(reversed_from_one_past_the_end, reversed_from_the_last, 2, 32, _in_and_out, lambda out, a: a[::-1]),
    Pair(slice_indexed_as_the_whole, slice_indexed_within, 2, 32, _in_and_out, lambda out, a: np.tile(a[N // 2 :], 2)),
    Pair(
        every_other_element_indexed_as_all,
        every_other_element_indexed_by_itself,
        2,
        32,
        _in_and_out,
        lambda out, a: np.tile(a[::2], 2),
    ),
    Pair(halo_without_room_on_the_right, halo_with_room_on_both_sides, 2, 32, _in_and_out, _neighbours),
    Pair(
        row_of_a_record_past_its_end, row_of_a_record_to_its_end, 2, 32, _records, lambda out, a: a["row"].sum(axis=1)
    ),
    Pair(local_window_before_its_start, local_window_from_its_start, 2, 32, _in_and_out, _window),
    Pair(
        shared_neighbour_before_its_start,
        shared_neighbour_around_the_corner,
        1,
        N,
        _in_and_out,
        lambda out, a: a - np.roll(a, 1),
    ),
    Pair(
        unsigned_difference_far_outside,
        difference_kept_inside,
        2,
        32,
        _in_and_out,
        lambda out, a: np.concatenate([a[:1], a[:-1]]),
    ),
    Pair(flag_only_ever_set, flag_cleared_first, 1, N, _in_and_out, lambda out, a: np.zeros(N)),
    Pair(place_from_an_undefined_table, place_from_a_table, 2, 32, _in_and_out, lambda out, a: a[np.arange(N) % 4]),
    Pair(
        tree_over_more_than_was_loaded,
        tree_over_what_was_loaded,
        1,
        N,
        lambda: (np.zeros(1, np.float32), vector()),
        lambda out, a: a.sum(),
    ),
    Pair(half_of_a_double, a_whole_double, 1, N, lambda: (np.zeros(N), vector()), lambda out, a: 2 * a),
    Pair(
        scratch_used_before_it_is_filled,
        scratch_used_after_it_is_filled,
        2,
        32,
        lambda: (*_in_and_out(), Undefined(N, np.float32)),
        lambda out, a, scratch: 2 * a,
    ),
    Pair(
        next_block_reads_this_blocks_sum,
        sum_of_each_block,
        2,
        32,
        lambda: (np.zeros(2, np.float32), vector()),
        lambda out, a: a.reshape(2, 32).sum(axis=1),
    ),
    Pair(
        phases_without_a_barrier_of_the_grid,
        phases_with_a_barrier_of_the_grid,
        2,
        32,
        _in_and_out,
        lambda out, a: 2 * a[::-1],
    ),
    Pair(
        barrier_of_the_grid_before_the_store,
        phases_with_a_barrier_of_the_grid,
        2,
        32,
        _in_and_out,
        lambda out, a: 2 * a[::-1],
    ),
    Pair(ticket_taken_by_a_plain_read, ticket_taken_by_the_atomic, 4, 32, _tickets, lambda out, a, ticket: np.ones(4)),
]
