"""The functions of `numba.cuda` that a host program calls, for the simulated device.

`HostAPI` has one attribute for every name that `install` replaces in `numba.cuda`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numba.cuda.api_util import prepare_shape_strides_dtype
from numba.cuda.core import config

from gpusim.cuda.host.array import (
    DeviceArray,
    DeviceRecord,
    HostVisibleArray,
    device_array_like,
    host_view,
    is_device,
)
from gpusim.cuda.host.device import Context, Device, DeviceList
from gpusim.cuda.host.layout import check_contiguous
from gpusim.cuda.host.memory import MEMORY
from gpusim.cuda.host.streams import Event, Stream


class Runtime:
    """The version of the CUDA runtime that the simulator stands for."""

    def get_version(self) -> tuple[int, int]:
        return 13, 0

    def is_supported_version(self) -> bool:
        return True


class HostAPI:
    """The host's side of one simulated GPU."""

    def __init__(self) -> None:
        self._device = Device()
        self.gpus = DeviceList(self._device)
        self.runtime = Runtime()

    def names(self) -> list[str]:
        """The public names, which are those of `numba.cuda`."""
        return [name for name in dir(self) if not name.startswith("_") and name != "names"]

    # Devices

    def is_available(self) -> bool:
        return True

    def is_supported_version(self) -> bool:
        return True

    def cuda_error(self) -> None:
        return None

    def list_devices(self) -> DeviceList:
        return self.gpus

    def select_device(self, device_id: int) -> Device:
        """The device with this number; raises `IndexError` for any but 0."""
        return self.gpus[device_id]._device

    def get_current_device(self) -> Device:
        return self._device

    def current_context(self, devnum: int | None = None) -> Context:
        return self.select_device(devnum or 0).primary_context

    def close(self) -> None:
        """There is no context to destroy."""

    def detect(self) -> bool:
        """Print what there is, as Numba does."""
        device = self._device
        print("Found 1 CUDA devices")
        print(f"id {device.id}    {device.name:>20} {'[SUPPORTED]':>40}")
        for key, value in (
            ("Compute Capability", "{}.{}".format(*device.compute_capability)),
            ("UUID", device.uuid),
        ):
            print(f"{key:>40}: {value}")
        print("Summary:\n\t1/1 devices are supported")
        return True

    def is_float16_supported(self) -> bool:
        return self._device.supports_float16

    def is_bfloat16_supported(self) -> bool:
        return self._device.supports_bfloat16

    def is_fp8_supported(self) -> bool:
        return self._device.supports_fp8

    # Streams and events

    def synchronize(self) -> None:
        """All work is done when it is submitted."""

    def stream(self) -> Stream:
        return self.current_context().create_stream()

    def default_stream(self) -> Stream:
        return self.current_context().get_default_stream()

    def legacy_default_stream(self) -> Stream:
        return self.current_context().get_legacy_default_stream()

    def per_thread_default_stream(self) -> Stream:
        return self.current_context().get_per_thread_default_stream()

    def external_stream(self, ptr: int) -> Stream:
        return self.current_context().create_external_stream(ptr)

    def event(self, timing: bool = True) -> Event:
        return Event(timing)

    def event_elapsed_time(self, evtstart: Event, evtend: Event) -> float:
        return evtstart.elapsed_time(evtend)

    def profile_start(self) -> None:
        """There is no profiler to start."""

    def profile_stop(self) -> None:
        """There is no profiler to stop."""

    @contextmanager
    def profiling(self) -> Iterator[None]:
        yield

    @contextmanager
    def defer_cleanup(self) -> Iterator[None]:
        yield

    # Memory

    def to_device(self, obj: Any, stream: Any = 0, copy: bool = True, to: Any = None) -> Any:
        """A copy of a host array on the device (an array of the device: itself), or `to`, filled.

        Raises `ValueError` when the host array is not contiguous.
        """
        if to is not None:
            if copy:
                to.copy_to_device(obj, stream=stream)
            return to
        if is_device(obj):
            return obj
        if self.is_cuda_array(obj):
            return self.as_cuda_array(obj)
        if isinstance(obj, np.void):
            record = DeviceRecord(obj.dtype, stream)
            if copy:
                record._gpusim_array[()] = obj
                record._allocation.wrote(record._gpusim_array)
            return record
        host = np.asarray(obj)
        check_contiguous(host)
        device = device_array_like(host, stream)
        if copy:
            device.copy_to_device(host)
        return device

    def device_array(
        self, shape: Any, dtype: Any = np.float64, strides: Any = None, order: str = "C", stream: Any = 0
    ) -> DeviceArray:
        """An undefined array on the device."""
        shape, strides, dtype = prepare_shape_strides_dtype(shape, strides, dtype, order)
        return DeviceArray(shape, strides, dtype, stream)

    def device_array_like(self, ary: Any, stream: Any = 0) -> DeviceArray:
        """An undefined array on the device with the shape, dtype and order of `ary`."""
        return device_array_like(self.pinned_array_like(ary), stream)

    def pinned_array(self, shape: Any, dtype: Any = np.float64, strides: Any = None, order: str = "C") -> np.ndarray:
        shape, strides, dtype = prepare_shape_strides_dtype(shape, strides, dtype, order)
        return np.ndarray(shape, dtype, strides=strides, order="F" if order == "F" else "C")

    def pinned_array_like(self, ary: Any) -> np.ndarray:
        return np.empty_like(host_view(ary), subok=False)

    def mapped_array(
        self,
        shape: Any,
        dtype: Any = np.float64,
        strides: Any = None,
        order: str = "C",
        stream: Any = 0,
        portable: bool = False,
        wc: bool = False,
    ) -> HostVisibleArray:
        """A host array that the device reads and writes without copies."""
        return HostVisibleArray.over(self.pinned_array(shape, dtype, strides, order), stream)

    def mapped_array_like(
        self, ary: Any, stream: Any = 0, portable: bool = False, wc: bool = False
    ) -> HostVisibleArray:
        return HostVisibleArray.over(self.pinned_array_like(ary), stream)

    def managed_array(
        self,
        shape: Any,
        dtype: Any = np.float64,
        strides: Any = None,
        order: str = "C",
        stream: Any = 0,
        attach_global: bool = True,
    ) -> HostVisibleArray:
        """An array that moves between host and device by itself."""
        return HostVisibleArray.over(self.pinned_array(shape, dtype, strides, order), stream)

    @contextmanager
    def pinned(self, *arylist: np.ndarray) -> Iterator[None]:
        yield

    @contextmanager
    def mapped(self, *arylist: np.ndarray, stream: Any = 0) -> Iterator[Any]:
        """Host arrays as device arrays of the same memory: one, or a list of several."""
        for host in arylist:
            check_contiguous(host)
        device = [DeviceArray.over(host, stream) for host in arylist]
        yield device[0] if len(device) == 1 else device

    # Exchange with other libraries

    def is_cuda_array(self, obj: Any) -> bool:
        return hasattr(obj, "__cuda_array_interface__")

    def as_cuda_array(self, obj: Any, sync: bool = True) -> DeviceArray:
        """The memory behind `obj.__cuda_array_interface__` as a device array; no copy.

        Raises `TypeError` without that interface and `ValueError` when its memory is not simulated.
        """
        if not self.is_cuda_array(obj):
            raise TypeError("*obj* doesn't implement the cuda array interface.")
        return self.from_cuda_array_interface(obj.__cuda_array_interface__, owner=obj, sync=sync)

    def from_cuda_array_interface(self, desc: dict[str, Any], owner: Any = None, sync: bool = True) -> DeviceArray:
        if desc.get("mask") is not None:
            raise NotImplementedError("Masked arrays are not supported")
        shape, strides, dtype = prepare_shape_strides_dtype(desc["shape"], desc.get("strides"), desc["typestr"], "C")
        if 0 in shape:
            return DeviceArray(shape, strides, dtype)
        address = desc["data"][0]
        pointer = MEMORY.find(address)
        if pointer is None:
            raise ValueError(
                f"address {address:#x} is not in the memory of the simulated device: copy the data to the "
                "host with the library that owns it, and cuda.to_device() from there"
            )
        handle = desc.get("stream")
        stream = self.external_stream(handle) if handle else None
        if stream is not None and sync and config.CUDA_ARRAY_INTERFACE_SYNC:
            stream.synchronize()
        return DeviceArray(shape, strides, dtype, stream or 0, pointer)

    def open_ipc_array(self, handle: Any, shape: Any, dtype: Any, strides: Any = None, offset: int = 0) -> Any:
        raise OSError("the simulated device cannot share memory with other processes")
