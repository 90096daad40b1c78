"""Numba's own compiler, while the simulator is installed and on machines without a GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import SimpleNamespace
from typing import Any

from numba.cuda import dispatcher as numba_dispatcher
from numba.cuda.dispatcher import CUDADispatcher

from gpusim.kernel.dialects import IN_NUMBA, NUMBA
from gpusim.kernel.patches import INSTALLED, Patches
from gpusim.machine.attributes import COMPUTE_CAPABILITY

_GET_CALL_TEMPLATE = CUDADispatcher.get_call_template


class Declared:
    """A device function that has types and no code, until somebody compiles for a GPU."""

    return_type: Any


def get_call_template(dispatcher: CUDADispatcher, args: Any, kws: Any) -> Any:
    """Numba's method of this name.

    That of Numba's own `numba.cuda` refuses device functions with default arguments, and with `*args`, among which are
    Numba's `min` and `max`: it compiles for the arguments as they are given. Here they are matched with the parameters
    first, as numba-cuda does.
    """
    if NUMBA is IN_NUMBA:
        _, args = dispatcher._compiler.fold_argument_types(args, kws)
        kws = {}
    return _GET_CALL_TEMPLATE(dispatcher, args, kws)


@contextmanager
def real_compiler(compute_capability: tuple[int, int]) -> Iterator[None]:
    """Let Numba compile for a device that need not exist, device functions included."""
    target = SimpleNamespace(compute_capability=compute_capability)
    with Patches() as patches:
        patches.replace(numba_dispatcher, "get_current_device", lambda: target)
        patches.replace(CUDADispatcher, "compile_device", _original("compile_device"))
        patches.replace(CUDADispatcher, "get_call_template", _call_template)
        yield


def compiles(function: Callable[..., Any], compute_capability: tuple[int, int]) -> Callable[..., Any]:
    """One of Numba's `compile` functions, for use while the simulator is installed."""

    @wraps(function)
    def compile(*args: Any, **kwargs: Any) -> Any:
        with real_compiler(compute_capability):
            return function(*args, **kwargs)

    return compile


def compiled_device_function(dispatcher: CUDADispatcher, argtypes: Any, return_type: Any) -> Any:
    """A device function as Numba compiles it for the device simulated."""
    twin = CUDADispatcher(dispatcher.py_func, dispatcher.targetoptions)
    with real_compiler(COMPUTE_CAPABILITY):
        return _original("compile_device")(twin, argtypes, return_type)


def _call_template(dispatcher: CUDADispatcher, args: Any, kws: Any) -> Any:
    """Numba's `get_call_template`, after compiling what was only declared on the simulator."""
    for argtypes, overload in list(dispatcher.overloads.items()):
        if isinstance(overload, Declared):
            del dispatcher.overloads[argtypes]
            _original("compile_device")(dispatcher, argtypes, overload.return_type)
    return get_call_template(dispatcher, args, kws)


def _original(name: str) -> Any:
    """A method of Numba's dispatchers as it is without the simulator."""
    return INSTALLED.original(CUDADispatcher, name)
