"""Loops of the simulator itself, compiled by Numba and kept on disk.

Numba prepares its whole compiler, with the types and code of everything that it knows, before it looks for a function
on disk. What is there needs none of that, and a small program would spend more time on it than on its kernels. So
these functions are looked for first; only one that has to be compiled prepares the compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import FunctionType
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache, NullCache
from numba.core.runtime import rtsys


class _Disk(FunctionCache):
    """Numba's cache of one function; what it loads calls nothing but Numba's runtime."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)


class _Cache(NullCache):
    """The same, made when the function is called for the first time: to make one, Numba tries to write to the disk."""

    def __init__(self, function: FunctionType) -> None:
        self._function = function

    @cached_property
    def _disk(self) -> _Disk:
        return _Disk(self._function)

    @property
    def cache_path(self) -> Any:
        return self._disk.cache_path

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        return self._disk.load_overload(sig, target_context)

    def save_overload(self, sig: Any, data: Any) -> None:
        self._disk.save_overload(sig, data)


def native(function: Callable[..., Any], **options: Any) -> Any:
    """`njit(nogil=True, cache=True)` of a function that calls no library (BLAS, random numbers, Python)."""
    compiled = njit(nogil=True, **options)(function)
    if not isinstance(compiled, FunctionType):  # as it is with NUMBA_DISABLE_JIT
        compiled._cache = _Cache(compiled.py_func)
    return compiled


def inlined(function: Callable[..., Any]) -> Any:
    """The same for a part of other compiled functions that is copied into them."""
    return native(function, inline="always")
