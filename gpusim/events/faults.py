"""Accesses that a GPU refuses, or that are rarely meant. Who watches puts them into words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpusim.memory.buffer import Array
from gpusim.places import Place


@dataclass(frozen=True)
class Fault:
    """`count` lanes do something to an array that cannot be done; the first of them is at `place`.

    If no observer raises, loads give poison, and stores are dropped.
    """

    place: Place
    array: Array
    count: int


@dataclass(frozen=True)
class OutOfBounds(Fault):
    """An index, as the first lane sees it, outside an array or view of this shape."""

    index: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class ReadOnly(Fault):
    """A store or atomic to memory that a kernel cannot change."""


@dataclass(frozen=True)
class Misaligned(Fault):
    """An element of `dtype` at byte `byte` of its array, which is no multiple of its size."""

    dtype: np.dtype
    byte: int


@dataclass(frozen=True)
class WrapsAround:
    """A computed index from -n to -1 of an array of n elements, which Numba counts from the end."""

    place: Place
    array: Array
    index: str
