"""The footprint against sets of sectors, and what follows from it against caches that are played through."""

from __future__ import annotations

from collections import OrderedDict, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import cuda
from support.oracle import run_threads

import gpusim
from gpusim.hardware import cache
from gpusim.observe.footprint import SEGMENTS, Footprint
from gpusim.simt.policies import lockstep


@cuda.jit
def gather(out, a, index, last):
    i = cuda.grid(1)
    if i < last:
        out[i] = a[index[i]]


@cuda.jit
def visit(a, index, rounds):
    """Each block reads its `rounds` elements of `index`, and a sector of `a` for each."""
    first = cuda.blockIdx.x * rounds
    total = 0.0
    for k in range(rounds):
        total += a[index[first + k] * 8]
    if total > 1e9:
        a[0] = total


def sectors_by_block(record, space="global"):
    """(array, sector) -> blocks that load it; and the sectors that are stored."""
    loads, stores = defaultdict(set), set()
    for op, where, name, block, _, address, size in record.accesses:
        for sector in {address // 32, (address + size - 1) // 32} if where == space else ():
            if op == "load":
                loads[name, sector].add(block)
            else:
                stores.add((name, sector))
    return loads, stores


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_who_loads_what(data):
    grid, block = data.draw(st.integers(1, 9)), data.draw(st.sampled_from([5, 32, 40, 96]))
    dtype = data.draw(st.sampled_from([np.int8, np.float32, np.float64, np.complex128]))
    threads = grid * block
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    index = data.draw(
        st.sampled_from(
            [
                np.arange(threads),
                np.arange(threads) * 3 + 1,
                np.full(threads, 2),
                np.arange(threads)[::-1].copy(),
                rng.integers(0, 4 * threads, threads),
                np.arange(threads) // 7,
            ]
        )
    )
    a, last = np.arange(4 * threads).astype(dtype), data.draw(st.integers(1, threads))
    record = run_threads(gather, grid, block, np.zeros(threads, dtype), a, index, last)
    loads, stores = sectors_by_block(record)
    footprint = gpusim.simulate(gather)[grid, block](np.zeros(threads, dtype), a, index, last).footprint
    expected = np.bincount([len(blocks) for blocks in loads.values()], minlength=grid + 1)
    np.testing.assert_array_equal(footprint.loaded_by[1:], expected[1:])
    assert footprint.stored == len(stores)
    assert footprint.reuse.sum() == footprint.reuse[0].sum() == len(loads)  # one chunk: no reuse between chunks


def test_loads_of_what_was_stored_before_are_not_new():
    @cuda.jit
    def shift(a):
        i = cuda.grid(1)
        a[i] = 1
        cuda.syncthreads()
        a[i] += 2

    footprint = gpusim.simulate(shift)[4, 64](np.zeros(256, np.float32)).footprint
    assert footprint.reuse.sum() == 0
    assert footprint.stored == 32
    assert footprint.loaded_by[1] == 32


def test_atomics_need_memory_but_not_the_l1_cache():
    @cuda.jit
    def count(bins):
        cuda.atomic.add(bins, cuda.threadIdx.x % 8, 1)

    footprint = gpusim.simulate(count)[40, 1024](np.zeros(8, np.int32)).footprint
    assert footprint.reuse[0].sum() == 1
    assert footprint.reuse[1:].sum() == footprint.reuse.shape[1] - 1  # each later chunk comes back to it
    assert not footprint.loaded_by[1:].any()
    assert footprint.stored == 1


def test_threads_one_by_one_leave_the_same_footprint():
    a, index = np.arange(999, dtype=np.float32), np.random.default_rng(2).integers(0, 999, 320)
    prints = [
        gpusim.simulate(gather, scheduler=scheduler)[5, 64](np.zeros(320, np.float32), a, index, 320).footprint
        for scheduler in ("lockstep", "threads")
    ]
    np.testing.assert_array_equal(prints[0].loaded_by[1:], prints[1].loaded_by[1:])
    assert prints[0].stored == prints[1].stored
    assert prints[0].reuse[0].sum() == prints[1].reuse[0].sum()


def test_many_chunks_share_segments():
    n = 400 * 16
    footprint = gpusim.simulate(gather, scheduler="threads")[400, 16](
        np.zeros(n, np.float32), np.zeros(n, np.float32), np.zeros(n, np.int64), n
    ).footprint
    assert footprint.reuse.shape[1] <= SEGMENTS
    assert footprint.loaded_by[400] == 1  # a[0], by every block
    assert footprint.reuse[0].sum() == 1 + n * 8 // 32


def visits(order: np.ndarray, blocks: int) -> Footprint:
    """The footprint of blocks that visit sectors in an order, 16 blocks a chunk."""
    rounds = len(order) // blocks
    a = np.zeros((int(order.max()) + 1) * 8, np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lockstep, "CHUNK_LANES", 16 * 32)
        return gpusim.simulate(visit, check="none")[blocks, 32](a, order, rounds).footprint


def misses_of_lru(trace: list[int], capacity: int) -> int:
    held: OrderedDict[int, None] = OrderedDict()
    misses = 0
    for sector in trace:
        misses += sector not in held
        held[sector] = None
        held.move_to_end(sector)
        if len(held) > capacity:
            held.popitem(last=False)
    return misses


def misses_of_the_best_cache(trace: list[int], capacity: int) -> int:
    """Belady 1966: throw out what is needed last."""
    following: dict[int, list[int]] = defaultdict(list)
    for time in reversed(range(len(trace))):
        following[trace[time]].append(time)
    held: set[int] = set()
    misses = 0
    for sector in trace:
        following[sector].pop()
        if sector not in held:
            misses += 1
            if len(held) == capacity:
                held.remove(max(held, key=lambda s: following[s][-1] if following[s] else len(trace)))
            held.add(sector)
    return misses


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_cache_beats_the_bound(data):
    """Chunks one after the other, in each chunk the sectors in any order: not even the best cache misses less."""
    blocks, rounds = 16 * data.draw(st.integers(2, 8)), data.draw(st.integers(1, 3))
    spread, kind = data.draw(st.integers(1, 120)), data.draw(st.sampled_from(["random", "sweep"]))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    count = blocks * rounds
    order = rng.integers(0, spread, count) if kind == "random" else np.arange(count) % spread
    footprint = visits(order, blocks)
    capacity = data.draw(st.integers(1, 140))
    trace: list[int] = []
    for chunk in order.reshape(-1, 16 * rounds):  # `order` itself is read, too: 4 elements to a sector
        trace += rng.permutation(np.unique(chunk)).tolist()
    trace_and_order = trace + [-1 - k for k in range(-(-count * 8 // 32))]
    bound = cache.dram_bytes_read(footprint, capacity * 32, stretches=blocks // 16) // 32
    different = len(set(trace_and_order))
    best = misses_of_the_best_cache(trace, capacity) + different - len(set(trace))
    assert different <= bound <= best <= misses_of_lru(trace, capacity) + different - len(set(trace))


def test_a_sweep_that_does_not_fit_is_read_again():
    """Two sweeps over 128 sectors: a cache of 48 can keep 48 of them for the second one."""
    order = np.tile(np.arange(128), 2)
    footprint = visits(order, 256)
    order_itself = 256 * 8 // 32
    assert cache.dram_bytes_read(footprint, 1 << 30, 16) == (128 + order_itself) * 32
    assert cache.dram_bytes_read(footprint, 48 * 32, 16) == (128 + order_itself + 128 - 48) * 32
    assert cache.dram_bytes_read(footprint, 48 * 32, 1) == (128 + order_itself) * 32  # all at once: nothing is known


def test_writes_may_stay_in_the_cache():
    n = 1 << 12
    footprint = gpusim.simulate(gather)[n // 64, 64](
        np.zeros(n, np.float32), np.zeros(1, np.float32), np.zeros(n, np.int64), n
    ).footprint
    assert cache.dram_bytes_written(footprint, 0) == 4 * n
    assert cache.dram_bytes_written(footprint, 3 * n) == n
    assert cache.dram_bytes_written(footprint, 8 * n) == 0


@pytest.mark.parametrize(("blocks_per_sm", "fetches"), [(1, 12), (2, 6), (5, 3), (12, 1), (50, 1)])
def test_blocks_of_one_multiprocessor_share_what_they_fetch(blocks_per_sm, fetches):
    footprint = gpusim.simulate(gather)[12, 32](
        np.zeros(384, np.float32), np.zeros(8, np.float32), np.zeros(384, np.int64), 384
    ).footprint
    own = 384 * 8 // 32  # sectors of `index`, each loaded by one block
    assert cache.bytes_to_multiprocessors(footprint, blocks_per_sm) == (own + fetches) * 32


def test_a_launch_without_accesses():
    @cuda.jit
    def nothing(a):
        pass

    footprint = gpusim.simulate(nothing)[3, 32](np.zeros(3)).footprint
    assert cache.dram_bytes_read(footprint, 100, 2) == cache.dram_bytes_written(footprint, 0) == 0
    assert cache.bytes_to_multiprocessors(footprint, 1) == 0
