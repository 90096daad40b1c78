"""Missing atomics: lost updates, and atomics mixed with plain accesses."""

from __future__ import annotations

import numpy as np
from numba import cuda, float32, int32
from support.pairs import Pair

N = 128
BINS = 8


@cuda.jit
def counter_in_global_memory(count, a):
    i = cuda.grid(1)
    if i < a.size and a[i] > 4:
        count[0] += 1  # <- racecheck


@cuda.jit
def counter_in_one_warp(count, a):
    i = cuda.grid(1)
    if i < a.size and a[i] > 4:
        count[0] = count[0] + 1  # <- racecheck


@cuda.jit
def atomic_counter(count, a):
    i = cuda.grid(1)
    if i < a.size and a[i] > 4:
        cuda.atomic.add(count, 0, 1)


@cuda.jit
def histogram_without_atomics(out, a):
    bins = cuda.shared.array(BINS, int32)
    t = cuda.threadIdx.x
    if t < BINS:
        bins[t] = 0
    cuda.syncthreads()
    bins[int32(a[t]) % BINS] += 1  # <- racecheck
    cuda.syncthreads()
    if t < BINS:
        out[t] = bins[t]


@cuda.jit
def histogram_with_atomics(out, a):
    bins = cuda.shared.array(BINS, int32)
    t = cuda.threadIdx.x
    if t < BINS:
        bins[t] = 0
    cuda.syncthreads()
    cuda.atomic.add(bins, int32(a[t]) % BINS, 1)
    cuda.syncthreads()
    if t < BINS:
        out[t] = bins[t]


@cuda.jit
def block_sums_added_without_atomics(out, a):
    total = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    if t == 0:
        total[0] = 0
    cuda.syncthreads()
    cuda.atomic.add(total, 0, a[cuda.grid(1)])
    cuda.syncthreads()
    if t == 0:
        out[0] += total[0]  # <- racecheck


@cuda.jit
def block_sums_added_atomically(out, a):
    total = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    if t == 0:
        total[0] = 0
    cuda.syncthreads()
    cuda.atomic.add(total, 0, a[cuda.grid(1)])
    cuda.syncthreads()
    if t == 0:
        cuda.atomic.add(out, 0, total[0])


@cuda.jit
def maximum_by_compare_and_store(out, a):
    i = cuda.grid(1)
    if a[i] > out[0]:
        out[0] = a[i]  # <- racecheck


@cuda.jit
def maximum_by_atomics(out, a):
    cuda.atomic.max(out, 0, a[cuda.grid(1)])


@cuda.jit
def scatter_without_atomics(out, a, targets):
    i = cuda.grid(1)
    out[targets[i]] += a[i]  # <- racecheck


@cuda.jit
def scatter_with_atomics(out, a, targets):
    i = cuda.grid(1)
    cuda.atomic.add(out, targets[i], a[i])


@cuda.jit
def positions_from_a_plain_counter(out, a, count):
    i = cuda.grid(1)
    if a[i] > 4:
        place = count[0]
        count[0] = place + 1  # <- racecheck
        out[place] = a[i]  # <- racecheck


@cuda.jit
def positions_from_an_atomic_counter(out, a, count):
    i = cuda.grid(1)
    if a[i] > 4:
        place = cuda.atomic.add(count, 0, 1)
        out[place] = a[i]


@cuda.jit
def one_plain_update_among_atomics(out, a):
    i = cuda.grid(1)
    if i % 2 == 0:
        cuda.atomic.add(out, 0, a[i])
    else:
        out[0] += a[i]  # <- racecheck


@cuda.jit
def atomic_updates_only(out, a):
    cuda.atomic.add(out, 0, a[cuda.grid(1)])


@cuda.jit
def total_read_while_others_add(out, a):
    total = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    if t == 0:
        total[0] = 0
    cuda.syncthreads()
    cuda.atomic.add(total, 0, a[t])
    if t == N - 1:
        out[0] = total[0]  # <- racecheck


@cuda.jit
def total_read_after_a_barrier(out, a):
    total = cuda.shared.array(1, float32)
    t = cuda.threadIdx.x
    if t == 0:
        total[0] = 0
    cuda.syncthreads()
    cuda.atomic.add(total, 0, a[t])
    cuda.syncthreads()
    if t == N - 1:
        out[0] = total[0]


