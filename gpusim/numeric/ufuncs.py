"""NumPy's ufuncs on values, with the loop that Numba chooses for the operand types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.numeric import arithmetic
from gpusim.numeric.casts import cast
from gpusim.numeric.dtypes import TypingError, Value


def find_loop(ufunc: np.ufunc, inputs: tuple[np.dtype, ...]) -> tuple[np.dtype, ...] | None:
    """The types of the first loop of `ufunc` that takes these inputs by Numba's rules, outputs included.

    Numba skips half-precision loops, and lets any integer become any float if the inputs mix integers and floats.
    """
    kinds = {dtype.kind for dtype in inputs}
    mixed = bool(kinds & set("iu")) and bool(kinds & set("fc"))
    for candidate in ufunc.types:
        letters = candidate.replace("->", "")
        if "e" in letters[: ufunc.nin] or "O" in letters:
            continue
        loop = tuple(np.dtype(letter) for letter in letters)
        if all(_can_cast(a, b, mixed) for a, b in zip(inputs, loop, strict=False)):
            return loop
    return None


def _can_cast(source: np.dtype, target: np.dtype, mixed: bool) -> bool:
    if source.kind in "mM" or target.kind in "mM":
        return source.char == target.char
    if mixed and source.kind in "iu" and target.kind in "fc":
        return True
    return np.can_cast(source, target, "safe")


def ufunc_implementation(ufunc: np.ufunc) -> Callable[..., Any]:
    """`ufunc` as a kernel computes it on values: f(*inputs) -> value, or a tuple if it has several outputs.

    Raises TypingError if Numba finds no loop for the inputs.
    """
    loops: dict[tuple[np.dtype, ...], tuple[np.dtype, ...]] = {}

    def apply(*values: Value) -> Any:
        inputs = tuple(value.dtype for value in values)
        loop = loops.get(inputs)
        if loop is None:
            found = find_loop(ufunc, inputs)
            if found is None:
                names = " and ".join(dtype.name for dtype in inputs)
                raise TypingError(f"Numba has no np.{ufunc.__name__} of {names}")
            loop = loops[inputs] = found
        arguments = [cast(value, dtype) for value, dtype in zip(values, loop, strict=False)]
        if ufunc is np.power and loop[0].kind in "iu":
            return arithmetic.integer_exponent(*arguments)
        return ufunc(*arguments)

    return apply
