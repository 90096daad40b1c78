"""NumPy's ufuncs on values, with the loop that Numba chooses for the operands' types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.numeric import arithmetic
from gpusim.numeric.casts import cast
from gpusim.numeric.dispatch import variadic
from gpusim.numeric.dtypes import NARROW, TypingError, Value, loops


def find_loop(ufunc: np.ufunc, inputs: tuple[np.dtype, ...]) -> tuple[np.dtype, ...] | None:
    """The types of the first loop of `ufunc` that takes these inputs by Numba's rules, outputs included.

    Numba lets any integer become any float if the inputs mix integers and floats.
    """
    kinds = {dtype.kind for dtype in inputs}
    mixed = bool(kinds & set("iu")) and bool(kinds & set("fc"))

    def fits(source: np.dtype, target: np.dtype) -> bool:
        return (mixed and source.kind in "iu" and target.kind in "fc") or np.can_cast(source, target, "safe")

    try:
        candidates = loops(ufunc.__name__) if NARROW.isdisjoint(inputs) else []
    except KeyError:
        return None
    return next((loop for loop in candidates if all(map(fits, inputs, loop))), None)


def _floor_quotient(x: Value, y: Value) -> Value:
    """np.floor_divide as Numba compiles it: the rounded quotient's floor, where NumPy takes the exact quotient's."""
    return np.floor(x / y)


def _real_remainder(x: Value, y: Value) -> Value:
    """np.remainder as Numba compiles it: a remainder of zero is positive."""
    return np.remainder(x, y) + x.dtype.type(0)


_DIFFERENT: dict[tuple[np.ufunc, str], Callable[..., Any]] = {
    (np.floor_divide, "i"): arithmetic.floordiv,
    (np.floor_divide, "f"): _floor_quotient,
    (np.remainder, "f"): _real_remainder,
    (np.divmod, "i"): lambda x, y: (arithmetic.floordiv(x, y), np.remainder(x, y)),
    (np.divmod, "f"): lambda x, y: (_floor_quotient(x, y), _real_remainder(x, y)),
    (np.power, "i"): arithmetic.integer_exponent,
    (np.power, "u"): arithmetic.integer_exponent,
    (np.power, "c"): arithmetic.complex_power,
    (np.float_power, "c"): arithmetic.complex_power,
    **{(ufunc, kind): arithmetic.shift(ufunc) for ufunc in (np.left_shift, np.right_shift) for kind in "iu"},
    (np.ldexp, "f"): lambda x, exponent: np.ldexp(x, exponent.astype(np.int32)),
}


def ufunc_implementation(ufunc: np.ufunc) -> Callable[..., Any]:
    """`ufunc` as a kernel computes it on values: f(*inputs) -> value, or a tuple if it has several outputs.

    The function raises TypingError if Numba has no loop for its inputs.
    """

    def make(*inputs: np.dtype) -> Callable[..., Any]:
        if any(dtype.kind in "mM" for dtype in inputs):
            # Dates and durations mean the same to Numba as to NumPy.
            return ufunc
        loop = find_loop(ufunc, inputs) if len(inputs) == ufunc.nin else None
        if loop is None:
            names = " and ".join(dtype.name for dtype in inputs)
            raise TypingError(f"Numba has no np.{ufunc.__name__} of {names}")
        compute = _DIFFERENT.get((ufunc, loop[0].kind), ufunc)
        return lambda *values: compute(*map(cast, values, loop))

    return variadic(make)
