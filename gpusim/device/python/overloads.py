"""Functions whose meaning Numba has as Python code: those that a program teaches it with
`numba.cuda.extending.overload`, and many that it knows itself (`sum`, `np.searchsorted`).

Numba asks an overload for an implementation, given the types of the arguments; the simulator asks in
the same way and runs the implementation as a device function.
"""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from importlib import import_module
from types import FunctionType
from typing import Any

import numpy as np
from numba.core.errors import NumbaError

from gpusim.errors import KernelError, Unexplained
from gpusim.kernel.dialects import IN_NUMBA, MLIR, NUMBA
from gpusim.kernel.target import errors
from gpusim.kernel.translation import translated
from gpusim.memory.view import View, c_strides
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.semantics.iteration import Range
from gpusim.simt.values import is_number, kind_of


def overloads(function: Any) -> list[Any]:
    """What was registered for a function: functions from types of arguments to an implementation or None."""
    cuda_registry, numba_registry = _registries()
    found = _templates((*cuda_registry.globals, *numba_registry.globals), function)
    return [part._overload_func for part in found] + _overloads_of_mlir(function)


@cache
def _registries() -> tuple[Any, Any]:
    """The registries of `numba.cuda` and of Numba, filled with all that Numba has, as when it first compiles."""
    from numba.core.typing.templates import builtin_registry as numba_registry

    if NUMBA is IN_NUMBA:
        import_module("numba.np.arraymath")  # which Numba imports once something is compiled for the host: or never
    try:
        from numba.cuda.descriptor import cuda_target
    except ImportError:  # Numba's own simulator stands in its place (NUMBA_ENABLE_CUDASIM), which has no compiler
        pass
    else:
        cuda_target.target_context.refresh()
    return NUMBA.module("typing.templates").builtin_registry, numba_registry


def _templates(registered: Iterable[tuple[Any, Any]], function: Any) -> list[Any]:
    known = [template for target, template in registered if target is function]
    templates = [part for template in known for part in getattr(template, "templates", ())]
    found = [part for part in templates if hasattr(part, "_overload_func")]
    # Those for CUDA before those for every target.
    return sorted(found, key=lambda part: getattr(part, "metadata", {}).get("target") != "cuda")


def _overloads_of_mlir(function: Any) -> list[Any]:
    """Those that a program has registered with numba-cuda-mlir."""
    if not MLIR.loaded:
        return []
    registered = MLIR.module("typing.templates").builtin_registry.globals
    return [_asked_by_mlir(part._overload_func) for part in _templates(registered, function)]


@cache
def _asked_by_mlir(choose: Callable[..., Any]) -> Callable[..., Any]:
    """`choose`, which expects types of numba-cuda-mlir, for types of numba-cuda."""

    def ask(*types: Any, **named: Any) -> Any:
        theirs = {name: translated(ty, MLIR) for name, ty in named.items()}
        return choose(*(translated(ty, MLIR) for ty in types), **theirs)

    return ask


def methods(receiver: Any, name: str) -> list[Any]:
    """What was registered with `overload_method` for a method of this value."""
    kind = NUMBA.module("typing.templates")._OverloadMethodTemplate
    found = [part for part in _registries()[0].attributes if issubclass(part, kind)]
    named = [part for part in found if part._attr == name]
    return [part._overload_func for part in named if isinstance(numba_type(receiver), part.key)]


def call(t: Lanes, site: Site, function: Any, *arguments: Any, **keywords: Any) -> Any:
    """Call the implementation that an overload of `function` gives for these arguments."""
    return _call(t, site, function.__name__, tuple(overloads(function)), arguments, keywords)


def call_method(t: Lanes, site: Site, name: str, receiver: Any, *arguments: Any, **keywords: Any) -> Any:
    """Call the method that `overload_method` has given to the type of `receiver`."""
    return _call(t, site, name, tuple(methods(receiver, name)), (receiver, *arguments), keywords)


def _call(
    t: Lanes, site: Site, name: str, choices: tuple[Any, ...], arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    types = tuple(numba_type(value) for value in arguments)
    named = tuple((name, numba_type(value)) for name, value in keywords.items())
    why = ""
    try:
        implementation = _chosen(choices, types, named)
    except (NumbaError, errors.NumbaError) as error:  # which is how an overload refuses
        implementation, why = None, f": {error}"
    if implementation is None:
        given = ", ".join(map(str, types))
        kind = Unexplained if hasattr(builtins, name) else KernelError  # which of them Numba has loaded, varies
        raise kind(f"no overload of `{name}` takes ({given}){why}", site)
    return t.schedule.invoke(t, t.launch.programs.device(implementation), site, *arguments, **keywords)


def calling(function: Any) -> Callable[..., Any]:
    """`call` of one function, as an intrinsic."""

    def run(t: Lanes, site: Site, *arguments: Any, **keywords: Any) -> Any:
        return call(t, site, function, *arguments, **keywords)

    return run


@lru_cache(maxsize=1024)  # an overload makes a new function each time, which would be lowered each time
def _chosen(
    choices: tuple[Any, ...], types: tuple[Any, ...], named: tuple[tuple[str, Any], ...]
) -> FunctionType | None:
    """The implementation for these types of arguments."""
    for choose in choices:
        try:
            inspect.signature(choose).bind(*types, **dict(named))
        except TypeError:  # another number of arguments, or other names
            continue
        implementation = choose(*types, **dict(named))
        if isinstance(implementation, FunctionType):
            return implementation
    return None


def _rint(t: Lanes, site: Site, value: Any) -> Any:
    return np.rint(value)


INTRINSICS: dict[str, Callable[..., Any]] = {"_np_round_float": _rint}
"""What Numba's own implementations call and generate code for, by name."""


def numba_type(value: Any) -> Any:
    """The Numba type of a value of a kernel."""
    from gpusim.kernel.target import numpy_support, typeof, types  # it imports Numba's compiler

    from_dtype = numpy_support.from_dtype
    if is_number(value):
        return from_dtype(value.dtype)
    if isinstance(value, View):
        if value.dtype.fields is not None and not value.shape:
            return from_dtype(value.dtype)
        layout = "C" if value.strides == c_strides(value.shape, value.dtype.itemsize) else "A"  # type: ignore[arg-type]
        return types.Array(from_dtype(value.dtype), value.ndim, layout)
    if isinstance(value, tuple):
        return types.BaseTuple.from_types([numba_type(part) for part in value])
    if value is None:
        return types.none
    if isinstance(value, Range):
        kinds = {"int32": types.range_state32_type, "uint64": types.unsigned_range_state64_type}
        return kinds.get(value.dtype.name, types.range_state64_type)
    if isinstance(value, FunctionType):
        return types.pyobject
    try:
        return typeof(np.dtype(value) if isinstance(value, np.dtype) else value)
    except ValueError:
        raise KernelError(f"{kind_of(value)} has no Numba type") from None
