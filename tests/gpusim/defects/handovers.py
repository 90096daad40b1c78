"""Hand-overs: locks, looking back, rings, and branches of one warp."""

from __future__ import annotations

import numpy as np
from numba import complex64, cuda, float32, int64
from support.pairs import Pair

N = 64


def vector(n: int = N) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 9, n).astype(np.float32)


# A sum behind a lock.


@cuda.jit
def sum_behind_one_of_two_locks(out, a, lock):
    if cuda.threadIdx.x == 0:
        which = cuda.blockIdx.x % 2
        while cuda.atomic.cas(lock, which, 0, 1) != 0:
            pass
        cuda.threadfence()
        out[0] += a[cuda.blockIdx.x]  # <- racecheck
        cuda.threadfence()
        cuda.atomic.exch(lock, which, 0)


@cuda.jit
def sum_after_the_lock_is_given_back(out, a, lock):
    if cuda.threadIdx.x == 0:
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        cuda.threadfence()
        x = a[cuda.blockIdx.x]
        cuda.threadfence()
        cuda.atomic.exch(lock, 0, 0)
        out[0] += x  # <- racecheck


@cuda.jit
def sum_behind_a_lock(out, a, lock):
    if cuda.threadIdx.x == 0:
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        cuda.threadfence()
        out[0] += a[cuda.blockIdx.x]
        cuda.threadfence()
        cuda.atomic.exch(lock, 0, 0)


# Each block waits for the sum of the one before it.


@cuda.jit
def looking_back_without_fence(out, a, state):
    b = cuda.blockIdx.x
    if cuda.threadIdx.x == 0:
        prev = float32(0)
        if b > 0:
            while cuda.atomic.add(state, b - 1, 0) == 0:
                pass
            prev = out[b - 1]  # <- racecheck
        out[b] = prev + a[b]
        cuda.atomic.exch(state, b, 1)


@cuda.jit
def looking_back_with_fence(out, a, state):
    b = cuda.blockIdx.x
    if cuda.threadIdx.x == 0:
        prev = float32(0)
        if b > 0:
            while cuda.atomic.add(state, b - 1, 0) == 0:
                pass
            prev = out[b - 1]
        out[b] = prev + a[b]
        cuda.threadfence()
        cuda.atomic.exch(state, b, 1)


# A ring with fewer places than threads.


@cuda.jit
def ring_of_four(out, a, head):
    t = cuda.threadIdx.x
    ring = cuda.shared.array(4, float32)
    ring[t % 4] = a[t]  # <- racecheck
    cuda.syncthreads()
    out[t] = ring[t % 4]


@cuda.jit
def ring_of_all(out, a, head):
    t = cuda.threadIdx.x
    ring = cuda.shared.array(64, float32)
    ring[t] = a[t]
    cuda.syncthreads()
    out[t] = ring[t]


# As many barriers as the data say.


@cuda.jit
def barriers_by_data(out, a):
    t = cuda.threadIdx.x
    s = cuda.shared.array(N, float32)
    s[t] = a[t]
    n = int(a[t])
    for _ in range(n):
        cuda.syncthreads()  # <- synccheck
    out[t] = s[t]


@cuda.jit
def barriers_by_a_constant(out, a):
    t = cuda.threadIdx.x
    s = cuda.shared.array(N, float32)
    s[t] = a[t]
    for _ in range(3):
        cuda.syncthreads()
    out[t] = s[t]


# A tile whose corners nobody loads.


