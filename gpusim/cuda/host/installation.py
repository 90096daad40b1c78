"""Replace numba.cuda's host API and launches in this process, and put them back.

Only attributes of Numba's modules and classes are replaced; kernels stay Numba's dispatchers.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from functools import partial
from itertools import chain
from typing import Any

from numba import cuda
from numba.cuda import api as numba_api
from numba.cuda import compiler, dispatcher
from numba.cuda.core import config
from numba.cuda.cudadrv import devicearray, devices, driver

from gpusim.cuda.host import launch
from gpusim.cuda.host.api import HostAPI
from gpusim.cuda.host.array import DeviceArray, DeviceRecord, HostVisibleArray
from gpusim.cuda.host.compiler import compiles
from gpusim.cuda.host.driver import SimulatedDriver
from gpusim.cuda.host.patches import Patches
from gpusim.cuda.host.session import Session
from gpusim.cuda.host.streams import Event, Stream
from gpusim.errors import GpusimError
from gpusim.generated import exec_with_source


class _Installed:
    """The one simulated GPU that this process can have."""

    def __init__(self) -> None:
        self.patches = Patches()
        self.session: Session | None = None

    def start(self, check: str | Iterable[str]) -> Session:
        host = HostAPI()
        self.session = Session(host, check, uninstall)
        # Configured launches are cached by Numba together with their streams.
        dispatcher.CUDADispatcher.configure.cache_clear()
        parts = (_replacements(host), launch.replacements(installed), self.session.heap.replacements())
        for owner, name, value in chain(*parts):
            self.patches.replace(owner, name, value)
        return self.session

    def stop(self) -> None:
        self.patches.restore()
        self.session = None
        dispatcher.CUDADispatcher.configure.cache_clear()


_installed = _Installed()


def install(check: str | Iterable[str] = "all") -> Session:
    """Simulate numba.cuda in this process until `uninstall()`; returns the `Session`.

    `check` says which tools watch the launches, as for `gpusim.simulate`. Installing twice has no
    further effect and returns the session that is there. Raises `GpusimError` when Numba runs with its
    own simulator (`NUMBA_ENABLE_CUDASIM=1`).
    """
    if _installed.session is not None:
        return _installed.session
    if config.ENABLE_CUDASIM:
        raise GpusimError("Numba's own simulator is on: unset NUMBA_ENABLE_CUDASIM to run on gpusim")
    return _installed.start(check)


def uninstall() -> None:
    """Give numba.cuda back as it was; without an `install()` before, nothing happens."""
    _installed.stop()


def installed() -> Session | None:
    """The session in force, if any."""
    return _installed.session


def original(owner: Any, name: str) -> Any:
    """An attribute of Numba as it is without the simulator."""
    return _installed.patches.original(owner, name)


def _replacements(host: HostAPI) -> list[tuple[Any, str, Any]]:
    """(owner, attribute, value) for Numba's host API, also where its own modules look for it."""
    public = [
        (module, name, getattr(host, name))
        for name in host.names()
        for module in (cuda, numba_api)
        if name in vars(module)
    ]
    device = host.get_current_device()
    compilers = [
        (cuda, name, compiles(getattr(cuda, name), device.compute_capability))
        for name in ("compile", "compile_all", "compile_ptx")
    ]
    current = [
        (cuda, f"{name}_for_current_device", partial(compiler, cc=device.compute_capability))
        for _, name, compiler in compilers
        if name != "compile_all"
    ]
    simulated_driver = SimulatedDriver(device)
    return [
        *public,
        *compilers,
        *current,
        (driver, "driver", simulated_driver),
        (devices, "driver", simulated_driver),
        (driver, "Stream", Stream),
        (driver, "Event", Event),
        (devices, "gpus", host.gpus),
        (devices, "get_context", host.current_context),
        (devices, "reset", host.close),
        (devicearray, "DeviceNDArray", DeviceArray),
        (devicearray, "DeviceRecord", DeviceRecord),
        (devicearray, "MappedNDArray", HostVisibleArray),
        (devicearray, "ManagedNDArray", HostVisibleArray),
        (dispatcher, "get_context", host.current_context),
        (dispatcher, "get_current_device", host.get_current_device),
        (compiler, "get_current_device", host.get_current_device),
        (builtins, "exec", exec_with_source),
        # Numba warns about grids too small to fill a GPU; here they are small on purpose.
        (config, "CUDA_LOW_OCCUPANCY_WARNINGS", 0),
    ]
