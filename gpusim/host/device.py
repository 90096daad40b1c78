"""The simulated device as Numba's host side sees it: one GPU behind Numba's own contexts and memory managers."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable
from functools import wraps
from typing import Any

from numba.cuda.cudadrv import devices
from numba.cuda.cudadrv import driver as numba_driver

from gpusim.host.driver import DriverCalls, refused
from gpusim.kernel.target import config
from gpusim.machine.attributes import COMPUTE_CAPABILITY, NAME, UUID, VERSION


class SimulatedDriver(numba_driver.Driver):
    """Numba's driver object over the simulated calls; it is in force from `install` to `uninstall`."""

    def __new__(cls) -> SimulatedDriver:
        return object.__new__(cls)  # the base class has one instance only, which belongs to the GPU

    def __init__(self) -> None:
        self.devices: dict[int, Device] = {}
        self.is_initialized = False
        self.initialization_error = None
        self.pid = None
        self._calls = DriverCalls()
        if config.DISABLE_CUDA:
            self.is_initialized = True
            self.initialization_error = "CUDA is disabled due to setting NUMBA_DISABLE_CUDA=1 in the environment"

    def _cuda_python_wrap_fn(self, fname: str) -> Callable[..., Any]:
        call = self._calls.find(fname)

        @wraps(call)
        def safe(*arguments: Any) -> Any:
            return self._check_cuda_python_error(fname, call(*arguments))

        setattr(self, fname, safe)
        return safe

    def get_device(self, devnum: int = 0) -> Any:
        if devnum not in self.devices:
            self.devices[devnum] = Device()
        return weakref.proxy(self.devices[devnum])


class Device(numba_driver.Device):
    """The one device; the CUDA device attributes are its attributes, as with Numba."""

    id = 0
    name = NAME
    uuid = f"GPU-{UUID}"
    compute_capability = COMPUTE_CAPABILITY

    def __init__(self) -> None:
        self.primary_context: Context | None = None

    def get_primary_context(self) -> numba_driver.Context:
        if self.primary_context is None:
            handle = numba_driver.driver.cuDevicePrimaryCtxRetain(self.id)
            self.primary_context = Context(weakref.proxy(self), handle)
        return self.primary_context


class Context(numba_driver.Context):
    """The context of the device: Numba's own, which cannot load code for a GPU."""

    def create_module_image(self, image: Any, setup_callbacks: Any = None, teardown_callbacks: Any = None) -> Any:
        raise refused("NOT_SUPPORTED", "the simulated device runs kernels from their Python source, not compiled code")


class DeviceList(devices._DeviceList):
    """`cuda.gpus`: one device."""

    def __getitem__(self, devnum: Any) -> Any:
        try:
            return super().__getitem__(devnum)
        except IndexError:
            raise IndexError(f"there is no device {devnum}: the simulator has one GPU, device 0") from None


class Stream(numba_driver.Stream):
    """A queue of work, always empty."""

    def add_callback(self, callback: Callable[[Stream, int, Any], Any], arg: Any = None) -> None:
        """Call `callback(stream, status, arg)`, now; an exception in it becomes a warning."""
        try:
            callback(self, 0, arg)
        except Exception as error:
            warnings.warn(f"Exception in stream callback: {error}", stacklevel=2)


class Runtime:
    """The version of the CUDA runtime that the simulator stands for."""

    def get_version(self) -> tuple[int, int]:
        return VERSION

    def is_supported_version(self) -> bool:
        return True
