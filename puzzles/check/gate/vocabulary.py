"""The words that a learner's file may use, each with the object that the checker puts behind it.

A file's imports are never run: `from numba import cuda` says that `cuda` stands for "numba.cuda", and a dotted name
such as `cuda.atomic.add` is looked up here, as "numba.cuda.atomic.add". What is not here does not exist for the file.
The list is made of what the simulator itself implements, the number types, and functions of `math` and NumPy that map
numbers to numbers.
"""

from __future__ import annotations

import builtins
import cmath
import math
from functools import cache
from importlib import import_module
from typing import Any

import numba
import numpy as np
from numba import cuda

from gpusim.device.surface import entries

MISSING = object()

SILENT = ("__future__", "typing", "collections.abc")
"""Modules for annotations, which the checker drops; what comes from them has no meaning in a kernel."""

BUILTINS = (
    *("abs", "bool", "complex", "divmod", "enumerate", "float", "int", "len", "max", "min", "pow", "print"),
    *("range", "reversed", "round", "sum", "tuple", "zip"),
)

KERNEL_DECORATOR = "numba.cuda.jit"
DECORATORS = (KERNEL_DECORATOR, "numba.njit", "numba.jit")
DECORATOR_OPTIONS = ("device", "fastmath", "inline", "debug", "opt", "lineinfo", "max_registers", "cache")

ATTRIBUTES = frozenset(
    (
        *("x", "y", "z", "w", "shape", "strides", "size", "ndim", "itemsize", "nbytes", "dtype", "T", "flat"),
        *("real", "imag", "type", "sync", "reshape", "view", "ravel", "flatten", "transpose", "astype", "conjugate"),
        *("item", "bit_count", "sum", "prod", "max", "min", "mean", "any", "all", "argmax", "argmin"),
    )
)
"""Attributes and methods of values inside a kernel that the simulator knows."""

_DTYPES = (
    *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
    *("float16", "float32", "float64", "complex64", "complex128", "boolean", "bool_", "intp", "uintp", "intc", "uintc"),
    *("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8", "b1"),
)

_NUMPY_CONSTANTS = ("pi", "e", "inf", "nan", "newaxis")


@cache
def words() -> dict[str, Any]:
    """Full dotted name -> the object behind it."""
    found: dict[str, Any] = {}
    for name in entries():
        if not any(part.startswith("_") for part in name.split(".")) and (thing := _resolve(cuda, name)) is not MISSING:
            found[f"numba.cuda.{name}"] = thing
    for place, owner, names in (
        ("numba", numba, _DTYPES),
        ("numba.types", numba.types, _DTYPES),
        ("numpy", np, (*_DTYPES, *_NUMPY_CONSTANTS, *_element_functions())),
        ("math", math, _public(math)),
        ("cmath", cmath, _public(cmath)),
        ("builtins", builtins, BUILTINS),
    ):
        found |= {f"{place}.{name}": getattr(owner, name) for name in names if hasattr(owner, name)}
    return found


@cache
def namespaces() -> frozenset[str]:
    """The modules and other things with words in them: "numba", "numba.cuda", "numba.cuda.atomic", "math", ..."""
    dotted = [*words(), *DECORATORS, "numba.cuda.libdevice.exp"]
    return frozenset(name[:end] for name in dotted for end, letter in enumerate(name) if letter == ".")


def find(name: str) -> Any:
    """The object behind a full dotted name, or MISSING."""
    known = words().get(name, MISSING)
    if known is MISSING and name.startswith("numba.cuda.libdevice."):
        from numba.cuda.libdevicefuncs import functions

        short = name.rpartition(".")[2]
        if f"__nv_{short}" in functions:
            return getattr(import_module("numba.cuda.libdevice"), short)
    return known


def module(name: str) -> Any:
    """The object behind a namespace, for a program that uses its words: a real module, or a part of one."""
    root, *rest = name.split(".")
    thing = import_module(root)
    for part in rest:
        thing = getattr(thing, part)
    return thing


def _resolve(thing: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        thing = getattr(thing, part, MISSING)
        if thing is MISSING:
            return MISSING
    return thing


def _public(module: Any) -> list[str]:
    return [name for name in vars(module) if not name.startswith("_")]


def _element_functions() -> list[str]:
    """NumPy's functions of elements: universal functions without a rule for whole rows or matrices."""
    return [name for name, thing in vars(np).items() if isinstance(thing, np.ufunc) and thing.signature is None]
