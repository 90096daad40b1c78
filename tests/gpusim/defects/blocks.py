"""Blocks that share global memory: no barrier orders them, only fences with atomics do."""

from __future__ import annotations

import numpy as np
from numba import boolean, cuda, float32
from support.pairs import Pair

BLOCKS, N = 6, 64


@cuda.jit(device=True)
def block_sum(a):
    """The sum of a block's elements, in thread 0."""
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[cuda.grid(1)]
    cuda.syncthreads()
    step = N // 2
    while step > 0:
        if t < step:
            part[t] += part[t + step]
        cuda.syncthreads()
        step //= 2
    return part[0]


# The block that finishes last adds the sums of all blocks (CUDA samples, threadFenceReduction).


@cuda.jit
def last_block_without_fence(out, a, parts, count):
    last = cuda.shared.array(1, boolean)
    total = block_sum(a)
    if cuda.threadIdx.x == 0:
        parts[cuda.blockIdx.x] = total
        last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1
    cuda.syncthreads()
    if last[0] and cuda.threadIdx.x == 0:
        for k in range(parts.size):
            out[0] += parts[k]  # <- racecheck
        count[0] = 0  # <- racecheck


@cuda.jit
def last_block_with_a_fence_of_the_block(out, a, parts, count):
    last = cuda.shared.array(1, boolean)
    total = block_sum(a)
    if cuda.threadIdx.x == 0:
        parts[cuda.blockIdx.x] = total
        cuda.threadfence_block()
        last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1
    cuda.syncthreads()
    if last[0] and cuda.threadIdx.x == 0:
        for k in range(parts.size):
            out[0] += parts[k]  # <- racecheck
        count[0] = 0


@cuda.jit
def last_block_with_fence_after_the_atomic(out, a, parts, count):
    last = cuda.shared.array(1, boolean)
    total = block_sum(a)
    if cuda.threadIdx.x == 0:
        parts[cuda.blockIdx.x] = total
        last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1
        cuda.threadfence()
    cuda.syncthreads()
    if last[0] and cuda.threadIdx.x == 0:
        for k in range(parts.size):
            out[0] += parts[k]  # <- racecheck


@cuda.jit
def last_block(out, a, parts, count):
    last = cuda.shared.array(1, boolean)
    total = block_sum(a)
    if cuda.threadIdx.x == 0:
        parts[cuda.blockIdx.x] = total
        cuda.threadfence()
        last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1
        cuda.threadfence()
    cuda.syncthreads()
    if last[0] and cuda.threadIdx.x == 0:
        for k in range(parts.size):
            out[0] += parts[k]
        count[0] = 0


@cuda.jit
def last_block_as_in_the_guide(out, a, parts, count):
    last = cuda.shared.array(1, boolean)
    total = block_sum(a)
    if cuda.threadIdx.x == 0:
        parts[cuda.blockIdx.x] = total
        cuda.threadfence()
        last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1
    cuda.syncthreads()
    if last[0] and cuda.threadIdx.x == 0:
        for k in range(parts.size):
            out[0] += parts[k]
        count[0] = 0


@cuda.jit
def last_block_counts_before_all_fenced(out, a, parts, count):
    last = cuda.shared.array(1, boolean)
    t = cuda.threadIdx.x
    parts[cuda.grid(1)] = 2 * a[cuda.grid(1)]
    cuda.threadfence()
    if t == 0:
        last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1
    cuda.syncthreads()
    if last[0]:
        cuda.threadfence()
        for k in range(t, parts.size, N):
            out[k] = parts[k]  # <- racecheck


@cuda.jit
def last_block_in_which_everybody_fences(out, a, parts, count):
    last = cuda.shared.array(1, boolean)
    t = cuda.threadIdx.x
    parts[cuda.grid(1)] = 2 * a[cuda.grid(1)]
    cuda.threadfence()
    cuda.syncthreads()
    if t == 0:
        last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1
    cuda.syncthreads()
    if last[0]:
        cuda.threadfence()
        for k in range(t, parts.size, N):
            out[k] = parts[k]


