"""Replace numba.cuda's host API and launches in this process, and put them back.

Only attributes of Numba's modules and classes are replaced; kernels stay Numba's dispatchers.
"""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from typing import Any

from numba import cuda
from numba.cuda import api, dispatcher
from numba.cuda.cudadrv import devicearray, devices, driver

from gpusim.codegen.compiler import compiles
from gpusim.errors import GpusimError
from gpusim.host import array, cached, device, launch
from gpusim.host.imports import AfterImport
from gpusim.host.memory import MEMORY
from gpusim.host.session import Session
from gpusim.kernel.dialects import IN_NUMBA, MLIR, NUMBA
from gpusim.kernel.patches import INSTALLED
from gpusim.kernel.sourceless import compile_with_source, exec_with_source
from gpusim.kernel.target import config
from gpusim.simulator import Check, chosen

Replacements = list[tuple[Any, str, Any]]
"""(owner, attribute, value) of what is replaced during a session."""

_FINALIZERS = ("_alloc_finalizer", "_hostalloc_finalizer", "_pin_finalizer", "_event_finalizer", "_stream_finalizer")
_WARNINGS = ("CUDA_LOW_OCCUPANCY_WARNINGS", "CUDA_WARN_ON_IMPLICIT_COPY")


class _Installed:
    """The one simulated GPU that this process can have."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self._import_of_mlir: AfterImport | None = None

    def start(self, check: Check) -> Session:
        self.session = Session(check, uninstall)
        if "initcheck" in chosen(check)[0]:
            MEMORY.report = self.session.findings.add
        # Configured launches are cached by Numba together with their streams.
        dispatcher.CUDADispatcher.configure.cache_clear()
        parts = (
            _device(installed),
            _compilers(),
            _settings(),
            _binding(),
            launch.replacements(installed),
            cached.replacements(),
            self.session.heap.replacements(),
        )
        self._replace(chain(*parts))
        if MLIR.loaded:
            self._simulate_mlir()
        else:
            self._import_of_mlir = AfterImport(MLIR.cuda, self._simulate_mlir)
        return self.session

    def _replace(self, replacements: Iterable[tuple[Any, str, Any]]) -> None:
        for owner, name, value in replacements:
            INSTALLED.replace(owner, name, value)

    def _simulate_mlir(self) -> None:
        """numba-cuda-mlir as well, which takes seconds to import: when the program has done that."""
        from gpusim.host.mlir import dispatchers, names

        self._replace(list(names.replacements()))
        self._replace(dispatchers.replacements())

    def stop(self) -> None:
        if self._import_of_mlir is not None:
            self._import_of_mlir.cancel()
            self._import_of_mlir = None
        INSTALLED.restore()
        if self.session is not None:
            self.session.forget_declared()
        self.session = None
        MEMORY.clear()
        MEMORY.report = None
        dispatcher.CUDADispatcher.configure.cache_clear()


_installed = _Installed()


def install(check: Check = "all") -> Session:
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


def _device(current: Callable[[], Session | None]) -> Replacements:
    """One simulated GPU under Numba's contexts, memory managers, streams, events and arrays."""
    simulated, runtime, version = device.SimulatedDriver(), devices._Runtime(), device.Runtime()
    runtime.gpus = device.DeviceList()
    return [
        *((module, "driver", simulated) for module in (driver, devices)),
        (driver, "Stream", device.Stream),
        (devices, "_runtime", runtime),
        *((module, "gpus", runtime.gpus) for module in (devices, api, cuda)),
        (devicearray, "DeviceNDArray", array.DeviceArray),
        (devicearray, "DeviceRecord", array.DeviceRecord),
        (devicearray, "_assign_kernel", array.assignment),
        *((driver, name, _while_installed(current, getattr(driver, name))) for name in _FINALIZERS),
        (cuda, "is_available", lambda: simulated.is_available),
        (cuda, "is_supported_version", version.is_supported_version),
        (cuda, "runtime", version),
    ]


def _while_installed(current: Callable[[], Session | None], finalizer: Callable[..., Any]) -> Callable[..., Any]:
    """What Numba does when its last reference to memory of the device goes; after the session there is none."""
    session = current()

    def make(*arguments: Any) -> Callable[[], None]:
        finish = finalizer(*arguments)
        return lambda: finish() if current() is session else None

    return make


def _compilers() -> Replacements:
    """Numba's functions that compile, for the device simulated."""
    capability = device.Device.compute_capability
    names = ("compile", "compile_all", "compile_ptx")
    made = {name: compiles(getattr(cuda, name), capability) for name in names if hasattr(cuda, name)}
    current = {f"{name}_for_current_device": partial(made[name], cc=capability) for name in ("compile", "compile_ptx")}
    return [(cuda, name, function) for name, function in (made | current).items()]


def _binding() -> Replacements:
    """Numba's own `numba.cuda` calls the driver as numba-cuda does, where it is told that NVIDIA's binding is there."""
    if NUMBA is not IN_NUMBA:
        return []
    from gpusim.host import binding  # numbers of Numba's that numba-cuda has not got

    return [
        *((module, "USE_NV_BINDING", True) for module in (driver, devices)),
        (driver, "binding", binding),
        (driver.MemoryPointer, "device_pointer_value", property(lambda self: binding.value_of(self.device_pointer))),
        (driver, "CU_STREAM_DEFAULT", 0),
    ]


def _settings() -> Replacements:
    """Numba warns of what is slow on a GPU (small grids, arrays of the host) only where the user has asked for it."""
    silent = [name for name in _WARNINGS if f"NUMBA_{name}" not in os.environ]
    text = [(builtins, "exec", exec_with_source), (builtins, "compile", compile_with_source)]
    return [*text, *((config, name, 0) for name in silent)]
