"""`cache=True`: kernels in Numba's cache files, beside those of a GPU and never mixed up with them.

There is no machine code to keep. What a cache file of the simulator has are the values of the globals that a
kernel uses, which a cached kernel on a GPU has compiled in, too: it keeps the old ones when they change.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from numba.cuda.dispatcher import CUDACache

Replacements = list[tuple[Any, str, Callable[..., Any]]]


def constants(function: FunctionType) -> dict[str, Any]:
    """The globals that a function uses, but for functions, classes and modules."""
    used = {name: function.__globals__[name] for name in function.__code__.co_names if name in function.__globals__}
    return {name: value for name, value in used.items() if not (callable(value) or isinstance(value, ModuleType))}


def with_constants(function: FunctionType, values: dict[str, Any]) -> FunctionType:
    """The function with other values of its globals; the function itself when they are the same."""
    if not values:
        return function
    namespace = {**function.__globals__, **values}
    copy = FunctionType(function.__code__, namespace, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__qualname__ = function.__qualname__
    copy.__module__ = function.__module__
    return copy


class Codegen:
    """What Numba's index of cache files asks about the code of a kernel."""

    def magic_tuple(self) -> tuple[str, ...]:
        return ("gpusim",)


def replacements() -> Replacements:
    """(owner, attribute, value): Numba's cache, for kernels that are simulated."""
    numba_index_key = CUDACache._index_key
    numba_load = CUDACache.load_overload

    def index_key(cache: CUDACache, sig: Any, codegen: Any) -> Any:
        return numba_index_key(cache, sig, Codegen())

    def load_overload(cache: CUDACache, sig: Any, target_context: Any) -> Any:
        kernel = numba_load(cache, sig, target_context)
        if kernel is not None:
            kernel.restore(cache._py_func)
        return kernel

    return [(CUDACache, "_index_key", index_key), (CUDACache, "load_overload", load_overload)]
