"""initcheck: what counts as written, poison in results, arrays of `cuda.device_array`."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from numba import cuda, float32, float64, int8, int32
from support.pairs import Undefined

import gpusim


def undefined(run) -> list[tuple[str, int]]:
    assert {finding.tool for finding in run.findings} <= {"initcheck"}
    return [(finding.array, finding.count) for finding in run.findings]


@cuda.jit
def add_one(out, a):
    i = cuda.grid(1)
    if i < a.size:
        out[i] = a[i] + 1


@cuda.jit
def add_to(out, a):
    i = cuda.grid(1)
    if i < a.size:
        out[i] += a[i]


@pytest.fixture
def installed():
    from numba import cuda

    gpusim.install()
    yield cuda
    gpusim.uninstall()


def test_poison_flows_into_the_results():
    @cuda.jit
    def kernel(out, whole):
        tile = cuda.shared.array(4, float32)
        numbers = cuda.local.array(4, int32)
        t = cuda.threadIdx.x
        out[t] = tile[t] * 0
        whole[t] = numbers[t]

    out, whole = np.zeros(4), np.zeros(4, np.int64)
    run = gpusim.simulate(kernel)[1, 4](out, whole)
    assert undefined(run) == [("tile", 4), ("numbers", 4)]
    assert np.isnan(out).all()
    assert (whole == np.int32(np.uint32(0xCDCDCDCD))).all()


def test_one_byte_of_an_element_is_not_enough():
    @cuda.jit
    def kernel(out):
        words = cuda.shared.array(2, float64)
        pieces = words.view(int8)
        for k in range(7):
            pieces[k] = 0
        for k in range(8, 16):
            pieces[k] = 0
        out[0] = words[1]
        out[1] = words[0]

    assert undefined(gpusim.simulate(kernel)[1, 1](np.zeros(2))) == [("words", 1)]


def test_every_block_and_thread_has_memory_of_its_own():
    @cuda.jit
    def kernel(out, space):
        tile = cuda.shared.array(1, float32)
        mine = cuda.local.array(1, float32)
        t, b = cuda.threadIdx.x, cuda.blockIdx.x
        if b == 0 and t == 0:
            tile[0] = 1
            mine[0] = 1
        cuda.syncthreads()
        out[cuda.grid(1)] = tile[0] if space == 0 else mine[0]

    blocks, threads = 700, 64  # more than run at the same time
    out = np.zeros(blocks * threads)
    assert undefined(gpusim.simulate(kernel)[blocks, threads](out, 0)) == [("tile", (blocks - 1) * threads)]
    assert undefined(gpusim.simulate(kernel)[blocks, threads](out, 1)) == [("mine", blocks * threads - 1)]


def test_memory_is_undefined_again_when_threads_start_anew():
    """Lockstep gives up at the spin loop, and what it has written by then does not count."""

    @cuda.jit
    def kernel(out, lock, a):
        i = cuda.grid(1)
        out[i] += a[i]
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        cuda.atomic.exch(lock, 0, 0)

    out = Undefined(8, np.float32)
    run = gpusim.simulate(kernel)[1, 8](out, np.zeros(1, np.int32), np.ones(8))
    assert undefined(run) == [("out", 8)]


def test_device_arrays(installed):
    a = installed.to_device(np.arange(100.0))
    out = installed.device_array(100)
    run = gpusim.simulate(add_to)[2, 64](out, a)
    assert undefined(run) == [("out", 100)]
    assert np.isnan(out.copy_to_host()).all()
    assert undefined(gpusim.simulate(add_to)[2, 64](out, a)) == []  # a store makes it defined, whatever it stored
    out = installed.device_array(100)
    assert undefined(gpusim.simulate(add_one)[2, 64](out, a)) == []
    assert undefined(gpusim.simulate(add_to)[2, 64](out, a)) == []
    np.testing.assert_array_equal(out.copy_to_host(), 2 * np.arange(100) + 1)


def test_device_arrays_are_defined_by_copies(installed):
    a = installed.to_device(np.arange(100.0))
    out = installed.device_array(100)
    out[:50].copy_to_device(np.zeros(50))
    run = gpusim.simulate(add_to)[2, 64](out, a)
    assert undefined(run) == [("out", 50)]
    assert undefined(gpusim.simulate(add_to)[2, 64](installed.device_array_like(a), a)) == [("out", 100)]
    assert undefined(gpusim.simulate(add_to)[2, 64](installed.to_device(np.ones(100)), a)) == []


def test_an_array_that_is_whole_stays_whole():
    @cuda.jit
    def kernel(out, a):
        tile = cuda.shared.array(32, float32)
        t = cuda.threadIdx.x
        total = 0.0
        for k in range(5):
            tile[t] = a[t] + k
            cuda.syncthreads()
            total += tile[31 - t]
            cuda.syncthreads()
        out[t] = total

    a = np.arange(32.0)
    out = np.zeros(32)
    assert undefined(gpusim.simulate(kernel)[1, 32](out, a)) == []
    np.testing.assert_array_equal(out, 5 * a[::-1] + 10)


HALF = """
import json
import subprocess
import sys

import numpy as np
from numba import cuda

@cuda.jit
def fill(out):
    i = cuda.grid(1)
    out[i] = i

