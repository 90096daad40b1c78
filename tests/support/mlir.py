"""Kernels written for numba-cuda as they are written for numba-cuda-mlir: the same code, other globals."""

from __future__ import annotations

from types import CellType, FunctionType, ModuleType
from typing import Any

import numba.cuda
import numba_cuda_mlir.cuda
from numba.cuda import types
from numba.cuda.dispatcher import CUDADispatcher

from gpusim.kernel.dialects import MLIR
from gpusim.kernel.translation import translated

# Options of a device function or a kernel that both packages have.
_OPTIONS = ("device", "fastmath", "launch_bounds", "max_registers")


def as_mlir(kernel: CUDADispatcher) -> Any:
    """The dispatcher of numba-cuda-mlir for the same function, with what it uses translated too."""
    options = {name: kernel.targetoptions[name] for name in _OPTIONS if kernel.targetoptions.get(name)}
    return numba_cuda_mlir.cuda.jit(_function(kernel.py_func), **options)


def _function(function: FunctionType) -> FunctionType:
    names = {name: _value(value) for name, value in function.__globals__.items() if name in function.__code__.co_names}
    closure = tuple(CellType(_value(cell.cell_contents)) for cell in function.__closure__ or ())
    return FunctionType(function.__code__, names, function.__name__, function.__defaults__, closure or None)


def _value(value: Any) -> Any:
    if isinstance(value, ModuleType):
        return numba_cuda_mlir.cuda if value is numba.cuda else value
    if isinstance(value, CUDADispatcher):
        return as_mlir(value)
    return translated(value, MLIR) if isinstance(value, types.Type) else value
