"""Patterns that are used again give the same addresses, values, counts and findings as ones that are computed."""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import complex128, cuda, float32, float64, int8, int16
from support.agreement import assert_agree, assert_same_results, launch, module_of, observed
from support.generate import generate
from support.planted import planted
from support.race_oracle import NOTHING, RaceMachine

import gpusim
from gpusim.machine.masks import Mask
from gpusim.memory.buffer import Array, Buffer
from gpusim.memory.pattern import Pattern
from gpusim.memory.reuse import Reuse
from gpusim.observe.race.harmless import Regions

ELEMENTS = [int8, int16, float32, float64, complex128]


def accesses(element):
    """A kernel whose loops move the same patterns through shared and global memory, under changing masks."""

    @cuda.jit
    def kernel(out, a, b, order, steps, last):
        tile = cuda.shared.array((33, 33), element)  # rows lie askew in the banks, by a byte or an element
        i, g = cuda.threadIdx.x, cuda.grid(1)
        row = order[i]
        for k in range(33):
            for j in range(i, 33, cuda.blockDim.x):
                tile[k, j] = k - j
        cuda.syncthreads()
        for k in range(steps):
            tile[row, k] = row + k
        cuda.syncthreads()
        total = float64(0)
        for k in range(steps):
            total += tile[row, k].real + tile[k, i % 24].real + tile[(i + k) % 24, i % 7].real
            if g < last:
                total += a[row, k].real + a[k, i].real + a[k + 1, i + k].real
                b[g, 16 - k] = k
            if k % 2 == row % 2:
                total += tile[k, row].real - a[row + k, i].real
        out[g] = total

    return kernel


def reference(a, order, steps, last, threads):
    """What the kernel leaves in `out` and `b`, for all threads at once."""
    i, k, g = np.arange(threads) % len(order), np.arange(steps)[:, None], np.arange(threads)
    row = order[i]
    tile = np.subtract.outer(np.arange(33), np.arange(33))
    for step in range(steps):
        tile[row, step] = row + step
    total = tile[row, k] + tile[k, i % 24] + tile[(i + k) % 24, i % 7]
    total += np.where(g < last, (a[row, k] + a[k, i] + a[k + 1, i + k]).real.astype(int), 0)
    total += np.where(k % 2 == row % 2, tile[k, row] - a[row + k, i].real.astype(int), 0)
    b = np.zeros((threads, 17), a.dtype)
    b[:last, 16 - np.arange(steps)] = np.arange(steps)
    return total.sum(axis=0), b


