"""What numba-cuda-mlir has in kernels beyond the names that it shares with numba-cuda."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

from gpusim.device.numbers import half, libdevice
from gpusim.errors import KernelError
from gpusim.places import Site
from gpusim.simt.lanes import Lanes

_EXTENSIONS = ("vector.load", "vector.store", "inline_ptx")


class LaneId:
    """`numba_cuda_mlir.cuda.laneid`, which is None in the package: its compiler knows the name, not the object."""


def functions(cuda: ModuleType) -> Iterator[tuple[FunctionType, Callable[..., Any]]]:
    """What kernels call and what that does: plain functions of the package, which its compiler knows."""
    for function in _functions(cuda.random):  # has generators in Python
        yield function, partial(_call, function)
    for function in _functions(cuda.fp16):
        name = function.__name__
        known = half.FUNCTIONS.get(f"_internal.cuda_fp16.__{name}") or half.FUNCTIONS.get(f"_internal.cuda_fp16.{name}")
        if known is not None:
            yield function, known
    for name, run in libdevice.declared(cuda.libdevicefuncs.functions).items():
        if hasattr(cuda.libdevice, name):
            yield getattr(cuda.libdevice, name), run


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    return (value for value in vars(module).values() if isinstance(value, FunctionType))


def _call(function: FunctionType, t: Lanes, site: Site, *arguments: Any) -> Any:
    return t.schedule.invoke(t, t.launch.programs.device(function), site, *arguments)


def _refuse(name: str, t: Lanes, site: Site, *arguments: Any, **keywords: Any) -> Any:
    raise KernelError(
        f"cuda.{name} is an extension of numba-cuda-mlir that the simulator does not have: "
        "index the array, or use the names that numba-cuda has as well",
        site,
    )


FUNCTIONS: dict[str, Callable[..., Any]] = {name: partial(_refuse, name) for name in _EXTENSIONS}
