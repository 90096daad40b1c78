"""Python's operators on values, with Numba's types and results.

Each operator looks up (type of a, type of b) in its own dictionary and calls what it finds there. An entry is made at
the first use of a pair: the plain operator where NumPy computes what Numba does, else a function with the casts of
`dtypes.binary_rule` and the arithmetic of `arithmetic`.

Where compiled code is undefined, the result is a GPU's: shifting by the width or more gives 0 (or the sign), by the
lower 32 bits of the amount, and the integers // and % by zero give 0, as they do in a kernel.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gpusim.numeric import arithmetic, compound, dispatch, pairs
from gpusim.numeric.casts import converter, truth
from gpusim.numeric.dtypes import Value, binary_rule, unary_rule

Binary = Callable[[Value, Value], Value]
Unary = Callable[[Value], Value]

_UFUNC: dict[str, np.ufunc] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide,
    "floordiv": np.floor_divide, "mod": np.remainder, "lshift": np.left_shift, "rshift": np.right_shift,
    "and_": np.bitwise_and, "or_": np.bitwise_or, "xor": np.bitwise_xor,
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip
_INPLACE = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and_", "or_", "xor"]


def _inplace(name: str) -> Any:
    return getattr(operator, "i" + name.rstrip("_"))


def _operands(name: str, a: np.dtype, b: np.dtype) -> tuple[np.dtype, np.dtype, np.dtype]:
    """The types to compute in, and the result's. Numba casts integer operands once more, to the result's type."""
    (cast_a, cast_b), (result,) = binary_rule(name, a, b)
    if name == "pow":
        return result, cast_b, result
    if result.kind in "iu" or (name == "truediv" and cast_a.kind in "iu"):
        return result, result, result
    return cast_a, cast_b, result


def _special(name: str, a: np.dtype, b: np.dtype) -> Binary | None:
    """The arithmetic for operands of these types if it is not what Python's operator does with NumPy's values."""
    if name == "pow":
        return arithmetic.power(a, b)
    if name == "floordiv" and a.kind == "i":
        return arithmetic.floordiv
    if name == "truediv" and a.kind == "c":
        return arithmetic.complex_quotient
    return None


def _numpy_operands(name: str, a: np.dtype, b: np.dtype) -> tuple[np.dtype, ...] | None:
    """The types that NumPy computes in, and the result's; None if it refuses."""
    try:
        return _UFUNC[name].resolve_dtypes((a, b, None))
    except TypeError:
        return None


def _implement(name: str, from_a: np.dtype, from_b: np.dtype) -> Binary:
    compute = _computing(name, from_a, from_b)
    if name in ("lshift", "rshift") and from_b.itemsize == 8:
        return arithmetic.shift(compute)
    return compute


def _computing(name: str, from_a: np.dtype, from_b: np.dtype) -> Binary:
    if from_a.kind in "mM" or from_b.kind in "mM":
        # Dates and durations mean the same to Numba as to NumPy.
        return getattr(operator, name)
    types = a, b, _ = _operands(name, from_a, from_b)
    special = _special(name, a, b)
    to_a, to_b = converter(from_a, a), converter(from_b, b)
    if special is not None:
        return special if (from_a, from_b) == (a, b) else lambda x, y: special(to_a(x), to_b(y))
    plain: Binary = getattr(operator, name)
    if _numpy_operands(name, from_a, from_b) == types:
        return plain
    ufunc = _UFUNC[name]

    def compute(x: Value, y: Value) -> Value:
        if type(x) is np.ndarray or type(y) is np.ndarray:
            # The ufunc casts piece by piece, which costs less memory traffic than arrays of cast operands.
            return ufunc(x, y, signature=types, casting="unsafe")
        return plain(to_a(x), to_b(y))

    return compute


_MODULE: dict[str, Any] = globals()


def _binary(name: str) -> Binary:
    function = dispatch.binary(partial(_implement, name), partial(compound.apply, name, _MODULE))
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`operator.{name}(a, b)` as Numba compiles it. Raises TypingError if Numba does not."
    return function


add = _binary("add")
sub = _binary("sub")
mul = _binary("mul")
truediv = _binary("truediv")
floordiv = _binary("floordiv")
mod = _binary("mod")
pow = _binary("pow")
lshift = _binary("lshift")
rshift = _binary("rshift")
and_ = _binary("and_")
or_ = _binary("or_")
xor = _binary("xor")
eq = _binary("eq")
ne = _binary("ne")
lt = _binary("lt")
le = _binary("le")
gt = _binary("gt")
ge = _binary("ge")


def _implement_unary(name: str, source: np.dtype) -> Unary:
    """Integers are negated and inverted in their own width, then widened; bool is negated as an integer."""
    compute: Unary = getattr(operator, name)
    if source.kind == "m":
        return compute
    _, (result,) = unary_rule(name, source)
    widen = converter(source, result)
    if source == result:
        return compute
    return (lambda a: compute(widen(a))) if source.kind == "b" else (lambda a: widen(compute(a)))


def _unary(name: str) -> Unary:
    function = dispatch.unary(partial(_implement_unary, name), partial(pairs.apply, name, _MODULE))
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`operator.{name}(a)` as Numba compiles it. Raises TypingError if Numba does not."
    return function


neg = _unary("neg")
pos = _unary("pos")
invert = _unary("invert")


def not_(a: Value) -> Value:
    """`not a`: np.bool_ or a vector of bool."""
    return ~truth(a)


# From the functions of Python's operator module, in-place ones too, to their implementations.
BINARY: dict[Any, Binary] = {getattr(operator, name): _MODULE[name] for name in (*_UFUNC, "pow")} | {
    _inplace(name): _MODULE[name] for name in _INPLACE
}
UNARY: dict[Any, Unary] = {
    operator.neg: neg, operator.pos: pos, operator.invert: invert, operator.not_: not_,
}  # fmt: skip

# From the names of Python's syntax nodes (module ast).
AST_BINARY: dict[str, Binary] = {
    "Add": add, "Sub": sub, "Mult": mul, "Div": truediv, "FloorDiv": floordiv, "Mod": mod, "Pow": pow,
    "LShift": lshift, "RShift": rshift, "BitAnd": and_, "BitOr": or_, "BitXor": xor,
    "Eq": eq, "NotEq": ne, "Lt": lt, "LtE": le, "Gt": gt, "GtE": ge,
}  # fmt: skip
AST_UNARY: dict[str, Unary] = {"USub": neg, "UAdd": pos, "Invert": invert, "Not": not_}
