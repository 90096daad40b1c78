"""The names of numba-cuda-mlir's host side, and of its compiler, during a session.

Its host side is a copy of numba-cuda's. Every function and class of it is replaced by numba-cuda's of the same
name, so that both packages have the same arrays, streams and devices.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from types import FunctionType, ModuleType
from typing import Any

import numba_cuda_mlir
from numba.cuda.cudadrv.devicearray import DeviceNDArrayBase
from numba.cuda.memory_management import nrt
from numba_cuda_mlir import cuda, tools
from numba_cuda_mlir.memory_management.rtsys import rtsys
from numba_cuda_mlir.numba_cuda.core import config
from numba_cuda_mlir.numba_cuda.typing.typeof import typeof_impl

from gpusim.codegen.mlir import compiler_for
from gpusim.host.device import Device
from gpusim.kernel.dialects import MLIR, NUMBA
from gpusim.kernel.translation import translated

Replacement = tuple[Any, str, Any]
"""Owner, attribute, value."""

_HOST_SIDE = (
    *("api", "args", "device_init", "kernels.reduction"),
    *(f"cudadrv.{name}" for name in ("devicearray", "devices", "driver", "error", "runtime")),
)
_COMPILERS = ("compile", "compile_cubin", "compile_for", "compile_mlir", "compile_ptx")
_WARNINGS = ("CUDA_LOW_OCCUPANCY_WARNINGS", "CUDA_WARN_ON_IMPLICIT_COPY")


def replacements() -> Iterator[Replacement]:
    """What is replaced during a session, once numba-cuda's own names are."""
    yield from _host_side()
    yield from ((cuda, name, _compiles(getattr(cuda, name))) for name in _COMPILERS)
    # It compiles for the device that is there.
    yield tools, "_cached_cc", Device.compute_capability
    # It warns of what is slow on a GPU; a simulated grid is small on purpose.
    yield from ((config, name, 0) for name in _WARNINGS)


def _host_side() -> Iterator[Replacement]:
    """The objects of the host side wherever the package has them under a name of a module."""
    modules = {f"{MLIR.host}.{part}" for part in _HOST_SIDE}
    counterparts = {id(rtsys): nrt.rtsys}
    for part in _HOST_SIDE:
        theirs, ours = MLIR.module(part), NUMBA.module(part)
        for name, value in vars(theirs).items():
            if not name.startswith("_") and hasattr(ours, name) and _home(value) in modules:
                counterparts[id(value)] = getattr(ours, name)
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == numba_cuda_mlir.__name__:
            for attribute, value in list(vars(module).items()):
                if id(value) in counterparts:
                    yield module, attribute, counterparts[id(value)]


def _home(value: Any) -> str | None:
    """The module that defines a function or a class, or the class of any other object."""
    return (
        None
        if isinstance(value, ModuleType)
        else (value if isinstance(value, FunctionType | type) else type(value)).__module__
    )


def _compiles(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that compiles, for the device simulated."""

    @wraps(function)
    def compile(*args: Any, **options: Any) -> Any:
        with compiler_for(Device.compute_capability):
            return function(*args, **options)

    return compile


@typeof_impl.register(DeviceNDArrayBase)
def _type_of_array(array: Any, context: Any) -> Any:
    """The type of an array of numba-cuda's host side as numba-cuda-mlir says it."""
    return translated(array._numba_type_, MLIR)