@cuda.jit
def last_block_publishes_too_early(out, a, parts, count):
    last = cuda.shared.array(1, boolean)
    t = cuda.threadIdx.x
    parts[cuda.grid(1)] = 2 * a[cuda.grid(1)]
    if t == 0:
        cuda.threadfence()
        last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1
    cuda.syncthreads()
    if last[0]:
        for k in range(t, parts.size, N):
            out[k] = parts[k]  # <- racecheck


@cuda.jit
def last_block_publishes_after_a_barrier(out, a, parts, count):
    last = cuda.shared.array(1, boolean)
    t = cuda.threadIdx.x
    parts[cuda.grid(1)] = 2 * a[cuda.grid(1)]
    cuda.syncthreads()
    if t == 0:
        cuda.threadfence()
        last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1
    cuda.syncthreads()
    if last[0]:
        cuda.threadfence()
        for k in range(t, parts.size, N):
            out[k] = parts[k]


@cuda.jit
def last_block_reads_before_the_barrier(out, a, parts, count):
    last = cuda.shared.array(1, boolean)
    t = cuda.threadIdx.x
    parts[cuda.grid(1)] = 2 * a[cuda.grid(1)]
    cuda.syncthreads()
    if t == 0:
        cuda.threadfence()
        last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1
        cuda.threadfence()
    cuda.syncwarp()
    if last[0]:  # <- racecheck
        for k in range(t, parts.size, N):
            out[k] = parts[k]  # <- racecheck


# One block waits for another.


@cuda.jit
def plain_flag(out, a, flag):
    if cuda.blockIdx.x == 0:
        while flag[0] == 0:  # <- racecheck
            pass
        out[0] = out[1] + 1  # <- racecheck
    else:
        out[1] = a[0]
        flag[0] = 1  # <- racecheck


@cuda.jit
def plain_flag_with_fences(out, a, flag):
    if cuda.blockIdx.x == 0:
        while flag[0] == 0:  # <- racecheck
            pass
        cuda.threadfence()
        out[0] = out[1] + 1  # <- racecheck
    else:
        out[1] = a[0]
        cuda.threadfence()
        flag[0] = 1  # <- racecheck


@cuda.jit
def atomic_flag_without_fence(out, a, flag):
    if cuda.blockIdx.x == 0:
        while cuda.atomic.add(flag, 0, 0) == 0:
            pass
        out[0] = out[1] + 1  # <- racecheck
    else:
        out[1] = a[0]
        cuda.atomic.exch(flag, 0, 1)


@cuda.jit
def atomic_flag_fenced_where_it_is_set(out, a, flag):
    if cuda.blockIdx.x == 0:
        while cuda.atomic.add(flag, 0, 0) == 0:
            pass
        out[0] = out[1] + 1
    else:
        out[1] = a[0]
        cuda.threadfence()
        cuda.atomic.exch(flag, 0, 1)


@cuda.jit
def atomic_flag_with_fence(out, a, flag):
    if cuda.blockIdx.x == 0:
        while cuda.atomic.add(flag, 0, 0) == 0:
            pass
        cuda.threadfence()
        out[0] = out[1] + 1
    else:
        out[1] = a[0]
        cuda.threadfence()
        cuda.atomic.exch(flag, 0, 1)


@cuda.jit
def lock_without_fence(out, a, lock):
    if cuda.threadIdx.x == 0:
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        out[0] += a[cuda.blockIdx.x]  # <- racecheck
        cuda.atomic.exch(lock, 0, 0)


@cuda.jit
def lock_without_a_fence_after_taking_it(out, a, lock):
    if cuda.threadIdx.x == 0:
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        out[0] += a[cuda.blockIdx.x]  # <- racecheck
        cuda.threadfence()
        cuda.atomic.exch(lock, 0, 0)


@cuda.jit
def lock_given_back_by_a_plain_write(out, a, lock):
    if cuda.threadIdx.x == 0:
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:  # <- racecheck
            pass
        cuda.threadfence()
        out[0] += a[cuda.blockIdx.x]  # <- racecheck
        cuda.threadfence()
        lock[0] = 0  # <- racecheck


@cuda.jit
def lock_with_fences(out, a, lock):
    if cuda.threadIdx.x == 0:
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        cuda.threadfence()
        out[0] += a[cuda.blockIdx.x]
        cuda.threadfence()
        cuda.atomic.exch(lock, 0, 0)


