"""Recordings: what they say is what happened, they fit, and launches that are not recorded pay nothing."""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np
import pytest
from numba import cuda, float32, int32
from support.recordings import Played

import gpusim
from gpusim import GpusimError, KernelError, MemoryFault
from gpusim.observe.recording.packing import HARD_LIMIT, PICTURE_LIMIT
from gpusim.simt.semantics.statements import assigned, reach
from gpusim.simulator import lower, read
from gpusim.view.player.playing import recording_of

TILE = 16


@cuda.jit
def tiled(out, a, b):
    sa = cuda.shared.array((TILE, TILE), float32)
    sb = cuda.shared.array((TILE, TILE), float32)
    x, y = cuda.grid(2)
    tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
    total = 0.0
    for t in range(a.shape[1] // TILE):
        sa[ty, tx] = a[y, t * TILE + tx]
        sb[ty, tx] = b[t * TILE + ty, x]
        cuda.syncthreads()
        for k in range(TILE):
            total += sa[ty, k] * sb[k, tx]
        cuda.syncthreads()
    out[y, x] = total


@cuda.jit(device=True)
def weight(a, i):
    if i % 3 == 0:
        return a[i] * 2
    return a[i // 2]


@cuda.jit
def guarded(out, a):
    i = cuda.grid(1)
    if i < out.size - 3:
        out[i] = weight(a, i) + weight(a, i // 2)


@cuda.jit
def ragged(out, a):
    i = cuda.grid(1)
    total = float32(0)
    for k in range(i % 5):
        if (i + k) % 4 == 3:
            continue
        total += a[(i * k) % a.size]
        if total > 3:
            break
    out[i] = total


@cuda.jit
def counted(out, a):
    mine = cuda.local.array(2, int32)
    i = cuda.threadIdx.x
    mine[i % 2] = i
    cuda.atomic.add(out, mine[i % 2] % 4, a[cuda.grid(1)])


@cuda.jit
def halving(out, a):
    part = cuda.shared.array(64, float32)
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


KERNELS = [guarded, ragged, counted, halving]


def record(kernel, grid, block, *arguments, limit=HARD_LIMIT, **options):
    run = gpusim.simulate(kernel, trace=True, **options)[grid, block](*arguments)
    return run, Played(recording_of(run, limit).data)


def accesses(events):
    """(op, array, block, thread, element, value) of every lane of every access, in order."""
    return [
        (event.kind, event.what, *where, element, value)
        for event in events
        if event.kind in ("load", "store", "atomic")
        for where, element, value in zip(event.threads, event.element, event.value, strict=True)
    ]


def traced(run):
    return [
        (event.op, event.array, *where)
        for event in run.trace
        if event.op != "barrier"
        for where in np.stack([event.block, event.thread, event.element, event.value], axis=1, dtype=object).tolist()
    ]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.__name__)
@pytest.mark.parametrize("scheduler", ["lockstep", "threads"])
def test_the_accesses_are_those_of_the_trace_and_loads_come_out_of_the_replay(kernel, scheduler):
    a = np.random.default_rng(1).random(128, dtype=np.float32)
    out = np.zeros(128, dtype=np.float32)
    run, played = record(kernel, 2, 64, out, a, scheduler=scheduler)
    assert accesses(event for step in played.steps for event in step) == traced(run)
    np.testing.assert_array_equal(played.array("out"), out)


@pytest.mark.parametrize("scheduler", ["lockstep", "threads"])
def test_each_thread_reaches_the_statements_that_python_would_execute(scheduler):
    a = np.random.default_rng(1).random(20, dtype=np.float32)
    _, played = record(ragged, 1, 20, np.zeros(20, np.float32), a, scheduler=scheduler)
    first = ragged.py_func.__code__.co_firstlineno
    reached = Counter(
        (thread, event.line - first)
        for step in played.steps
        for event in step
        if event.kind == "statement"
        for _, thread in event.threads
    )
    for i in range(20):
        expected = Counter()
        _follow(ragged.py_func, i, a, expected)
        assert {line: n for (thread, line), n in reached.items() if thread == i} == dict(expected), i


def _follow(function, i, a, lines):
    """Count the lines (from the decorator's on) that CPython executes for thread i."""

    class Here:
        grid = staticmethod(lambda _: i)

    code, first = function.__code__, function.__code__.co_firstlineno

    def trace(frame, event, _):
        if frame.f_code is not code:
            return None
        if event == "line":
            lines[frame.f_lineno - first] += 1
        return trace

    lines[1] += 1  # the function starts
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        replaced = type(function)(code, {**function.__globals__, "cuda": Here}, closure=function.__closure__)
        replaced(np.zeros(20, np.float32), a)
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("scheduler", ["lockstep", "threads"])
def test_variables_have_the_values_that_a_formula_gives(scheduler):
    @cuda.jit
    def kernel(out, n):
        i = cuda.grid(1)
        square = i * i
        if i % 2 == 0:
            square += 100
        low, high = square - n, square + n  # noqa: F841
        for k in range(3):
            high = high * 2 + k
        out[i] = high

    _, played = record(kernel, 2, 8, np.zeros(16), 7, scheduler=scheduler)
    last = {}
    for step in played.steps:
        for event in step:
            if event.kind == "assign":
                for (block, thread), value in zip(event.threads, event.value, strict=True):
                    last[block * 8 + thread, event.what] = value
    for i in range(16):
        square = i * i + 100 * (i % 2 == 0)
        high = ((square + 7) * 2 * 2 + 1) * 2 + 2
        expected = {"n": 7, "i": i, "square": square, "low": square - 7, "high": high, "k": 2}
        assert {name: last[i, name] for name in expected} == expected


def test_a_traced_64x64_tiled_product_fits_with_all_its_blocks():
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 64, 64), dtype=np.float32)
    out = np.zeros_like(a)
    run, played = record(tiled, (4, 4), (16, 16), out, a, b)
    assert sum(event.thread.size for event in run.trace if event.op != "barrier") == 593_920
    recording = recording_of(run, HARD_LIMIT)
    assert len(recording.data) <= HARD_LIMIT
    assert played.header["blocks"] == list(range(16))
    assert played.header["complete"]
    np.testing.assert_array_equal(played.array("out"), out)


