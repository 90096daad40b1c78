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

from gpusim.device.memory import heap
from gpusim.device.python import isinstance as instances
from gpusim.device.python import overloads, printing, reductions, sequences
from gpusim.device.python.sequences import contains
from gpusim.device.warp import groups
from gpusim.errors import KernelError, NeedsThreads
from gpusim.kernel.source import is_dispatcher
from gpusim.memory.view import View, c_strides
from gpusim.numeric import as_dtype, cast
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
    if isinstance(receiver, np.dtype) and name == "type" and len(arguments) == 1:  # a.dtype.type(value)
        return cast(arguments[0], receiver)
    method = _METHODS.get(name) if isinstance(receiver, View) or is_number(receiver) else None
    if method is None:
        method = groups.METHODS.get((type(receiver), name))
    if method is None and isinstance(receiver, View) and overloads.methods(receiver, name):
        return overloads.call_method(t, site, name, receiver, *arguments, **keywords)
    if method is None:
        raise KernelError(f"{kind_of(receiver)} has no method '{name}' inside a kernel", site)
    return method(t, site, receiver, *arguments, **keywords)


def _reshape(t: Lanes, site: Site, view: View, *shape: Any) -> View:
    parts = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
    extents = [int(part) for part in parts]
    size = int(view.size)
    if -1 in extents:
        known = -int(np.prod(extents))
        extents[extents.index(-1)] = size // known if known else 0
    if int(np.prod(extents)) != size or (size and view.strides != c_strides(view.shape, view.dtype.itemsize)):  # type: ignore[arg-type]
        raise KernelError(f"`{site.text}` cannot reshape {view.shape}", site)
    return view.derive(tuple(extents), c_strides(tuple(extents), view.dtype.itemsize), view.offset)


def _view(t: Lanes, site: Site, view: View, dtype: Any) -> View:
    element = as_dtype(dtype)
    old = view.dtype.itemsize
    if not view.shape or view.strides[-1] != old:
        raise KernelError(f"`{site.text}` needs a contiguous array", site)
    last = view.shape[-1] * old // element.itemsize
    return view.derive((*view.shape[:-1], last), (*view.strides[:-1], element.itemsize), view.offset, element)


def _flat(t: Lanes, site: Site, view: View) -> View:
    return _reshape(t, site, view, np.int64(view.size))


def _transpose(t: Lanes, site: Site, view: View) -> View:
    return view.derive(view.shape[::-1], view.strides[::-1], view.offset)


def _astype(t: Lanes, site: Site, value: Any, dtype: Any) -> Any:
    return cast(value, as_dtype(dtype))


def _conjugate(t: Lanes, site: Site, value: Any) -> Any:
    return np.conjugate(value)


def _bit_count(t: Lanes, site: Site, value: Any) -> Any:
    """`n.bit_count()` of an unsigned integer, as popc counts it."""
    return np.bitwise_count(value).astype(np.int64)


def _item(t: Lanes, site: Site, value: Any) -> Any:
    return value


_METHODS: dict[str, Callable[..., Any]] = {
    "reshape": _reshape,
    "view": _view,
    "ravel": _flat,
    "flatten": _flat,
    "transpose": _transpose,
    "astype": _astype,
    "conjugate": _conjugate,
    "item": _item,
    "bit_count": _bit_count,
    "copy": heap.copy,
    **reductions.METHODS,
}

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