@cuda.jit
def corners_left_out(out, a):
    s = cuda.shared.array((10, 10), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    s[y + 1, x + 1] = a[y + 1, x + 1]
    if x == 0:
        s[y + 1, 0] = a[y + 1, 0]
        s[y + 1, 9] = a[y + 1, 9]
    if y == 0:
        s[0, x + 1] = a[0, x + 1]
        s[9, x + 1] = a[9, x + 1]
    cuda.syncthreads()
    out[y, x] = s[y, x] + s[y + 2, x + 2]  # <- initcheck


@cuda.jit
def corners_loaded(out, a):
    s = cuda.shared.array((10, 10), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    for i in range(y, 10, 8):
        for j in range(x, 10, 8):
            s[i, j] = a[i, j]
    cuda.syncthreads()
    out[y, x] = s[y, x] + s[y + 2, x + 2]


# Complex numbers.


@cuda.jit
def complex_without_barrier(out, a):
    s = cuda.shared.array(N, complex64)
    t = cuda.threadIdx.x
    s[t] = complex(a[t], 1)
    out[t] = s[N - 1 - t].real  # <- racecheck


@cuda.jit
def complex_with_barrier(out, a):
    s = cuda.shared.array(N, complex64)
    t = cuda.threadIdx.x
    s[t] = complex(a[t], 1)
    cuda.syncthreads()
    out[t] = s[N - 1 - t].real


# Dynamic shared memory filled by one thread.


@cuda.jit
def filled_by_one_without_barrier(out, a):
    s = cuda.shared.array(0, float32)
    t = cuda.threadIdx.x
    if t == 0:
        for k in range(N):
            s[k] = a[k]
    out[t] = s[t]  # <- racecheck


@cuda.jit
def filled_by_one_with_barrier(out, a):
    s = cuda.shared.array(0, float32)
    t = cuda.threadIdx.x
    if t == 0:
        for k in range(N):
            s[k] = a[k]
    cuda.syncthreads()
    out[t] = s[t]


# Compare and swap, once.


@cuda.jit
def swapped_once(out, a):
    t = cuda.grid(1)
    old = out[0]
    cuda.atomic.cas(out, 0, old, old + int64(a[t]))  # <- racecheck


@cuda.jit
def added_atomically(out, a):
    t = cuda.grid(1)
    cuda.atomic.add(out, 0, int64(a[t]))


# Two branches of one warp.


@cuda.jit
def branches_without_syncwarp(out, a):
    s = cuda.shared.array(32, float32)
    t = cuda.threadIdx.x
    if t < 16:
        s[t] = a[t]
        out[t] = a[t]
    else:
        out[t] = s[31 - t]  # <- racecheck warning


@cuda.jit
def branches_with_syncwarp(out, a):
    s = cuda.shared.array(32, float32)
    t = cuda.threadIdx.x
    if t < 16:
        s[t] = a[t]
        out[t] = a[t]
    cuda.syncwarp()
    if t >= 16:
        out[t] = s[31 - t]


def _in_and_out():
    return np.zeros(N, np.float32), vector()


def _locks():
    return np.zeros(1, np.float32), vector(4), np.zeros(2, np.int32)


def _states():
    return np.zeros(4, np.float32), vector(4), np.zeros(4, np.int32)


def _square():
    return np.zeros((8, 8), np.float32), vector(100).reshape(10, 10)


def _sum(out, a, lock):
    return a.sum()


def _same(out, a, *more):
    return a


PAIRS = [
    Pair(sum_behind_one_of_two_locks, sum_behind_a_lock, 4, 32, _locks, _sum),
    Pair(sum_after_the_lock_is_given_back, sum_behind_a_lock, 4, 32, _locks, _sum),
    Pair(looking_back_without_fence, looking_back_with_fence, 4, 32, _states, lambda out, a, state: np.cumsum(a)),
    Pair(ring_of_four, ring_of_all, 1, N, lambda: (*_in_and_out(), np.zeros(1, np.int32)), _same),
    Pair(barriers_by_data, barriers_by_a_constant, 1, N, _in_and_out, _same),
    Pair(corners_left_out, corners_loaded, 1, (8, 8), _square, lambda out, a: a[:8, :8] + a[2:, 2:]),
    Pair(complex_without_barrier, complex_with_barrier, 1, N, _in_and_out, lambda out, a: a[::-1]),
    Pair(filled_by_one_without_barrier, filled_by_one_with_barrier, 1, N, _in_and_out, _same, 4 * N),
    Pair(swapped_once, added_atomically, 2, 32, lambda: (np.zeros(1, np.int64), vector()), lambda out, a: a.sum()),
    Pair(
        branches_without_syncwarp,
        branches_with_syncwarp,
        *(1, 32, lambda: (np.zeros(32, np.float32), vector(32))),
        lambda out, a: np.where(np.arange(32) < 16, a, a[::-1]),
    ),
]