def test_what_does_not_fit_is_left_out_and_said():
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 64, 64), dtype=np.float32)
    run, played = record(tiled, (4, 4), (16, 16), np.zeros_like(a), a, b, limit=PICTURE_LIMIT)
    assert len(recording_of(run, PICTURE_LIMIT).data) <= PICTURE_LIMIT
    header = played.header
    assert header["rounded"]
    assert 0 < len(header["blocks"]) < 16
    size = 16 * 16
    mine = [access for access in traced(run) if access[2] in header["blocks"]]
    assert accesses(event for step in played.steps for event in step) == mine
    _, short = record(tiled, (1, 1), (16, 16), np.zeros((16, 16)), a[:16, :16].copy(), b[:16, :16].copy(), limit=9000)
    assert short.header["blocks"] == [0]
    assert not short.header["complete"]
    assert len(short.steps) > 5
    assert size == short.header["threads"]


def test_loads_of_what_blocks_wrote_that_are_not_recorded():
    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        a[i] = i + 0.25
        cuda.cg.this_grid().sync()
        out[i] = a[(i + 512) % a.size] * 2

    n = 32 * 512
    out, a = np.zeros((2, n), dtype=np.float32)
    run, played = record(kernel, 32, 512, out, a, scheduler="lockstep")
    blocks = played.header["blocks"]
    assert 0 < len(blocks) < 32
    assert any(event.kind == "others" for step in played.steps for event in step)
    mine = [access for access in traced(run) if access[2] in blocks]
    assert accesses(event for step in played.steps for event in step) == mine


