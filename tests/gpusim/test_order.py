"""A seeded order of threads: right kernels are right in all of them, wrong ones show it in some."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda, float32, int32

import gpusim
from gpusim import KernelError


@cuda.jit
def lost_update(out):
    out[0] += 1


@cuda.jit
def missing_barrier(out, a):
    tile = cuda.shared.array(32, float32)
    i = cuda.threadIdx.x
    tile[i] = a[i]
    out[i] = tile[(i + 1) % 32]


@cuda.jit
def reversed_blocks(out, a):
    tile = cuda.shared.array(32, float32)
    i = cuda.threadIdx.x
    tile[i] = a[cuda.grid(1)]
    cuda.syncthreads()
    out[cuda.grid(1)] = tile[cuda.blockDim.x - 1 - i] + tile[i] * 2


@cuda.jit
def spin_lock(out, lock):
    while cuda.atomic.cas(lock, 0, 0, 1) != 0:
        pass
    cuda.threadfence()
    out[0] = out[0] + 1
    cuda.threadfence()
    cuda.atomic.exch(lock, 0, 0)


def outcomes(kernel, grid, block, *given, seeds=range(8)):
    results = []
    for seed in seeds:
        out = np.zeros(grid * block, dtype=np.float32)
        gpusim.simulate(kernel, check="none", scheduler="threads", order=seed)[grid, block](out, *given)
        results.append(tuple(out))
    return results


def test_the_same_seed_is_the_same_run():
    assert outcomes(lost_update, 2, 16) == outcomes(lost_update, 2, 16)


def test_updates_are_lost_in_some_order():
    results = outcomes(lost_update, 2, 16)
    assert all(0 < out[0] <= 32 for out in results)
    assert len({out[0] for out in results}) > 1
    assert any(out[0] < 32 for out in results)


def test_a_missing_barrier_shows_and_which_threads_suffer_differs():
    a = np.arange(32, dtype=np.float32)
    results = outcomes(missing_barrier, 1, 32, a)
    wrong = {tuple(np.flatnonzero(np.array(out) != np.roll(a, -1))) for out in results}
    assert () not in wrong
    assert len(wrong) == len(results)


@pytest.mark.parametrize("seed", range(6))
def test_a_right_kernel_is_right_in_every_order_and_counts_the_same(seed):
    a = np.random.default_rng(1).random(96, dtype=np.float32)
    out, expected = np.zeros_like(a), np.zeros_like(a)
    run = gpusim.simulate(reversed_blocks, scheduler="threads", order=seed)[3, 32](out, a)
    lockstep = gpusim.simulate(reversed_blocks)[3, 32](expected, a)
    np.testing.assert_array_equal(out, expected)
    assert run.findings == []
    assert run.counts == lockstep.counts
    assert run.lines == lockstep.lines


@pytest.mark.parametrize("seed", range(6))
def test_locks_work_in_every_order(seed):
    out, lock = np.zeros(1), np.zeros(1, dtype=np.int32)
    run = gpusim.simulate(spin_lock, scheduler="threads", order=seed)[3, 5](out, lock)
    assert out[0] == 15
    assert run.findings == []


def test_waiting_for_ever_is_still_a_deadlock():
    @cuda.jit
    def kernel(lock):
        while cuda.atomic.add(lock, 0, int32(0)) == 0:
            pass

    with pytest.raises(KernelError, match="never ends"):
        gpusim.simulate(kernel, scheduler="threads", order=3)[2, 2](np.zeros(1, dtype=np.int32))


@pytest.mark.parametrize("scheduler", ["auto", "lockstep"])
def test_other_schedulers_have_no_order(scheduler):
    with pytest.raises(ValueError, match=r"order=1 .* scheduler='threads'"):
        gpusim.simulate(lost_update, scheduler=scheduler, order=1)


@cuda.jit
def in_order_of_blocks(out, turn):
    while cuda.atomic.add(turn, 0, 0) != cuda.blockIdx.x:
        pass
    cuda.threadfence()
    out[cuda.blockIdx.x] = turn[0]
    cuda.threadfence()
    cuda.atomic.add(turn, 0, 1)


@cuda.jit
def in_order_of_tickets(out, turn):
    ticket = cuda.atomic.add(turn, 1, 1)
    while cuda.atomic.add(turn, 0, 0) != ticket:
        pass
    cuda.threadfence()
    out[cuda.blockIdx.x] = ticket
    cuda.threadfence()
    cuda.atomic.add(turn, 0, 1)


@pytest.mark.parametrize("seed", range(4))
def test_one_block_after_the_other_shows_who_counts_on_their_order(seed):
    def launch(kernel, resident):
        out = np.full(3, -1)
        gpusim.simulate(kernel, scheduler="threads", order=seed, resident=resident)[3, 1](out, np.zeros(2, np.int32))
        return sorted(out)

    assert [launch(in_order_of_tickets, resident) for resident in (1, 2, None)] == [[0, 1, 2]] * 3
    assert launch(in_order_of_blocks, None) == [0, 1, 2]
    with pytest.raises(KernelError, match=r"deadlock.* can only start when another ends"):
        launch(in_order_of_blocks, 1)


def test_resident_blocks_are_a_number_and_of_the_threads_scheduler():
    with pytest.raises(ValueError, match="resident=0: no block could run"):
        gpusim.simulate(lost_update, scheduler="threads", resident=0)
    with pytest.raises(ValueError, match=r"resident=1 .* scheduler='threads'"):
        gpusim.simulate(lost_update, resident=1)
