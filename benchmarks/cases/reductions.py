"""Work that threads of a block share: sums, prefix sums, histograms."""

from __future__ import annotations

import numpy as np
from numba import cuda, float32, int32, njit

from cases.case import Case, random

BLOCK = 256
SCAN = 1024
BINS = 64


@cuda.jit
def block_sum(out, a):
    part = cuda.shared.array(BLOCK, float32)
    i = cuda.threadIdx.x
    part[i] = a[cuda.blockIdx.x, i]
    cuda.syncthreads()
    step = BLOCK // 2
    while step > 0:
        if i < step:
            part[i] += part[i + step]
        cuda.syncthreads()
        step //= 2
    if i == 0:
        out[cuda.blockIdx.x] = part[0]


@njit
def block_sum_loops(out, a):
    part = np.empty(BLOCK, np.float32)
    for row in range(a.shape[0]):
        for i in range(BLOCK):
            part[i] = a[row, i]
        step = BLOCK // 2
        while step > 0:
            for i in range(step):
                part[i] += part[i + step]
            step //= 2
        out[row] = part[0]


@cuda.jit
def block_scan(out, a):
    """Inclusive prefix sums of 1024 elements (Hillis and Steele), two buffers in turn."""
    part = cuda.shared.array((2, SCAN), float32)
    i = cuda.threadIdx.x
    row = cuda.blockIdx.x
    part[0, i] = a[row, i]
    cuda.syncthreads()
    source = 0
    step = 1
    while step < SCAN:
        if i >= step:
            part[1 - source, i] = part[source, i] + part[source, i - step]
        else:
            part[1 - source, i] = part[source, i]
        source = 1 - source
        cuda.syncthreads()
        step *= 2
    out[row, i] = part[source, i]


@njit
def block_scan_loops(out, a):
    part = np.empty((2, SCAN), np.float32)
    for row in range(a.shape[0]):
        for i in range(SCAN):
            part[0, i] = a[row, i]
        source = 0
        step = 1
        while step < SCAN:
            for i in range(SCAN):
                if i >= step:
                    part[1 - source, i] = part[source, i] + part[source, i - step]
                else:
                    part[1 - source, i] = part[source, i]
            source = 1 - source
            step *= 2
        for i in range(SCAN):
            out[row, i] = part[source, i]


@cuda.jit
def histogram(out, a):
    """Bins in shared memory, added to global memory at the end; every update is atomic."""
    bins = cuda.shared.array(BINS, int32)
    i = cuda.threadIdx.x
    if i < BINS:
        bins[i] = 0
    cuda.syncthreads()
    for k in range(cuda.grid(1), a.size, cuda.gridsize(1)):
        cuda.atomic.add(bins, a[k], 1)
    cuda.syncthreads()
    if i < BINS:
        cuda.atomic.add(out, i, bins[i])


@njit
def histogram_loops(out, a):
    for k in range(a.size):
        out[a[k]] += 1


def _scan_loads(rows: int) -> int:
    steps = SCAN.bit_length() - 1
    second = sum(SCAN - (1 << k) for k in range(steps))
    return rows * (SCAN + steps * SCAN + second + SCAN)


_SAMPLES = 1 << 16

CASES = [
    Case(
        "block reduction of 4096 by 256",
        block_sum,
        block_sum_loops,
        4096 // BLOCK,
        BLOCK,
        lambda: (np.zeros(4096 // BLOCK, np.float32), *random((4096 // BLOCK, BLOCK))),
        lambda out, a: a.sum(axis=1),
        (4096 // BLOCK) * (BLOCK + 2 * (BLOCK - 1) + 1),
    ),
    Case(
        "block scan, 16 rows of 1024",
        block_scan,
        block_scan_loops,
        16,
        SCAN,
        lambda: (np.zeros((16, SCAN), np.float32), *random((16, SCAN))),
        lambda out, a: np.cumsum(a, axis=1),
        _scan_loads(16),
    ),
    Case(
        "histogram of 65536, 64 bins",
        histogram,
        histogram_loops,
        32,
        BLOCK,
        lambda: (np.zeros(BINS, np.int32), np.random.default_rng(0).integers(0, BINS, _SAMPLES).astype(np.int32)),
        lambda out, a: np.bincount(a, minlength=BINS),
        _SAMPLES + 32 * BINS,
    ),
]