def test_launches_of_several_chunks():
    @cuda.jit
    def kernel(out):
        i = cuda.grid(1)
        if i % 2 == 0:
            out[i] = i

    n = 300
    run, played = record(kernel, n, 256, np.zeros(n * 256, dtype=np.int32))
    blocks = played.header["blocks"]
    assert {block // 256 for block in blocks} == {0, 1}
    assert accesses(event for step in played.steps for event in step) == [t for t in traced(run) if t[2] in blocks]
    visits = Counter(block for step in played.steps for block in {block for block, _ in step[0].threads})
    assert visits == dict.fromkeys(blocks, 4)


def test_of_large_arrays_only_what_is_touched():
    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        out[i * 1000 + 7] = a[i * 5000 + 3] + 1

    a = np.arange(1 << 20, dtype=np.float64)
    out = np.zeros(1 << 16)
    run, played = record(kernel, 1, 32, out, a)
    assert len(recording_of(run, HARD_LIMIT).data) < 6000
    assert accesses(event for step in played.steps for event in step) == traced(run)


def test_findings_know_their_steps():
    @cuda.jit
    def kernel(out, a):
        tile = cuda.shared.array(64, float32)
        i = cuda.threadIdx.x
        tile[i] = a[i]
        out[i] = tile[63 - i]

    run, played = record(kernel, 1, 64, np.zeros(64, np.float32), np.ones(64, np.float32))
    (spot,) = played.header["spots"]
    (finding,) = run.findings
    here = [event for event in played.steps[spot["step"]] if event.what == "tile"]
    there = [event for event in played.steps[spot["other_step"]] if event.what == "tile"]
    assert here[0].line == finding.line
    assert there[0].line == finding.other["line"]
    element = spot["address"] // 4
    assert ((0, spot["thread"]), element) in zip(here[0].threads, here[0].element, strict=True)
    assert ((0, spot["other_thread"]), element) in zip(there[0].threads, there[0].element, strict=True)
    assert (spot["thread"], spot["other_thread"]) == (finding.thread[0], finding.other["thread"][0])


def test_a_launch_that_faults_can_be_played_up_to_the_fault():
    @cuda.jit
    def kernel(out):
        i = cuda.grid(1)
        out[i] = 1
        out[i + 5] = 2

    with pytest.raises(MemoryFault) as caught:
        gpusim.simulate(kernel)[1, 8](np.zeros(8))
    played = Played(caught.value.run.play().recordings[0].data)
    first = kernel.py_func.__code__.co_firstlineno
    assert [step[0].line - first for step in played.steps] == [1, 2, 3, 4]
    assert played.header["spots"][0]["step"] == 3


def test_playing_leaves_arrays_and_output_alone(capsys):
    @cuda.jit
    def kernel(a):
        a[0] += 1
        print("once", a[0])

    a = np.zeros(1)
    run = gpusim.simulate(kernel)[1, 1](a)
    assert capsys.readouterr().out == "once 1.000000\n"
    a[0] = 50  # the launch is played from its inputs as they were
    played = Played(run.play().recordings[0].data)
    assert capsys.readouterr().out == ""
    assert a[0] == 50
    assert played.array("a")[0] == 1


def test_large_launches_are_played_only_if_recorded():
    @cuda.jit
    def kernel(a):
        a[cuda.grid(1)] = 1

    run = gpusim.simulate(kernel)[64, 64](np.zeros(64 * 64))
    with pytest.raises(GpusimError, match="trace=True"):
        run.play()
    assert gpusim.simulate(kernel, trace=True)[64, 64](np.zeros(64 * 64)).play().recordings[0].steps == 2


def test_a_race_brings_an_order_in_which_it_matters():
    @cuda.jit
    def racy(out):
        out[0] = cuda.threadIdx.x

    @cuda.jit
    def clean(out):
        out[cuda.threadIdx.x] = 1

    first, second = gpusim.simulate(racy)[1, 40](np.zeros(1)).play().recordings
    (result,) = (finding for finding in second.header["findings"] if finding["kind"] == "other-result")
    assert Played(first.data).array("out")[0] == 39
    value = Played(second.data).array("out")[0]
    assert value != 39
    assert f"out[0] ends as {value}, and not as 39.0" in result["message"]
    assert result["thread"] == (int(value), 0, 0)
    assert len(gpusim.simulate(clean)[1, 40](np.zeros(40)).play().recordings) == 1


def test_programs_that_are_not_followed_announce_nothing():
    assert {reach, assigned}.isdisjoint(_constants(lower(read(tiled), debug=False, followed=False).program))
    assert {reach, assigned} <= _constants(lower(read(tiled), debug=False, followed=True).program)


def _constants(program):
    """The functions that a lowered program calls."""
    return {value for value in program.run.__globals__.values() if callable(value)}


def test_fortran_order_is_known():
    @cuda.jit
    def kernel(out, a):
        x, y = cuda.grid(2)
        out[x, y] = a[x, y]

    _, played = record(kernel, 1, (2, 3), np.zeros((2, 3), order="F"), np.ones((2, 3)))
    assert {array["name"]: array["turned"] for array in played.header["arrays"]} == {"a": False, "out": True}


def test_an_error_before_the_launch_is_still_an_error():
    with pytest.raises(KernelError, match="takes 3 arguments"):
        gpusim.simulate(tiled, trace=True)[1, 1](np.zeros(1))
