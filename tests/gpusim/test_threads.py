"""The threads scheduler: kernels whose threads wait for each other, and agreement with lockstep."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from numba import cuda, float32, int32

import gpusim
from gpusim import KernelError
from gpusim.places import shown_path

ALL = 0xFFFFFFFF


def spin_lock(out, lock):
    while cuda.atomic.cas(lock, 0, 0, 1) != 0:
        pass
    cuda.threadfence()
    out[0] = out[0] + 1
    cuda.threadfence()
    cuda.atomic.exch(lock, 0, 0)


@pytest.mark.parametrize(("grid", "block"), [(8, 1), (1, 8), (1, 96), (3, 40)])
def test_spin_locks_between_blocks_warps_and_lanes(grid, block):
    out, lock = np.zeros(1), np.zeros(1, dtype=np.int32)
    run = gpusim.simulate(cuda.jit(spin_lock))[grid, block](out, lock)
    assert out[0] == grid * block
    assert lock[0] == 0
    assert run.findings == []


def test_lock_without_a_fence_is_a_race():
    @cuda.jit
    def kernel(out, lock):
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        out[0] = out[0] + 1
        cuda.atomic.exch(lock, 0, 0)

    run = gpusim.simulate(kernel)[4, 1](np.zeros(1), np.zeros(1, dtype=np.int32))
    assert {finding.tool for finding in run.findings} == {"racecheck"}


def test_flag_from_one_block_to_another():
    @cuda.jit
    def kernel(out, flag):
        if cuda.blockIdx.x == 0:
            while cuda.atomic.add(flag, 0, 0) == 0:
                cuda.nanosleep(100)
            cuda.threadfence()
            out[0] = out[1] + 1
        else:
            out[1] = 41
            cuda.threadfence()
            cuda.atomic.exch(flag, 0, 1)

    out = np.zeros(2)
    run = gpusim.simulate(kernel)[2, 1](out, np.zeros(1, dtype=np.int32))
    np.testing.assert_array_equal(out, [42, 41])
    assert run.findings == []


def test_memory_is_restored_before_the_second_start():
    @cuda.jit
    def kernel(out, lock):
        out[cuda.grid(1)] += 1
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        cuda.atomic.exch(lock, 0, 0)

    out = np.zeros(5)
    gpusim.simulate(kernel)[1, 5](out, np.zeros(1, dtype=np.int32))
    np.testing.assert_array_equal(out, np.ones(5))


def test_more_blocks_than_are_resident(monkeypatch):
    from gpusim.simt.policies import threads

    monkeypatch.setattr(threads, "RESIDENT_THREADS", 8)
    out, lock = np.zeros(1), np.zeros(1, dtype=np.int32)
    gpusim.simulate(cuda.jit(spin_lock), scheduler="threads")[40, 2](out, lock)
    assert out[0] == 80


def test_waiting_for_ever_is_a_deadlock_with_places():
    @cuda.jit
    def kernel(out, lock):
        if cuda.threadIdx.x == 0:
            while cuda.atomic.add(lock, 0, 0) == 0:
                pass
        cuda.syncthreads()
        out[cuda.threadIdx.x] = 1

    with pytest.raises(KernelError) as caught:
        gpusim.simulate(kernel)[1, 4](np.zeros(4), np.zeros(1, dtype=np.int32))
    message = str(caught.value)
    first = kernel.py_func.__code__.co_firstlineno
    assert "deadlock" in message
    assert f"{shown_path(__file__)}:{first + 3} `while cuda.atomic.add(lock, 0, 0) == 0`" in message
    assert f"thread (1, 0, 0) of block (0, 0, 0) and 2 more at {shown_path(__file__)}:{first + 5}" in message


def test_lockstep_alone_reports_no_progress():
    with pytest.raises(KernelError, match="nothing changes"):
        gpusim.simulate(cuda.jit(spin_lock), scheduler="lockstep")[1, 2](np.zeros(1), np.zeros(1, dtype=np.int32))


def test_unknown_scheduler():
    with pytest.raises(ValueError, match="auto, lockstep, threads"):
        gpusim.simulate(cuda.jit(spin_lock), scheduler="warps")


# Agreement of the two schedulers


@cuda.jit(device=True)
def weight(a, i):
    if i % 3 == 0:
        return a[i] * 2
    return a[i // 2]


def guarded_map(out, a):
    i = cuda.grid(1)
    if i < out.size - 3:
        out[i] = weight(a, i) + weight(a, i // 2)


def tree_sum(out, a):
    part = cuda.shared.array(128, float32)
    i = cuda.threadIdx.x
    part[i] = a[cuda.grid(1)]
    cuda.syncthreads()
    step = cuda.blockDim.x // 2
    while step > 0:
        if i < step:
            part[i] += part[i + step]
        cuda.syncthreads()
        step //= 2
    if i == 0:
        out[cuda.blockIdx.x] = part[0]


def ragged_loops(out, a):
    i = cuda.grid(1)
    total = float32(0)
    for k in range(i % 7):
        if (i + k) % 4 == 3:
            continue
        for j in range(k):
            total += a[(i * j) % a.size]
            if total > 3:
                break
    out[i] = total


def local_and_atomic(out, a):
    mine = cuda.local.array(4, int32)
    i = cuda.grid(1)
    for k in range(4):
        mine[k] = i * k
    cuda.atomic.add(out, mine[i % 4] % out.size, a[i])


def warp_sum(out, a):
    i = cuda.grid(1)
    value = a[i]
    for step in (16, 8, 4, 2, 1):
        value += cuda.shfl_xor_sync(ALL, value, step)
    out[i] = value + cuda.popc(cuda.ballot_sync(ALL, a[i] > 0.5))


def votes(out, a):
    i = cuda.threadIdx.x
    n = cuda.syncthreads_count(int32(a[cuda.grid(1)] > 0.5))
    some = cuda.syncthreads_or(int32(i == 5))
    out[cuda.grid(1)] = n * 10 + some + cuda.laneid


def early_return(out, a):
    i = cuda.grid(1)
    if a[i] < 0.3:
        return
    out[i] = a[i]
    if a[i] < 0.6:
        out[i] = 2
        return
    out[i] += 1


def racy_neighbours(out, a):
    tile = cuda.shared.array(130, float32)
    i = cuda.threadIdx.x
    tile[i] = a[cuda.grid(1)]
    out[cuda.grid(1)] = tile[i + 1] if i + 1 < cuda.blockDim.x else 0


def uninitialised(out, a):
    tile = cuda.shared.array(128, float32)
    i = cuda.threadIdx.x
    if i % 2 == 0:
        tile[i] = a[i]
    cuda.syncthreads()
    out[cuda.grid(1)] = tile[i ^ 1]


KERNELS = [
    guarded_map,
    tree_sum,
    ragged_loops,
    local_and_atomic,
    warp_sum,
    votes,
    early_return,
    racy_neighbours,
    uninitialised,
]
CLEAN = KERNELS[:-2]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.__name__)
@pytest.mark.parametrize(("grid", "block"), [(1, 32), (2, 64), (3, 128)])
def test_threads_agree_with_lockstep(kernel, grid, block):
    a = np.random.default_rng(block).random(grid * block, dtype=np.float32)
    runs, outs = [], []
    for scheduler in ("lockstep", "threads"):
        out = np.zeros(grid * block, dtype=np.float32)
        runs.append(gpusim.simulate(cuda.jit(kernel), scheduler=scheduler)[grid, block](out, a))
        outs.append(out)
    lockstep, threads = runs
    assert threads.counts == lockstep.counts
    assert threads.lines == lockstep.lines
    for space in ("global", "shared", "local"):
        for counter in ("loads", "stores", "atomics"):
            np.testing.assert_array_equal(threads.per_thread(space, counter), lockstep.per_thread(space, counter))
    if kernel in CLEAN:
        np.testing.assert_allclose(outs[1], outs[0], rtol=1e-6)
        assert threads.findings == lockstep.findings == []
    else:
        # Which of two racing threads comes first differs, so one scheduler may find an unwritten element besides.
        tool = "racecheck" if kernel is racy_neighbours else "initcheck"
        severity = "warning" if kernel is racy_neighbours and block == 32 else "error"
        for run in runs:
            assert (tool, severity, "tile") in {(f.tool, f.severity, f.array) for f in run.findings}


def test_print_comes_from_each_thread(capsys):
    @cuda.jit
    def kernel(out):
        i = cuda.grid(1)
        print("thread", i, out[i] * 2)

    gpusim.simulate(kernel, scheduler="threads")[1, 3](np.arange(3.0))
    assert capsys.readouterr().out == "thread 0 0.000000\nthread 1 2.000000\nthread 2 4.000000\n"  # as printf on a GPU


@cuda.jit
def stops(out):
    i = cuda.grid(1)
    twice = i * 2
    breakpoint()
    out[i] = twice


def test_breakpoint_opens_a_debugger_at_the_kernels_line(monkeypatch, capsys):
    monkeypatch.setattr("sys.breakpointhook", sys.__breakpointhook__)
    monkeypatch.setattr("sys.stdin", io.StringIO("p 'twice', int(twice)\nlist\ncontinue\n" * 2))
    out = np.zeros(2)
    gpusim.simulate(stops, scheduler="threads")[1, 2](out)
    said = capsys.readouterr().out
    assert "('twice', 0)" in said
    assert "('twice', 2)" in said
    assert "out[i] = twice" in said
    np.testing.assert_array_equal(out, [0, 2])


def test_breakpoint_in_lockstep_says_what_to_do(monkeypatch):
    monkeypatch.setattr("sys.breakpointhook", sys.__breakpointhook__)
    with pytest.raises(KernelError, match="scheduler='threads'"):
        gpusim.simulate(stops)[1, 2](np.zeros(2))
