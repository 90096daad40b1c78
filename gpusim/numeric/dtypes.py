"""Scalar types: NumPy's dtypes for Numba's types, Python's and NumPy's classes, and the typing rules over them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.numeric import _table

# A uniform value (one NumPy scalar for all lanes) or one element per lane. NumPy's own stubs cannot say "of any
# dtype that the kernel happens to use", so values are Any for the type checker.
Value = Any

_BY_LETTER: dict[str, np.dtype] = {
    letter: np.dtype(scalar)
    for letter, scalar in zip(
        _table.LETTERS,
        (np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)
        + (np.float16, np.float32, np.float64, np.complex64, np.complex128),
        strict=True,
    )
}
_COLUMN: dict[np.dtype, int] = {dtype: column for column, dtype in enumerate(_BY_LETTER.values())}

Rule = tuple[tuple[np.dtype, ...], tuple[np.dtype, ...]]


class TypingError(KernelError, TypeError):
    """Numba has no such operation for these types, so a kernel with it does not compile."""


def as_dtype(spec: Any) -> np.dtype:
    """The dtype meant by a Numba type, a NumPy class or dtype, or Python's `int`, `float`, `bool` or `complex`.

    Raises TypingError for anything else.
    """
    if isinstance(spec, np.dtype):
        return spec
    if isinstance(spec, type):
        if issubclass(spec, np.generic) or spec in (bool, int, float, complex):
            return np.dtype(spec)
    elif type(spec).__module__.startswith("numba."):
        name = "bool" if str(spec) in ("bool", "boolean") else str(spec)
        try:
            return np.dtype(name)
        except TypeError:
            from numba.np.numpy_support import as_dtype as numba_as_dtype

            return numba_as_dtype(spec)
    elif isinstance(spec, str):
        try:
            return np.dtype(spec)
        except TypeError:
            pass
    raise TypingError(f"{spec!r} is not a type of numbers; use one such as numba.float32 or np.float32")


@cache
def _rows(name: str, table: str) -> list[list[str]]:
    for names, text in getattr(_table, table).items():
        if name in names.split():
            return [row.split() for row in text.strip().split("\n")]
    raise KeyError(name)


def _decode(cell: str, arguments: int) -> Rule:
    dtypes = tuple(_BY_LETTER[letter] for letter in cell)
    return dtypes[:arguments], dtypes[arguments:]


def unary_rule(name: str, a: np.dtype) -> Rule:
    """What Numba casts the argument of `name` to, and the results' types. Raises TypingError if it has none."""
    cell = _rows(name, "UNARY")[0][_column(name, a)]
    if cell == "-":
        raise TypingError(f"Numba has no {name} of {a.name}")
    return _decode(cell, 1)


def binary_rule(name: str, a: np.dtype, b: np.dtype) -> Rule:
    """What Numba casts the two arguments of `name` to, and the results' types. Raises TypingError if it has none."""
    cell = _rows(name, "BINARY")[_column(name, a)][_column(name, b)]
    if cell == "-":
        raise TypingError(f"Numba has no {name} of {a.name} and {b.name}")
    return _decode(cell, 2)


def _column(name: str, dtype: np.dtype) -> int:
    try:
        return _COLUMN[dtype]
    except KeyError:
        raise TypingError(f"Numba has no {name} of {dtype.name}") from None


def unify(a: np.dtype, b: np.dtype) -> np.dtype:
    """The type of a variable that is assigned values of both types. Raises TypingError if there is none."""
    if a == b:
        return a
    cell = _rows("unify", "BINARY")[_column("variable", a)][_column("variable", b)]
    if cell == "-":
        raise TypingError(f"Numba cannot give one type to a variable that is {a.name} here and {b.name} there")
    return _BY_LETTER[cell]
