"""Devices, streams and events of the simulated GPU."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from numba import cuda
from numba.cuda.cudadrv.driver import CudaAPIError
from numba.cuda.cudadrv.error import CudaDriverError

import gpusim


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[None]:
    with gpusim.install():
        yield


def test_one_device_of_compute_capability_9() -> None:
    assert cuda.is_available() and cuda.is_supported_version() and cuda.cuda_error() is None
    device = cuda.get_current_device()
    assert device.compute_capability == (9, 0)
    assert (device.WARP_SIZE, device.MAX_THREADS_PER_BLOCK) == (32, 1024)
    assert device.MAX_SHARED_MEMORY_PER_BLOCK == 48 * 1024
    assert device.supports_float16 and cuda.is_float16_supported()
    assert cuda.select_device(0) is device
    assert len(cuda.gpus) == len(cuda.list_devices()) == 1
    assert [gpu.id for gpu in cuda.gpus] == [0]
    with cuda.gpus[0]:
        assert cuda.current_context().device is device
    with pytest.raises(IndexError, match="no device 1"):
        cuda.select_device(1)
    with pytest.raises(AttributeError, match="NO_SUCH"):
        device.NO_SUCH  # noqa: B018
    assert cuda.runtime.get_version()[0] >= 12
    cuda.synchronize()
    cuda.close()


def test_detect_prints_the_device(capsys: pytest.CaptureFixture[str]) -> None:
    assert cuda.detect() is True
    printed = capsys.readouterr().out
    assert "Found 1 CUDA devices" in printed
    assert "Compute Capability: 9.0" in printed


def test_streams_are_distinct_and_do_their_work_at_once() -> None:
    one, two = cuda.stream(), cuda.stream()
    assert int(one) != int(two)
    assert repr(cuda.default_stream()).startswith("<Default CUDA stream")
    assert repr(cuda.legacy_default_stream()).startswith("<Legacy default CUDA stream")
    assert repr(cuda.per_thread_default_stream()).startswith("<Per-thread default CUDA stream")
    assert repr(cuda.external_stream(4711)).startswith("<External CUDA stream 4711")
    host = np.arange(4)
    with one.auto_synchronize() as entered:
        device = cuda.to_device(host, stream=one)
        assert entered is one
    assert device.stream is one
    assert device[1:].stream is one
    assert device.bind(two).stream is two
    assert device.__cuda_array_interface__["stream"] == int(one)
    with pytest.raises(TypeError):
        cuda.external_stream("4711")


@pytest.mark.numba_cuda("the protocol of streams")
def test_other_libraries_can_take_a_stream() -> None:
    stream = cuda.stream()
    assert stream.__cuda_stream__() == (0, int(stream))


def test_callbacks_run_and_their_errors_become_warnings() -> None:
    stream, seen = cuda.stream(), []
    stream.add_callback(lambda *arguments: seen.append(arguments), "payload")
    assert seen == [(stream, 0, "payload")]

    def fails(*_: object) -> None:
        raise ValueError("no")

    with pytest.warns(UserWarning, match="Exception in stream callback: no"):
        stream.add_callback(fails)


def test_a_stream_can_be_awaited() -> None:
    stream = cuda.stream()

    async def main() -> object:
        return await stream.async_done()

    assert asyncio.run(main()) is stream


def test_events_measure_time() -> None:
    start, end = cuda.event(), cuda.event()
    with pytest.raises(CudaAPIError, match="recorded"):
        start.elapsed_time(end)
    start.record()
    end.record(stream=cuda.stream())
    end.synchronize()
    end.wait()
    assert end.query()
    assert 0 <= cuda.event_elapsed_time(start, end) < 60_000
    with pytest.raises(CudaAPIError, match="timing=False"):
        cuda.event(timing=False).elapsed_time(end)


def test_context_managers_and_profiler_calls_do_nothing() -> None:
    host = np.zeros(3)
    with cuda.defer_cleanup(), cuda.profiling(), cuda.pinned(host):
        cuda.profile_start()
        cuda.profile_stop()


def test_contexts_are_a_stack_of_every_thread() -> None:
    from numba.cuda.cudadrv import driver

    context = cuda.current_context()
    with cuda.gpus[0]:
        assert cuda.current_context() is context
    with driver.driver.get_active_context() as active:
        assert int(active.context_handle) == int(context.handle)
    other = driver.driver.cuCtxCreate(None, 0, 0)
    with pytest.raises(RuntimeError, match="non-primary CUDA context"):
        cuda.current_context()
    driver.driver.cuCtxDestroy(other)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(driver.driver.pop_active_context).result() is None
    with pytest.raises(CudaAPIError, match="no driver call cuModuleLoad"):
        driver.driver.cuModuleLoad(b"")


def _in_a_fork() -> str:
    try:
        cuda.to_device(np.arange(1))
    except CudaDriverError as error:
        return str(error)
    return "worked"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process")
def test_a_forked_process_has_no_gpu() -> None:
    cuda.current_context()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        assert pool.submit(_in_a_fork).result() == "CUDA initialized before forking"
