"""What synccheck says: who waits, where the others are, and what is fine."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda, float32, int32

import gpusim

ALL = 0xFFFFFFFF


def line_of(kernel, text: str) -> int:
    import inspect

    lines, first = inspect.getsourcelines(kernel.py_func)
    return first + next(k for k, line in enumerate(lines) if text in line)


def only(kernel, block: int = 32, grid: int = 1, scheduler="lockstep", size: int = 64):
    (finding,) = gpusim.simulate(kernel, scheduler=scheduler)[grid, block](np.zeros(size, np.float32)).findings
    assert finding.tool == "synccheck"
    return finding


@cuda.jit
def returned(out):
    i = cuda.threadIdx.x
    if i >= 20:
        return
    cuda.syncthreads()
    out[i] = 1


@cuda.jit
def other_way(out):
    i = cuda.threadIdx.x
    if i < 20:
        out[i] = 1
        for _ in range(2):
            out[i] = 2
            if out[i] > 0:
                cuda.syncthreads()


@cuda.jit
def left_the_loop(out):
    i = cuda.threadIdx.x
    for _ in range(1 + (i < 20)):
        cuda.syncthreads()


@cuda.jit
def broke_out(out):
    i = cuda.threadIdx.x
    while True:
        if i >= 20:
            break
        cuda.syncthreads()
        if out[i] == 0:
            break


@cuda.jit
def skipped(out):
    i = cuda.threadIdx.x
    for k in range(3):
        if i >= 20 and k == 1:
            continue
        cuda.syncthreads()


@cuda.jit(device=True)
def leave_early(i):
    if i >= 20:
        return 0
    cuda.syncthreads()
    return 1


@cuda.jit
def returned_from_a_function(out):
    i = cuda.threadIdx.x
    out[i] = leave_early(i)


CAUSES = [
    (returned, "has returned in line", "return\n"),
    (other_way, "takes the other way at `if i < 20` in line", "if i < 20"),
    (left_the_loop, "has left `for _ in range(1 + (i < 20))` in line", "for _"),
    (broke_out, "has broken out of `while True` in line", "while True"),
    (skipped, "skips the rest of this iteration of `for k in range(3)` in line", "for k"),
    (returned_from_a_function, "has returned from `leave_early`", None),
]


@pytest.mark.parametrize(("kernel", "said", "where"), CAUSES, ids=lambda value: getattr(value, "__name__", None))
def test_where_the_missing_threads_are(kernel, said, where):
    finding = only(kernel)
    assert finding.kind == "divergent-barrier"
    assert f"thread (0, 0, 0) waits here, but thread (20, 0, 0) {said}" in finding.message
    assert "only 20 of the 32 threads" in finding.message
    assert (finding.thread, finding.other["thread"]) == ((0, 0, 0), (20, 0, 0))
    if where is not None:
        assert finding.other["line"] == line_of(kernel, where)
        assert f"line {finding.other['line']}" in finding.message


def test_single_threads_find_the_same_barrier():
    finding = only(returned, scheduler="threads")
    assert "thread (20, 0, 0) has returned in line" in finding.message


@pytest.mark.parametrize("scheduler", ["lockstep", "threads"])
def test_different_barriers_are_one_finding(scheduler):
    @cuda.jit
    def kernel(out):
        i = cuda.threadIdx.x
        if i < 20:
            cuda.syncthreads()
        else:
            out[i] = cuda.syncthreads_count(int32(i > 25))

    finding = only(kernel, scheduler=scheduler)
    assert finding.kind == "different-barriers"
    assert "thread (0, 0, 0) and 19 more here, thread (20, 0, 0) and 11 more at" in finding.message
    assert finding.other["line"] == line_of(kernel, "syncthreads_count")


def test_blocks_are_counted_and_the_first_is_named():
    @cuda.jit
    def kernel(out):
        if cuda.grid(1) < 70:
            cuda.syncthreads()

    finding = only(kernel, block=32, grid=5)
    assert finding.block == (2, 0, 0)
    assert "only 6 of the 32 threads" in finding.message
    assert finding.count == 1  # blocks 3 and 4 do not come to it at all


def test_a_grid_barrier_and_a_block_barrier_do_not_meet():
    @cuda.jit
    def kernel(out):
        grid = cuda.cg.this_grid()
        if cuda.threadIdx.x < 20:
            grid.sync()
        else:
            cuda.syncthreads()

    assert only(kernel).kind == "different-barriers"


def uniform_per_block(out):
    if cuda.blockIdx.x % 2 == 0:
        cuda.syncthreads()
        out[cuda.grid(1)] = 1


def trips_per_block(out):
    for _ in range(cuda.blockIdx.x):
        cuda.syncthreads()


def until_nobody_changes(out):
    i = cuda.threadIdx.x
    rounds = 0
    while cuda.syncthreads_or(int32(rounds < i % 3)):
        rounds += 1
    out[cuda.grid(1)] = rounds


def break_together(out):
    for k in range(10):
        if k == cuda.blockIdx.x:
            break
        cuda.syncthreads()


def return_of_whole_blocks(out):
    if cuda.blockIdx.x == 1:
        return
    cuda.syncthreads()
    out[cuda.grid(1)] = 1


def syncwarp_in_both_branches(out):
    i = cuda.threadIdx.x
    if i % 32 < 16:
        out[cuda.grid(1)] = 1
        cuda.syncwarp()
    else:
        cuda.syncwarp()
        out[cuda.grid(1)] = 2


def syncwarp_one_after_the_other(out):
    i = cuda.threadIdx.x
    if i % 32 < 16:
        cuda.syncwarp()
    if i % 32 >= 16:
        cuda.syncwarp()


def syncwarp_after_early_return(out):
    i = cuda.threadIdx.x
    if i >= 20:
        return
    cuda.syncwarp()
    out[cuda.grid(1)] = 1


def narrowing_warp(out):
    part = cuda.shared.array(32, int32)
    i = cuda.threadIdx.x % 32
    if cuda.threadIdx.x >= 32:
        return
    part[i] = i
    cuda.syncwarp()
    if i < 16:
        part[i] = part[i] + part[i + 16]
        cuda.syncwarp(0xFFFF)
    if i < 8:
        part[i] = part[i] + part[i + 8]
        cuda.syncwarp(0xFF)
    if i < 4:
        part[i] = part[i] + part[i + 4]
        cuda.syncwarp(0xF)
    if i < 2:
        part[i] = part[i] + part[i + 2]
        cuda.syncwarp(0x3)
    if i == 0:
        out[cuda.blockIdx.x] = part[0] + part[1]


def vote_per_branch(out):
    i = cuda.threadIdx.x
    if i % 2 == 0:
        out[cuda.grid(1)] = cuda.ballot_sync(0x55555555, True)
    else:
        out[cuda.grid(1)] = cuda.ballot_sync(0xAAAAAAAA, True)


def reduction_in_half_a_warp(out):
    i = cuda.threadIdx.x
    if i < 16:
        value = float32(i)
        for step in (8, 4, 2, 1):
            value += cuda.shfl_down_sync(0xFFFF, value, step)
        if i == 0:
            out[cuda.blockIdx.x] = value


def mask_of_a_vote(out):
    i = cuda.threadIdx.x
    chosen = cuda.ballot_sync(ALL, i % 3 == 0)
    if i % 3 == 0:
        out[cuda.grid(1)] = cuda.popc(cuda.match_any_sync(chosen, i // 6))


def grid_barrier_after_early_return(out):
    i = cuda.grid(1)
    grid = cuda.cg.this_grid()
    if i >= out.size - 5:
        return
    for _ in range(3):
        out[i] += 1
        grid.sync()


CLEAN = [
    grid_barrier_after_early_return,
    uniform_per_block,
    trips_per_block,
    until_nobody_changes,
    break_together,
    return_of_whole_blocks,
    syncwarp_in_both_branches,
    syncwarp_one_after_the_other,
    syncwarp_after_early_return,
    narrowing_warp,
    vote_per_branch,
    reduction_in_half_a_warp,
    mask_of_a_vote,
]


@pytest.mark.parametrize("scheduler", ["lockstep", "threads"])
@pytest.mark.parametrize("block", [32, 64])
@pytest.mark.parametrize("kernel", CLEAN, ids=lambda kernel: kernel.__name__)
def test_what_is_fine(kernel, block, scheduler):
    run = gpusim.simulate(cuda.jit(kernel), scheduler=scheduler)[3, block](np.zeros(3 * block, np.float32))
    assert run.findings == []


def test_sums_of_what_is_fine():
    out = np.zeros(1, np.float32)
    gpusim.simulate(cuda.jit(narrowing_warp))[1, 32](out)
    assert out[0] == 31 * 16
    gpusim.simulate(cuda.jit(reduction_in_half_a_warp))[1, 32](out)
    assert out[0] == 15 * 8


def test_lanes_that_the_block_does_not_have_get_a_note():
    @cuda.jit
    def kernel(out):
        value = float32(cuda.threadIdx.x)
        for step in (8, 4, 2, 1):
            value += cuda.shfl_down_sync(ALL, value, step)
        if cuda.threadIdx.x == 0:
            out[0] = value

    out = np.zeros(1, np.float32)
    run = gpusim.simulate(kernel)[1, 16](out)
    assert out[0] == 15 * 8
    assert [(f.kind, f.severity) for f in run.findings] == [("inactive-source", "note")]


def test_synccheck_can_be_left_out():
    assert gpusim.simulate(returned, check=["racecheck"])[1, 32](np.zeros(32, np.float32)).findings == []
