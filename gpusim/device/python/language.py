"""Python itself inside kernels: len, range, print, methods of arrays, identity and membership."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from functools import reduce
from types import FunctionType
from typing import Any

import numba
import numpy as np

from gpusim.device.python import isinstance as instances
from gpusim.device.python import overloads, printing, reductions, sequences
from gpusim.device.python.methods import method_of
from gpusim.device.python.sequences import contains
from gpusim.device.warp import groups
from gpusim.errors import KernelError, NeedsThreads
from gpusim.kernel.source import is_dispatcher
from gpusim.memory.view import View
from gpusim.numeric.operators import add, and_, eq, not_
from gpusim.places import Site
from gpusim.simt.enumerations import same_enumeration
from gpusim.simt.lanes import Lanes
from gpusim.simt.semantics.iteration import Enumerate, Range, Sequence, Zip, iterable
from gpusim.simt.values import is_number, kind_of

_ZERO = np.int64(0)


def _range(t: Lanes, site: Site, *arguments: Any) -> Range:
    return Range(*arguments)


def _enumerate(t: Lanes, site: Site, items: Any, start: Any = None) -> Enumerate:
    return Enumerate(items, start)


def _zip(t: Lanes, site: Site, *items: Any) -> Zip:
    return Zip(*items)


def _reversed(t: Lanes, site: Site, items: Any) -> Sequence:
    if not isinstance(items, tuple):
        raise KernelError(f"reversed() of {kind_of(items)} cannot be used in a kernel", site)
    return Sequence(items[::-1])


def _tuple(t: Lanes, site: Site, items: Any = ()) -> tuple[Any, ...]:
    source = iterable(items)
    count = source.length()
    if isinstance(count, np.ndarray):
        raise NeedsThreads(f"`{site.text}` has a different length in different threads", site)
    t.launch.spend(count)
    return tuple(source.item(t, step, site) for step in builtins.range(count))


def _sum(t: Lanes, site: Site, items: Any, start: Any = _ZERO) -> Any:
    """`sum(items, start)`, from the left."""
    return reduce(add, _tuple(t, site, items), start)


def unrolled(t: Lanes, site: Site, items: Any) -> Any:
    """`literal_unroll(items)`: a loop over them is one over a tuple, whatever their types."""
    return Sequence(items) if isinstance(items, tuple) else items


def _breakpoint(t: Lanes, site: Site) -> None:
    t.paths.debug(t, site, sys._getframe(1))


def is_(a: Any, b: Any) -> Any:
    """`a is b` of constants such as None; numbers are the same object when they are equal and of one type."""
    if is_number(a) and is_number(b) and a.dtype == b.dtype and same_enumeration(a, b):
        return eq(a, b)
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b) and same_enumeration(a, b):
        return reduce(and_, map(is_, a, b), np.bool_(True))
    return np.bool_(a is b)


def is_not(a: Any, b: Any) -> Any:
    """`a is not b`"""
    return not_(is_(a, b))


def contains_not(item: Any, items: Any) -> Any:
    """`item not in (a, b, c)`"""
    return not_(contains(item, items))


def call_value(t: Lanes, site: Site, callee: Any, *arguments: Any, **keywords: Any) -> Any:
    """A call of a function that a variable holds."""
    if is_dispatcher(callee):
        return t.schedule.invoke(t, t.launch.programs.device(callee), site, *arguments, **keywords)
    if isinstance(callee, FunctionType) and callee.__code__.co_varnames[:1] == ("__t",):  # nested in the kernel
        return t.schedule.invoke(t, callee, site, *arguments, **keywords)
    function = t.launch.programs.surface.function(callee)
    if function is not None:
        return function(t, site, *arguments, **keywords)
    raise KernelError(f"`{site.text}` cannot be called in a kernel", site)


def call_method(t: Lanes, site: Site, receiver: Any, name: str, *arguments: Any, **keywords: Any) -> Any:
    """`receiver.name(*arguments)`: methods of arrays and numbers, and those that the program gives to arrays."""
    method = method_of(receiver, name)
    if method is None:
        method = groups.METHODS.get((type(receiver), name))
    if method is None and isinstance(receiver, View) and overloads.methods(receiver, name):
        return overloads.call_method(t, site, name, receiver, *arguments, **keywords)
    if method is None:
        raise KernelError(f"{kind_of(receiver)} has no method '{name}' inside a kernel", site)
    return method(t, site, receiver, *arguments, **keywords)


BUILTINS: dict[Any, Callable[..., Any]] = {
    range: _range,
    enumerate: _enumerate,
    zip: _zip,
    reversed: _reversed,
    tuple: _tuple,
    sum: _sum,
    print: printing.write,
    breakpoint: _breakpoint,
    isinstance: instances.is_instance,
    numba.literal_unroll: unrolled,
    numba.prange: _range,
    **sequences.BUILTINS,
    **reductions.FUNCTIONS,
}