a = cuda.device_array((8, 16), np.int32)
flat = a.ravel()
fill[2, 32](flat)  # half of the threads
twin = cuda.device_array_like(flat)
twin.copy_to_device(flat)
HOW
"""


@pytest.mark.parametrize(
    ("how", "count", "first"),
    [
        ("a.copy_to_host()", 64, "[4, 0]"),
        ("flat.copy_to_host()", 64, "[64]"),
        ("flat[:64].copy_to_host()", 0, ""),
        ("twin.copy_to_host()", 64, "[64]"),
        ("flat[::2].copy_to_host()", 32, "[32]"),
    ],
)
def test_the_host_copies_what_nothing_has_written(tmp_path, how, count, first):
    script, report = tmp_path / "half.py", tmp_path / "out.json"
    script.write_text(HALF.replace("HOW", how), encoding="utf-8")
    command = [sys.executable, "-m", "gpusim", "run", "--json", str(report), str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text(encoding="utf-8"))["findings"]
    if not count:
        assert found == []
        return
    [finding] = found
    assert (finding["tool"], finding["severity"], finding["count"]) == ("initcheck", "warning", count)
    assert finding["line"] == len(HALF.splitlines())
    assert f"{count} of the" in finding["message"] and first in finding["message"]


def findings(kernel, *arguments, block=32):
    run = gpusim.simulate(kernel)[1, block](*arguments)
    return {(f.kind, f.severity, f.line - kernel.py_func.__code__.co_firstlineno) for f in run.findings}


def test_copying_what_is_undefined_is_a_warning_and_using_the_copy_an_error():
    @cuda.jit
    def kernel(out, n, use):
        raw = cuda.shared.array(32, float32)
        tile = cuda.shared.array(32, float32)
        i = cuda.threadIdx.x
        if i < n:
            raw[i] = i
        cuda.syncthreads()
        tile[i] = raw[i]
        cuda.syncthreads()
        if use or i < n:
            out[i] = tile[i] + 1

    out = np.zeros(32, np.float32)
    assert findings(kernel, out, 32, True) == set()
    assert findings(kernel, out, 20, False) == {("uninitialised-copy", "warning", 8)}
    expected = {("uninitialised-copy", "warning", 8), ("uninitialised-read", "error", 11)}
    assert findings(kernel, out, 20, True) == expected


def test_a_variable_that_is_only_stored_is_a_copy():
    @cuda.jit
    def through(out, n):
        raw, tile = cuda.local.array(4, float32), cuda.local.array(4, float32)
        raw[0] = 1
        x = raw[n]
        tile[0] = x
        tile[1] = x
        out[cuda.threadIdx.x] = raw[0]

    @cuda.jit
    def looked_at(out, n):
        raw, tile = cuda.local.array(4, float32), cuda.local.array(4, float32)
        raw[0] = 1
        x = raw[n]
        tile[0] = x
        if x > 0:
            out[cuda.threadIdx.x] = raw[0]

    out = np.zeros(32, np.float32)
    assert findings(through, out, 0) == findings(looked_at, out, 0) == set()
    assert findings(through, out, 1) == {("uninitialised-copy", "warning", 4)}
    assert findings(looked_at, out, 1) == {("uninitialised-read", "error", 4)}


def test_a_copy_that_leaves_for_the_host_is_a_use():
    @cuda.jit
    def kernel(out):
        part = cuda.shared.array(32, float32)
        out[cuda.threadIdx.x] = part[cuda.threadIdx.x]

    assert findings(kernel, np.zeros(32, np.float32)) == {("uninitialised-read", "error", 3)}


def test_a_wide_read_names_the_element_that_is_missing():
    @cuda.jit
    def kernel(out):
        pair = cuda.shared.array(2, float32)
        pair[0] = 1
        out[0] = pair.view(float64)[0] * 2

    [finding] = gpusim.simulate(kernel)[1, 1](np.zeros(1)).findings
    assert "at [1] in" in finding.message


@cuda.jit
def swapped(out):
    pair = cuda.shared.array(2, float32)
    pair[0], pair[1] = pair[1], pair[0]  # a copy
    pair[0] = 1
    out[0] = pair[0]


@cuda.jit
def unpacked(out):
    pair, own = cuda.shared.array(2, float32), cuda.local.array(2, float32)
    x, y = pair[0], pair[1]  # a copy
    own[0], own[1] = x, y
    out[0] = 1


@cuda.jit
def stored_twice(out):
    pair, own = cuda.shared.array(2, float32), cuda.local.array(2, float32)
    own[0] = own[1] = pair[0]  # a copy
    out[0] = 1


@cuda.jit
def used_under_another_name(out):
    pair, own = cuda.shared.array(2, float32), cuda.local.array(2, float32)
    x = y = pair[0]  # used
    own[0] = x
    out[0] = y + 1


@pytest.mark.parametrize("kernel", [swapped, unpacked, stored_twice, used_under_another_name])
def test_elements_copied_side_by_side(kernel):
    [finding] = gpusim.simulate(kernel)[1, 1](np.zeros(1)).findings
    copied = kernel is not used_under_another_name
    assert (finding.kind, finding.severity) == (
        ("uninitialised-copy", "warning") if copied else ("uninitialised-read", "error")
    )
    assert finding.text.endswith("]") and finding.line == kernel.py_func.__code__.co_firstlineno + 3
