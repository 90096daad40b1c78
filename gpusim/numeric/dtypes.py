"""Scalar types: NumPy's dtypes for Numba's types and Python's and NumPy's classes, and Numba's rules over them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import ml_dtypes
import numpy as np

from gpusim.errors import KernelError
from gpusim.kernel.dialects import MLIR
from gpusim.numeric import _table

# A uniform value (one NumPy scalar for all lanes) or one element per lane. The dtype is whatever the kernel uses, so
# there is nothing for a static type checker to know about it.
Value = Any

# What NumPy lacks; names of bits as in "FP8 Formats for Deep Learning" (P. Micikevicius et al., 2022).
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOAT8_E4M3 = np.dtype(ml_dtypes.float8_e4m3fn)
FLOAT8_E5M2 = np.dtype(ml_dtypes.float8_e5m2)
FLOAT8_E8M0 = np.dtype(ml_dtypes.float8_e8m0fnu)
FLOAT8 = (FLOAT8_E4M3, FLOAT8_E5M2, FLOAT8_E8M0)
NARROW = frozenset({BFLOAT16, *FLOAT8})

_SCALARS = (
    np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64,
    np.float16, np.float32, np.float64, np.complex64, np.complex128, ml_dtypes.bfloat16,
)  # fmt: skip
_BY_LETTER: dict[str, np.dtype] = dict(zip(_table.LETTERS, map(np.dtype, _SCALARS), strict=True))
_COLUMN: dict[np.dtype, int] = {dtype: column for column, dtype in enumerate(_BY_LETTER.values())}
_CANONICAL: dict[np.dtype, np.dtype] = {dtype: dtype for dtype in _COLUMN}
_BY_NAME: dict[str, np.dtype] = {dtype.name: dtype for dtype in _COLUMN} | {
    "boolean": np.dtype(np.bool_),
    "__nv_bfloat16": BFLOAT16,
    "fp8_e4m3": FLOAT8_E4M3,
    "fp8_e5m2": FLOAT8_E5M2,
    "fp8_e8m0": FLOAT8_E8M0,
}
_PYTHON = (bool, int, float, complex)

# How a kernel's source writes what the table calls by a name of the operator module.
_SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "lshift": "<<",
    "rshift": ">>", "and_": "&", "or_": "|", "xor": "^", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">",
    "ge": ">=", "neg": "-", "pos": "+", "invert": "~", "not_": "not",
}  # fmt: skip

# The types that the arguments are cast to, and those of the results.
Rule = tuple[tuple[np.dtype, ...], tuple[np.dtype, ...]]


class TypingError(KernelError, TypeError):
    """Numba has no such operation for these types, so a kernel with it does not compile."""


def canonical(dtype: np.dtype) -> np.dtype:
    """The one object for all dtypes equal to this one: C's long and long long may be the same integers to NumPy."""
    return _CANONICAL.get(dtype, dtype)


def kind(dtype: np.dtype) -> str:
    """NumPy's letter for the kind of a dtype, and "f" for the narrow floats, which are mere bytes ("V") to NumPy."""
    return "f" if dtype in NARROW else dtype.kind


def as_dtype(spec: Any) -> np.dtype:
    """The dtype meant by a Numba type, a NumPy class or dtype or its name, or Python's int, float, bool or complex.

    Raises TypingError for anything else.
    """
    if isinstance(spec, np.dtype):
        return canonical(spec)
    spec = getattr(spec, "_nbtype", spec)  # a class that stands for a type in kernels, such as fp8_e4m3
    if type(spec).__module__.startswith(("numba.", "numba_cuda_mlir.")):
        return _BY_NAME.get(str(spec)) or _numba_dtype(spec)
    scalar_class = isinstance(spec, type) and (issubclass(spec, np.generic) or spec in _PYTHON)
    if scalar_class or isinstance(spec, str):
        try:
            return canonical(np.dtype(spec))
        except TypeError:
            pass
    raise TypingError(f"{spec!r} is not a type of numbers; use one such as numba.float32 or np.float32")


def _numba_dtype(spec: Any) -> np.dtype:
    """The dtype of a Numba type that is no plain number: records, dates, nested arrays."""
    host = MLIR.host if type(spec).__module__.startswith(MLIR.host) else "numba"
    try:
        dtype: np.dtype = import_module(f"{host}.np.numpy_support").as_dtype(spec)
        return dtype
    except import_module(f"{host}.core.errors").NumbaError:
        raise TypingError(f"{spec} is not a type of numbers; use one such as numba.float32") from None


@cache
def _rows(table: str, name: str) -> list[list[str]]:
    """The cells of a function in one of the generated tables."""
    for names, text in getattr(_table, table).items():
        if name in names.split():
            return [row.split() for row in text.strip().split("\n")]
    raise KeyError(name)


def _column(name: str, dtype: np.dtype) -> int:
    try:
        return _COLUMN[dtype]
    except KeyError:
        raise TypingError(f"Numba has no {_SYMBOLS.get(name, name)} of {dtype.name}") from None


def unary_rule(name: str, a: np.dtype) -> Rule:
    """What Numba casts the argument of `name` to, and the types of the results. Raises TypingError if it has none."""
    cell = _rows("UNARY", name)[0][_column(name, a)]
    if cell == "-":
        raise TypingError(f"Numba has no {_SYMBOLS.get(name, name)} of {a.name}")
    dtypes = tuple(_BY_LETTER[letter] for letter in cell)
    return dtypes[:1], dtypes[1:]


def binary_rule(name: str, a: np.dtype, b: np.dtype) -> Rule:
    """What Numba casts the arguments of `name` to, and the types of the results. Raises TypingError if it has none."""
    cell = _rows("BINARY", name)[_column(name, a)][_column(name, b)]
    if cell == "-":
        raise TypingError(f"Numba has no {_SYMBOLS.get(name, name)} of {a.name} and {b.name}")
    dtypes = tuple(_BY_LETTER[letter] for letter in cell)
    return dtypes[:2], dtypes[2:]


@cache
def loops(ufunc: str) -> list[tuple[np.dtype, ...]]:
    """The types of inputs and outputs of a ufunc's loops, in Numba's order. Raises KeyError for an unknown ufunc."""
    return [tuple(_BY_LETTER[letter] for letter in loop) for row in _rows("UFUNCS", ufunc) for loop in row]


def unify(a: np.dtype, b: np.dtype) -> np.dtype:
    """The type of a variable that is assigned values of both types. Raises TypingError if there is none."""
    if a == b:
        return a
    cell = _rows("BINARY", "unify")[_column("variable", a)][_column("variable", b)]
    if cell == "-":
        raise TypingError(f"Numba has no one type for a variable that is {a.name} here and {b.name} there")
    return _BY_LETTER[cell]
