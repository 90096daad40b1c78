"""Functions and names that Numba surely compiles for a GPU, for whatever numbers they are given."""

from __future__ import annotations

import builtins
import enum
import math
from functools import cache
from typing import Any

import numba
import numpy as np
from numba import cuda

from gpusim.kernel.target import types


class Sure(enum.Enum):
    """How a name is used."""

    INDEX = enum.auto()  # cuda.threadIdx, which has x, y and z
    VALUE = enum.auto()  # cuda.laneid
    NAMESPACE = enum.auto()  # cuda.shared
    ARRAY = enum.auto()  # cuda.shared.array(shape, dtype)
    TYPE = enum.auto()  # float32(x)
    POSITION = enum.auto()  # cuda.grid(1)
    BARRIER = enum.auto()  # cuda.syncthreads()
    LENGTH = enum.auto()  # len(array)
    ATOMIC = enum.auto()  # cuda.atomic.add(array, index, value)


ATOMICS = {"add": 1, "sub": 1, "max": 1, "min": 1}
"""Atomic operations, and how many values they take."""

_TYPES = (
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
)  # fmt: skip
_ONE_NUMBER = (
    "sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tan", "tanh", "fabs", "floor", "ceil", "erf", "isnan",
    "isinf",
)  # fmt: skip
_TWO_NUMBERS = ("pow", "atan2", "fmod")


def sure(target: Any) -> Sure | int | None:
    """How a name may be used: a number for a function of so many numbers; None for what is not on the list."""
    known = _table().get(id(target))
    return None if known is None else known[1]


@cache
def _table() -> dict[int, tuple[Any, Sure | int]]:
    """By the object's id, with the object, which has to stay."""
    uses = {
        Sure.INDEX: ("threadIdx", "blockIdx", "blockDim", "gridDim"),
        Sure.VALUE: ("laneid", "warpsize"),
        Sure.NAMESPACE: ("shared", "local", "atomic"),
        Sure.ARRAY: ("shared.array", "local.array"),
        Sure.POSITION: ("grid", "gridsize"),
        Sure.BARRIER: ("syncthreads", "threadfence", "threadfence_block"),
        Sure.ATOMIC: tuple(f"atomic.{name}" for name in ATOMICS),
    }
    known = ((_named(name), use) for use, names in uses.items() for name in names)
    entries: list[tuple[Any, Sure | int]] = [
        *(entry for entry in known if entry[0] is not None),
        *((getattr(owner, name), Sure.TYPE) for owner in (numba, types, np) for name in _TYPES),
        *((getattr(math, name), 1) for name in _ONE_NUMBER),
        *((getattr(math, name), 2) for name in _TWO_NUMBERS),
        (builtins.int, 1),
        (builtins.float, 1),
        (builtins.abs, 1),
        (builtins.min, 2),
        (builtins.max, 2),
        (builtins.len, Sure.LENGTH),
    ]
    return {id(target): (target, known) for target, known in entries}


def _named(name: str) -> Any:
    """What `numba.cuda` has under a dotted name; None if it lacks it, as where Numba's own simulator stands in."""
    found: Any = cuda
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
