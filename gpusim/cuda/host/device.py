"""The simulated device and its context: one GPU of compute capability 9.0."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from gpusim.cuda.host.memory import MEMORY, DevicePointer
from gpusim.cuda.host.streams import DEFAULT, LEGACY, PER_THREAD, Event, Stream

# CUDA C++ Programming Guide, "Technical Specifications per Compute Capability", column 9.0; the
# number of multiprocessors, clocks, bus and L2 are those of an H100 SXM (NVIDIA H100 Tensor Core GPU
# Architecture, table 3).
ATTRIBUTES = {
    "ASYNC_ENGINE_COUNT": 3,
    "CAN_MAP_HOST_MEMORY": 1,
    "CLOCK_RATE": 1_980_000,
    "COMPUTE_CAPABILITY_MAJOR": 9,
    "COMPUTE_CAPABILITY_MINOR": 0,
    "COMPUTE_MODE": 0,
    "CONCURRENT_KERNELS": 1,
    "CONCURRENT_MANAGED_ACCESS": 1,
    "COOPERATIVE_LAUNCH": 1,
    "ECC_ENABLED": 1,
    "GLOBAL_L1_CACHE_SUPPORTED": 1,
    "GLOBAL_MEMORY_BUS_WIDTH": 5120,
    "GPU_OVERLAP": 1,
    "INTEGRATED": 0,
    "KERNEL_EXEC_TIMEOUT": 0,
    "L2_CACHE_SIZE": 50 * 2**20,
    "LOCAL_L1_CACHE_SUPPORTED": 1,
    "MANAGED_MEMORY": 1,
    "MAX_BLOCKS_PER_MULTIPROCESSOR": 32,
    "MAX_BLOCK_DIM_X": 1024,
    "MAX_BLOCK_DIM_Y": 1024,
    "MAX_BLOCK_DIM_Z": 64,
    "MAX_GRID_DIM_X": 2**31 - 1,
    "MAX_GRID_DIM_Y": 65535,
    "MAX_GRID_DIM_Z": 65535,
    "MAX_PITCH": 2**31 - 1,
    "MAX_REGISTERS_PER_BLOCK": 65536,
    "MAX_REGISTERS_PER_MULTIPROCESSOR": 65536,
    "MAX_SHARED_MEMORY_PER_BLOCK": 48 * 1024,
    "MAX_SHARED_MEMORY_PER_BLOCK_OPTIN": 227 * 1024,
    "MAX_SHARED_MEMORY_PER_MULTIPROCESSOR": 228 * 1024,
    "MAX_THREADS_PER_BLOCK": 1024,
    "MAX_THREADS_PER_MULTIPROCESSOR": 2048,
    "MEMORY_CLOCK_RATE": 2_619_000,
    "MULTIPROCESSOR_COUNT": 132,
    "MULTI_GPU_BOARD": 0,
    "PCI_BUS_ID": 0,
    "PCI_DEVICE_ID": 0,
    "PCI_DOMAIN_ID": 0,
    "RESERVED_SHARED_MEMORY_PER_BLOCK": 1024,
    "SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO": 2,
    "STREAM_PRIORITIES_SUPPORTED": 1,
    "TCC_DRIVER": 0,
    "TOTAL_CONSTANT_MEMORY": 64 * 1024,
    "UNIFIED_ADDRESSING": 1,
    "WARP_SIZE": 32,
}


class MemoryInfo(NamedTuple):
    """Bytes of device memory."""

    free: int
    total: int


class Device:
    """The simulated GPU; the CUDA device attributes are its attributes, as with Numba."""

    id = 0
    name = "gpusim simulated GPU"
    uuid = "GPU-00000000-0000-0000-0000-000000000000"
    compute_capability = (9, 0)
    supports_float16 = True
    supports_bfloat16 = True
    supports_fp8 = True

    def __init__(self) -> None:
        self.primary_context = Context(self)

    def __getattr__(self, name: str) -> int:
        try:
            return ATTRIBUTES[name]
        except KeyError:
            raise AttributeError(f"the simulated device has no attribute {name}") from None

    def __repr__(self) -> str:
        return f"<CUDA device {self.id} '{self.name}'>"

    def get_device_identity(self) -> dict[str, int]:
        return {
            "pci_domain_id": self.PCI_DOMAIN_ID,
            "pci_bus_id": self.PCI_BUS_ID,
            "pci_device_id": self.PCI_DEVICE_ID,
        }

    def get_primary_context(self) -> Context:
        return self.primary_context

    def reset(self) -> None:
        """Nothing is kept that a reset would free."""


class Context:
    """The one context of the device."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.deallocations: list[Any] = []
        self._streams = PER_THREAD

    def __repr__(self) -> str:
        return f"<CUDA context of device {self.device.id}>"

    def get_memory_info(self) -> MemoryInfo:
        return MemoryInfo(*MEMORY.info)

    def synchronize(self) -> None:
        """All work is done when it is submitted."""

    def reset(self) -> None:
        """Nothing is kept that a reset would free."""

    def push(self) -> None:
        """The context is always current."""

    def pop(self) -> None:
        """The context is always current."""

    @contextmanager
    def defer_cleanup(self) -> Iterator[None]:
        yield

    def memalloc(self, size: int) -> DevicePointer:
        return DevicePointer(MEMORY.allocate(size, np.dtype(np.uint8)))

    def get_default_stream(self) -> Stream:
        return Stream(DEFAULT)

    def get_legacy_default_stream(self) -> Stream:
        return Stream(LEGACY)

    def get_per_thread_default_stream(self) -> Stream:
        return Stream(PER_THREAD)

    def create_stream(self) -> Stream:
        self._streams += 1
        return Stream(self._streams)

    def create_external_stream(self, ptr: int) -> Stream:
        if not isinstance(ptr, int):
            raise TypeError("ptr for external stream must be an int")
        return Stream(ptr, external=True)

    def create_event(self, timing: bool = True) -> Event:
        return Event(timing)

    def can_access_peer(self, peer_device: int) -> bool:
        return False


class ManagedDevice:
    """An entry of `cuda.gpus`: the device, which `with` makes current."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def __getattr__(self, name: str) -> Any:
        return getattr(self._device, name)

    def __enter__(self) -> None:
        """The device is always current."""

    def __exit__(self, *exception: object) -> None:
        """The device is always current."""

    def __str__(self) -> str:
        return f"<Managed Device {self._device.id}>"


class DeviceList:
    """`cuda.gpus`: one device."""

    def __init__(self, device: Device) -> None:
        self.current = ManagedDevice(device)
        self.lst = [self.current]

    def __getitem__(self, number: int) -> ManagedDevice:
        try:
            return self.lst[number]
        except IndexError:
            raise IndexError(f"there is no device {number}: the simulator has one GPU, device 0") from None

    def __iter__(self) -> Iterator[ManagedDevice]:
        return iter(self.lst)

    def __len__(self) -> int:
        return len(self.lst)

    def __str__(self) -> str:
        return ", ".join(str(device) for device in self.lst)
