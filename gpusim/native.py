"""Loops of the simulator itself, compiled by Numba and kept on disk.

Numba prepares its whole compiler, with the types and code of everything that it knows, before it looks for a function
on disk. What is there needs none of that, and a small program would spend more time on it than on its kernels. So
these functions are looked for first; only one that has to be compiled prepares the compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys


class _Cache(FunctionCache):
    """Numba's cache of one function; what it loads calls nothing but Numba's runtime."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)


def native(function: Callable[..., Any], **options: Any) -> Any:
    """`njit(nogil=True, cache=True)` of a function that calls no library (BLAS, random numbers, Python)."""
    compiled = njit(nogil=True, **options)(function)
    if not isinstance(compiled, FunctionType):  # as it is with NUMBA_DISABLE_JIT
        compiled._cache = _Cache(compiled.py_func)
    return compiled


def inlined(function: Callable[..., Any]) -> Any:
    """The same for a part of other compiled functions that is copied into them."""
    return native(function, inline="always")
