"""Joins: places where paths of a program meet, and the types that variables have from there on.

Numba gives a variable that comes from several paths one type, whichever path a thread takes: with a float32 from one
branch and a float64 from the other it is float64 (in SSA form, the type of a phi node). Which paths the threads of a
launch take does not matter to it, so it cannot be found out by running them. `gpusim.infer.rehearsal` goes through all
paths once and notes the joins where a path brings another type than the variable gets; the launch casts there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.memory.view import View
from gpusim.numeric import TypingError, cast
from gpusim.numeric import unify as unify_dtypes
from gpusim.places import Site
from gpusim.simt.values import UNDEFINED, is_number, kind_of

Type = Any
"""A dtype, a tuple of types, `ArrayType`, or the class of a value that compiled code treats as a constant."""


@dataclass(frozen=True, eq=False)
class Join:
    """A place where paths meet: the end of a branch, a loop's next iteration or end, a function's return."""

    names: tuple[str, ...]
    site: Site


@dataclass(frozen=True)
class ArrayType:
    """Elements and number of dimensions of an array."""

    dtype: np.dtype
    ndim: int


Table = dict[Join, tuple[Type, ...]]
"""For each join where some path brings another type than the variable gets: the types from there on."""


@dataclass(frozen=True)
class Types:
    """What a rehearsal has learned about one program and one combination of argument types.

    `main` is the kernel's table, `functions` has one for every device function and the types it is called with
    (those without a cast are left out). `diverges` says that threads may differ in something that lanes in
    lockstep have in common: which array a variable is, or the length of a slice that is assigned. `static_shared` is in
    bytes a block.
    """

    main: Table = field(default_factory=dict)
    functions: dict[Any, dict[tuple[Type, ...], Table]] = field(default_factory=dict)
    diverges: bool = False
    static_shared: int = 0

    def table(self, function: Any, arguments: tuple[Any, ...]) -> Table:
        """The table of a device function for these arguments."""
        tables = self.functions.get(function)
        return _NO_CASTS if tables is None else tables.get(tuple(map(type_of, arguments)), _NO_CASTS)


_NO_CASTS: Table = {}


def type_of(value: Any) -> Type:
    """The type of a value of a kernel."""
    if is_number(value):
        return value.dtype
    if isinstance(value, tuple):
        return tuple(map(type_of, value))
    if isinstance(value, View):
        return ArrayType(value.dtype, value.ndim)
    return value if callable(value) else type(value)


def unify(a: Type, b: Type) -> Type:
    """The type of a variable that has type `a` on one path and `b` on another. Raises TypingError if there is none."""
    nothing = (type(UNDEFINED), type(None))
    if a == b or b in nothing:
        return a
    if a in nothing:
        return b
    if isinstance(a, np.dtype) and isinstance(b, np.dtype):
        return unify_dtypes(a, b)
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(map(unify, a, b))
    raise TypingError("there is no one type for both")


def coerce(value: Any, to: Type) -> Any:
    """A number, or the numbers of a tuple, as the type of their variable."""
    if isinstance(to, np.dtype):
        return cast(value, to) if is_number(value) else value
    if isinstance(to, tuple) and isinstance(value, tuple):
        parts = tuple(map(coerce, value, to))
        return type(value)(*parts) if hasattr(value, "_fields") else parts
    return value


def coerced(values: tuple[Any, ...], types: tuple[Type, ...] | None) -> tuple[Any, ...]:
    """The values of a join's variables as their types."""
    return values if types is None else tuple(map(coerce, values, types))


def conflict(join: Join, name: str, a: Any, b: Any) -> KernelError:
    """The error for a variable that cannot be both."""
    what = f"variable '{name}'" if name else "a value"
    return KernelError(
        f"{what} is {kind_of(a)} on one path and {kind_of(b)} on another, "
        "which compiled code cannot do; use two variables",
        join.site,
    )
