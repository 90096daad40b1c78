"""The register of what numba.cuda's names mean on the simulator.

Lowering resolves `cuda.syncthreads`, `from numba.cuda import threadIdx as tid` and so on to the
Python object behind the name, and looks that object up here.

To add an intrinsic, write `def name(t, site, *arguments)` in the module of this folder that fits and
put it into that module's table under its dotted name in numba.cuda.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

import numpy as np

from gpusim import numeric
from gpusim.device import indices, only_numba_cuda
from gpusim.device import mlir as successor
from gpusim.device.memory import arrays, atomics, caching, heap, pointers
from gpusim.device.numbers import bits, float8, half, half_pairs, intrinsics, libdevice, vectors
from gpusim.device.python import language, overloads
from gpusim.device.python.language import call_method, call_value, contains, contains_not, is_, is_not
from gpusim.device.warp import barriers, groups
from gpusim.device.warp import operations as warp
from gpusim.kernel.dialects import IN_NUMBA, NUMBA

_MODULES = (
    indices, barriers, atomics, warp, bits, half, half_pairs, float8, pointers, vectors, caching, groups, successor,
)  # fmt: skip


@dataclass(frozen=True)
class Intrinsic:
    """A function of the device API: `run(t, site, *arguments)`.

    `named` ones also get, before the arguments, the name of the variable that receives the result.
    """

    run: Callable[..., Any]
    named: bool = False


@dataclass(frozen=True)
class Special:
    """A special value of the device API, such as threadIdx: `evaluate(t)`."""

    evaluate: Callable[..., Any]


Entry = TypeVar("Entry", Intrinsic, Special)


class Surface:
    """Maps objects of a CUDA module (and Python builtins) to their simulated counterparts."""

    constant_array = staticmethod(arrays.constant_array)
    device_array = staticmethod(arrays.device_array)
    call_method = staticmethod(call_method)
    call_value = staticmethod(call_value)
    is_ = staticmethod(is_)
    is_not = staticmethod(is_not)
    contains = staticmethod(contains)
    contains_not = staticmethod(contains_not)

    def __init__(self) -> None:
        self._entries: dict[int, tuple[Any, Intrinsic | Special]] = {}
        for builtin, run in language.BUILTINS.items():
            self._add(builtin, Intrinsic(run))
        for function, allocate in heap.NAMED.items():
            self._add(function, Intrinsic(allocate, named=True))
        for name, run in pointers.ARRAYS.items():
            self._add(getattr(NUMBA.module("np.numpy_support"), name), Intrinsic(run))
        if NUMBA is IN_NUMBA:
            for function in only_numba_cuda.FUNCTIONS:
                self._add(function, Intrinsic(only_numba_cuda.refuse))

    def _add(self, target: Any, entry: Intrinsic | Special) -> None:
        self._entries[id(target)] = (target, entry)

    def include(self, cuda: Any) -> Surface:
        """Register everything that `cuda`, a module with numba.cuda's names, has of the tables."""
        for name, entry in entries().items():
            self._include(cuda, name, entry)
        return self

    def extend(self, cuda: Any, name: str) -> bool:
        """Import a module of `numba.cuda` that Numba itself imports with its first compilation; False for any other."""
        parts = ("libdevice",) if NUMBA is IN_NUMBA else ("bf16", "fp16", "fp8", "libdevice")
        if cuda.__name__ != "numba.cuda" or name not in parts:
            return False
        import_module(f"numba.cuda.{name}")
        self.include(cuda)
        return True

    def advice(self, base: Any, name: str) -> str:
        """What to do about a name that `base` does not have; nothing to say about most."""
        if NUMBA is not IN_NUMBA:
            return ""
        names = {full.partition(".")[0] for full in entries()}
        return only_numba_cuda.advice(getattr(base, "__name__", ""), name, names)

    def include_successor(self, cuda: Any) -> None:
        """Register what `numba_cuda_mlir.cuda` has besides: plain functions that its compiler knows by name."""
        if cuda.laneid is None:
            cuda.laneid = successor.LaneId()
        self._include(cuda, "laneid", Special(indices.SPECIAL["laneid"]))
        for function, run in successor.functions(cuda):
            self._add(function, Intrinsic(run))

    def include_cffi(self, cffi: Any) -> None:
        """Register `ffi.from_buffer`, a method of instances of cffi's class."""
        self._add(cffi.FFI.from_buffer, Intrinsic(pointers.from_buffer))

    def include_libdevice(self, library: Any) -> None:
        """Register the functions of `numba.cuda.libdevice`."""
        from numba.cuda.libdevicefuncs import functions

        for name, run in libdevice.declared(functions).items():
            self._include(library, name, Intrinsic(run))

    def _include(self, cuda: Any, name: str, entry: Intrinsic | Special) -> None:
        target = cuda
        for part in name.split("."):
            target = getattr(target, part, None)
            if target is None:  # an older or newer numba-cuda without this function
                return
        self._add(target, entry)

    def find(self, target: Any, kind: type[Entry]) -> Entry | None:
        """The entry of an object if it has one of this kind."""
        if isinstance(target, (np.ndarray, np.generic)):
            return None
        owner = getattr(target, "__self__", None)
        if owner is not None and type(owner).__name__ == "FFI":  # methods of every instance of cffi's class
            target = getattr(type(owner), target.__name__)
        entry = self._entries.get(id(target)) or self._taught(target)
        return entry[1] if entry is not None and isinstance(entry[1], kind) else None

    def _taught(self, target: Any) -> tuple[Any, Intrinsic] | None:
        """The entry of a builtin or a function of NumPy whose meaning Numba has as Python code."""
        if type(target).__name__ == "_Intrinsic":
            run = overloads.INTRINSICS.get(target._name) or intrinsics.calling(target)
        elif type(target).__name__ == "ExternFunction":
            run = intrinsics.declared(target)
        elif getattr(target, "__module__", None) not in ("builtins", "numpy") or not callable(target):
            return None
        elif numeric_function(target) is None and overloads.overloads(target):
            run = overloads.calling(target)
        else:
            return None
        self._add(target, Intrinsic(run))
        return target, Intrinsic(run)

    def function(self, target: Any) -> Callable[..., Any] | None:
        """What an intrinsic, a function of `math` or NumPy, or a type does: `run(t, site, *arguments)`."""
        intrinsic = self.find(target, Intrinsic)
        if intrinsic is not None:
            run = intrinsic.run
            return (lambda t, site, *rest, **named: run(t, site, "array", *rest, **named)) if intrinsic.named else run
        compute = numeric_function(target)
        return None if compute is None else lambda t, site, *arguments: compute(*arguments)