@cuda.jit
def counter_cleared_by_one_block(out, a):
    if cuda.grid(1) == 0:
        out[0] = 0
    cuda.syncthreads()
    cuda.atomic.add(out, 0, a[cuda.grid(1)])  # <- racecheck


@cuda.jit
def counter_read_while_other_blocks_add(out, a):
    cuda.atomic.add(out, 0, a[cuda.grid(1)])
    cuda.syncthreads()
    if cuda.blockIdx.x == cuda.gridDim.x - 1 and cuda.threadIdx.x == 0:
        out[0] = out[0] / a.size  # <- racecheck


@cuda.jit
def mean_by_atomics(out, a):
    cuda.atomic.add(out, 0, a[cuda.grid(1)] / a.size)


# Same-value writes: right on every GPU so far, and still a data race.


@cuda.jit
def flag_set_by_every_thread(out, a):
    i = cuda.grid(1)
    if a[i] > 4:
        out[0] = 1  # <- racecheck warning


@cuda.jit
def flag_set_by_an_atomic(out, a):
    i = cuda.grid(1)
    if a[i] > 4:
        cuda.atomic.max(out, 0, 1)


@cuda.jit
def length_set_by_every_thread(out, a):
    length = cuda.shared.array(1, int32)
    length[0] = a.size  # <- racecheck warning
    cuda.syncthreads()
    out[cuda.threadIdx.x] = length[0]


@cuda.jit
def length_set_by_one_thread(out, a):
    length = cuda.shared.array(1, int32)
    if cuda.threadIdx.x == 0:
        length[0] = a.size
    cuda.syncthreads()
    out[cuda.threadIdx.x] = length[0]


def _values(n: int = N) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 9, n).astype(np.float32)


def _single(dtype: type = np.float32):
    return lambda: (np.zeros(1, dtype), _values())


def _warp():
    return np.zeros(1, np.int32), _values(32)


def _bins():
    return np.zeros(BINS, np.int32), _values()


def _targets():
    return np.zeros(5, np.float32), _values(), np.arange(N) % 5


def _compaction():
    return np.zeros(N, np.float32), _values(), np.zeros(1, np.int32)


def _compacted(out, a, count):
    chosen = a[a > 4]
    return np.concatenate([chosen, np.zeros(N - chosen.size)])


PAIRS = [
    Pair(counter_in_global_memory, atomic_counter, 4, 32, _single(np.int32), lambda out, a: (a > 4).sum()),
    Pair(counter_in_one_warp, atomic_counter, 1, 32, _warp, lambda out, a: (a > 4).sum()),
    Pair(
        histogram_without_atomics,
        histogram_with_atomics,
        1,
        N,
        _bins,
        lambda out, a: np.bincount(a.astype(int) % BINS, minlength=BINS),
    ),
    Pair(block_sums_added_without_atomics, block_sums_added_atomically, 4, 32, _single(), lambda out, a: a.sum()),
    Pair(maximum_by_compare_and_store, maximum_by_atomics, 2, 64, _single(), lambda out, a: a.max()),
    Pair(
        scatter_without_atomics,
        scatter_with_atomics,
        2,
        64,
        _targets,
        lambda out, a, targets: np.bincount(targets, weights=a),
    ),
    Pair(positions_from_a_plain_counter, positions_from_an_atomic_counter, 1, N, _compaction, _compacted),
    Pair(one_plain_update_among_atomics, atomic_updates_only, 2, 64, _single(), lambda out, a: a.sum()),
    Pair(total_read_while_others_add, total_read_after_a_barrier, 1, N, _single(), lambda out, a: a.sum()),
    Pair(counter_cleared_by_one_block, atomic_updates_only, 4, 32, _single(), lambda out, a: a.sum()),
    Pair(counter_read_while_other_blocks_add, mean_by_atomics, 4, 32, _single(), lambda out, a: a.mean()),
    Pair(flag_set_by_every_thread, flag_set_by_an_atomic, 4, 32, _single(np.int32), lambda out, a: 1),
    Pair(
        length_set_by_every_thread,
        length_set_by_one_thread,
        1,
        N,
        lambda: (np.zeros(N, np.int32), _values()),
        lambda out, a: np.full(N, N),
    ),
]