# No order at all


@cuda.jit
def neighbour_block_in_the_same_launch(out, a):
    i = cuda.grid(1)
    out[i] = a[i]
    cuda.syncthreads()
    out[i] += out[(i + N) % out.size]  # <- racecheck


@cuda.jit
def neighbour_block_of_the_input(out, a):
    i = cuda.grid(1)
    out[i] = a[i] + a[(i + N) % out.size]


@cuda.jit
def rows_in_turn_without_grid_barrier(out, a):
    i = cuda.grid(1)
    out[0, i] = a[i]
    cuda.syncthreads()
    for row in range(1, out.shape[0]):
        out[row, i] = out[row - 1, a.size - 1 - i] + 1  # <- racecheck
        cuda.syncthreads()


@cuda.jit
def rows_in_turn_with_grid_barrier(out, a):
    grid = cuda.cg.this_grid()
    i = cuda.grid(1)
    out[0, i] = a[i]
    grid.sync()
    for row in range(1, out.shape[0]):
        out[row, i] = out[row - 1, a.size - 1 - i] + 1
        grid.sync()


def _values(n: int = BLOCKS * N) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 9, n).astype(np.float32)


def _reduction():
    return np.zeros(1, np.float32), _values(), np.zeros(BLOCKS, np.float32), np.zeros(1, np.int32)


def _relay():
    return np.zeros(BLOCKS * N, np.float32), _values(), np.zeros(BLOCKS * N, np.float32), np.zeros(1, np.int32)


def _flag():
    return np.zeros(2, np.float32), _values(1), np.zeros(1, np.int32)


def _lock():
    return np.zeros(1, np.float32), _values(), np.zeros(1, np.int32)


def _rows():
    return np.zeros((4, BLOCKS * N), np.float32), _values()


def _sum(out, a, parts, count):
    return a.sum()


def _twice(out, a, parts, count):
    return 2 * a


def _handed_on(out, a, flag):
    return [a[0] + 1, a[0]]


def _first_of_blocks(out, a, lock):
    return a[:BLOCKS].sum()


PAIRS = [
    Pair(last_block_without_fence, last_block, BLOCKS, N, _reduction, _sum),
    Pair(last_block_with_a_fence_of_the_block, last_block_as_in_the_guide, BLOCKS, N, _reduction, _sum),
    Pair(last_block_with_fence_after_the_atomic, last_block, BLOCKS, N, _reduction, _sum),
    Pair(last_block_counts_before_all_fenced, last_block_in_which_everybody_fences, BLOCKS, N, _relay, _twice),
    Pair(last_block_publishes_too_early, last_block_publishes_after_a_barrier, BLOCKS, N, _relay, _twice),
    Pair(last_block_reads_before_the_barrier, last_block_publishes_after_a_barrier, BLOCKS, N, _relay, _twice),
    Pair(plain_flag, atomic_flag_with_fence, 2, 1, _flag, _handed_on),
    Pair(plain_flag_with_fences, atomic_flag_with_fence, 2, 1, _flag, _handed_on),
    Pair(atomic_flag_without_fence, atomic_flag_fenced_where_it_is_set, 2, 1, _flag, _handed_on),
    Pair(lock_without_fence, lock_with_fences, BLOCKS, 32, _lock, _first_of_blocks),
    Pair(lock_without_a_fence_after_taking_it, lock_with_fences, BLOCKS, 32, _lock, _first_of_blocks),
    Pair(lock_given_back_by_a_plain_write, lock_with_fences, BLOCKS, 32, _lock, _first_of_blocks),
    Pair(
        neighbour_block_in_the_same_launch,
        neighbour_block_of_the_input,
        BLOCKS,
        N,
        lambda: (np.zeros(BLOCKS * N, np.float32), _values()),
        lambda out, a: a + np.roll(a, -N),
    ),
    Pair(
        rows_in_turn_without_grid_barrier,
        rows_in_turn_with_grid_barrier,
        BLOCKS,
        N,
        _rows,
        lambda out, a: [a, a[::-1] + 1, a + 2, a[::-1] + 3],
    ),
]