def numeric_function(target: Any) -> Callable[..., Any] | None:
    """The vector form of a `math` function, ufunc, builtin or type."""
    try:
        return numeric.implementation(target)
    except TypeError:
        return None


@cache
def entries() -> dict[str, Intrinsic | Special]:
    """The whole device API: what each dotted name of `numba.cuda` means on the simulator."""
    found: dict[str, Intrinsic | Special] = {name: Special(evaluate) for name, evaluate in indices.SPECIAL.items()}
    found |= {name: Intrinsic(run, named=True) for name, run in arrays.NAMED.items()}
    found |= dict.fromkeys(("literal_unroll", "misc.special.literal_unroll"), Intrinsic(language.unrolled))
    for module in _MODULES:
        found |= {name: Intrinsic(run) for name, run in module.FUNCTIONS.items()}
    return found


# Modules that a program imports only if it needs them.
_ROOTS = ("numba_cuda_mlir.cuda", "numba_cuda_mlir.numba_cuda")
_PARTS = [
    f"{package}.{name}"
    for package in ("numba.cuda", "numba_cuda_mlir.numba_cuda")
    for name in ("_internal.cuda_bf16", "_internal.cuda_fp16", "_internal.cuda_fp8", "libdevice")
]


def numba_surface() -> Surface:
    """The surface of `numba.cuda`, and of its successor numba-cuda-mlir if the program has imported that."""
    roots = (import_module("numba.cuda"), *(sys.modules[name] for name in _ROOTS if name in sys.modules))
    return _surface(roots, frozenset(name for name in (*_PARTS, "cffi") if name in sys.modules))


@cache
def _surface(roots: tuple[Any, ...], parts: frozenset[str]) -> Surface:
    surface = Surface()
    for root in roots:
        surface.include(root)
        if root.__name__ == "numba_cuda_mlir.cuda":
            surface.include_successor(root)
    if "cffi" in parts:
        surface.include_cffi(sys.modules["cffi"])
    if "numba.cuda.libdevice" in parts:
        surface.include_libdevice(sys.modules["numba.cuda.libdevice"])
    return surface