def brute_force(events, size):
    """Requests, sectors and wavefronts by their definitions, from the lanes and elements of a trace."""
    counts = defaultdict(int)
    for event in events:
        if event.op == "barrier" or event.array not in ("a", "b", "tile"):
            continue
        for warp in np.unique(event.block * 99 + event.thread // 32):
            lanes = event.block * 99 + event.thread // 32 == warp
            where = dict(zip((event.thread[lanes] % 32).tolist(), (event.element[lanes] * size).tolist(), strict=True))
            counts[event.array, f"{event.op}_requests"] += 1
            if event.space == "global":
                touched = {byte // 32 for start in where.values() for byte in range(start, start + size)}
                counts[event.array, f"{event.op}_sectors"] += len(touched)
                continue
            group = 32 if size <= 4 else 128 // size
            for first in range(0, 32, group):
                active = [start for lane, start in where.items() if first <= lane < first + group]
                words = {byte // 4 for start in active for byte in range(start, start + size)}
                banks = Counter(word % 32 for word in words)
                counts[event.array, f"{event.op}_wavefronts"] += max(banks.values(), default=0)
    return counts


@pytest.mark.parametrize("element", ELEMENTS, ids=str)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_counts_of_moved_patterns_are_those_of_brute_force(element, data):
    grid, block = data.draw(st.integers(1, 5)), data.draw(st.sampled_from([8, 16, 32, 33, 48]))
    threads = grid * block
    steps, last = data.draw(st.integers(1, 17)), data.draw(st.integers(0, threads))
    i = np.arange(block)
    order = data.draw(st.sampled_from([i % 33, i // 16, (7 * i) % 33, (i + 5) % 11, 0 * i + 3])).astype(np.int32)
    dtype = np.dtype(str(element))
    values = (np.arange(64 * 65).reshape(64, 65) % 30).astype(dtype)
    expected, changed = reference(values, order, steps, last, threads)
    for lanes in (1, 2 * block, None):
        out, b = np.zeros(threads), np.zeros((threads, 17), dtype)
        arguments = out, values, b, order, steps, last
        run = launch(accesses(element), (grid, block), arguments, "lockstep", lanes, check="none", trace=True)
        np.testing.assert_array_equal(out, expected)
        np.testing.assert_array_equal(b, changed)
        for (array, counter), number in brute_force(run.trace, dtype.itemsize).items():
            assert run.arrays[array][counter] == number, (array, counter)


def test_generated_kernels_do_not_depend_on_reuse(tmp_path, monkeypatch):
    """Results, counts and findings of kernels with all kinds of control flow, with and without memory of patterns."""
    cases = [generate(seed) for seed in range(40)]
    arguments = [case.arguments() for case in cases]
    kernels = [module_of(case, tmp_path).kernel for case in cases]
    options = [{"check": ("racecheck", "initcheck", "synccheck")} if c.flavour.outside else {} for c in cases]
    runs = [
        launch(kernel, case.configuration, given, "lockstep", **option)
        for kernel, case, given, option in zip(kernels, cases, arguments, options, strict=True)
    ]
    monkeypatch.setattr(Reuse, "find", lambda *_: None)
    monkeypatch.setattr(Reuse, "find_moved", lambda *_: None)
    for case, kernel, run, expected, option in zip(cases, kernels, runs, arguments, options, strict=True):
        given = case.arguments()
        anew = launch(kernel, case.configuration, given, "lockstep", **option)
        assert_agree(observed(run), observed(anew), f"seed {case.seed}")
        assert_same_results(expected, given, f"seed {case.seed}")
        assert [f.message for f in run.findings] == [f.message for f in anew.findings]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32), lanes=st.sampled_from([1, 150, 1 << 16]))
def test_findings_do_not_depend_on_regions(tmp_path_factory, seed, lanes):
    """What ranges decide is what single cells decide: the same findings, to the last word."""
    program = planted(Random(seed))
    path = tmp_path_factory.mktemp("kernels") / f"planted_{seed}.py"
    path.write_text(program.source)
    names: dict[str, object] = {"__name__": path.stem, "__file__": str(path)}
    exec(compile(program.source, str(path), "exec"), names)
    values = np.arange(program.size, dtype=np.float32) + np.float32(0.5)

    def findings():
        arguments = np.zeros(program.size, np.float32), np.zeros(program.block, np.float32), values.copy()
        try:
            return launch(names["kernel"], (program.grid, program.block), arguments, "lockstep", lanes).findings
        except gpusim.KernelError as error:
            return str(error)

    by_regions = findings()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Regions, "admit", lambda *_: False)
        assert by_regions == findings(), program.source


STRIPS = [
    "a[i] += 1",
    "a[i] = a[i + 64]",
    "a[i + 64] = 2",
    "if i % 2 == 0:\n            a[i] = 3",
    "a[63 - i] = 4",
    "a[i] = a[i] + b[i]",
    "b[i] = a[63 - i]",
    "cuda.atomic.add(a, i, 1)",
    "cuda.atomic.add(a, i // 2, 1)",
    "b[i] = 1\n        b[i] = 1",
    "b[0] = 1",
    "cuda.syncthreads()",
]


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(st.sampled_from(STRIPS), min_size=1, max_size=5), repeats=st.integers(1, 2))
def test_races_between_strips_are_those_of_the_oracle(tmp_path_factory, lines, repeats):
    """Ranges that are apart, that overlap, and that each lane has for itself, in every order."""
    body = "\n        ".join(["i = cuda.threadIdx.x", "g = cuda.grid(1)", *lines])
    source = (
        "from numba import cuda, float32\n\n\ndef kernel(out, acc, a_in):\n"
        "    a = cuda.shared.array(192, float32)\n    b = cuda.shared.array(64, float32)\n"
        "    t = cuda.threadIdx.x\n    for k in range(3):\n        a[t + 64 * k] = k\n"
        "    b[t] = 0\n    cuda.syncthreads()\n"
        f"    for k in range({repeats}):\n        {body}\n        out[g] = 1\n"
    )
    path = tmp_path_factory.mktemp("strips") / "strips.py"
    path.write_text(source)
    names: dict[str, object] = {"__name__": "strips", "__file__": str(path)}
    exec(compile(source, str(path), "exec"), names)
    arguments = np.zeros(128, np.float32), np.zeros(64, np.float32), np.zeros(128, np.float32)
    verdict = RaceMachine(2, 64).launch(names["kernel"], tuple(map(np.copy, arguments)), ("out", "acc", "a_in"))
    run = gpusim.simulate(names["kernel"])[2, 64](*arguments)
    raced = {array for array, severity in verdict.races.items() if severity != NOTHING} - verdict.open_races
    found = {"shared0" if f.array == "a" else "shared1" if f.array == "b" else f.array for f in run.findings}
    assert raced <= found <= raced | verdict.open_races, source


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_words_are_moved_the_same_in_every_form(data):
    """Rows, runs and single words, at every distance, with every mask, against NumPy's indexing."""
    size, lanes = data.draw(st.sampled_from([1, 2, 4, 8, 16])), 16 * data.draw(st.integers(1, 6))
    lane = np.arange(lanes)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    places = data.draw(
        st.sampled_from([lane, lane // 16 * 5, lane % 16, lane // 16 * 20 + lane % 16, lane[::-1], lane // 8, lane * 3])
    )
    shift, start = data.draw(st.integers(-3, 20)), data.draw(st.integers(3, 6))
    storage = rng.integers(0, 256, (places.max() + 64) * 16, dtype=np.uint8)
    buffer = Buffer(
        Array("a", "global", np.dtype(np.uint8), storage.shape), storage, storage.shape[0], storage.shape[0]
    )
    pattern = Pattern((places + start) * size)
    words = storage.view(buffer.words(size).dtype)
    mask = Mask.everyone(1, lanes)
    got = pattern.gather(buffer, size, shift * size, mask)
    np.testing.assert_array_equal(got, words[places + start + shift])
    bits = rng.random(lanes) < data.draw(st.sampled_from([0.0, 0.5, 1.0]))
    active = Mask.of(bits, lanes)
    if active is not None:
        expected = words.copy()
        values = rng.integers(0, 256, lanes * size, dtype=np.uint8).view(words.dtype)
        for k in np.flatnonzero(bits):
            expected[places[k] + start + shift] = values[k]
        pattern.scatter(buffer, size, shift * size, active, values)
        np.testing.assert_array_equal(words, expected)


def test_a_launch_leaves_nothing_to_the_garbage_collector():
    launched = gpusim.simulate(_add_one)[2, 64]
    a = np.zeros(128)
    launched(a)
    gc.collect()
    gc.disable()
    try:
        launched(a)
        assert gc.collect() == 0
    finally:
        gc.enable()


@cuda.jit
def _add_one(a):
    a[cuda.grid(1)] += 1
