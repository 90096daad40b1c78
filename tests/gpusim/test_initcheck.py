"""initcheck: what counts as written, poison in results, arrays of `cuda.device_array`."""

from __future__ import annotations

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
