"""Python's operators on values, with Numba's types and results.

Each operator looks up (type of a, type of b) in its own dictionary and calls what it finds there. An entry is made at
the first use of a pair: the plain operator where NumPy computes what Numba does, else a function with the casts of
`dtypes.binary_rule` and the arithmetic of `arithmetic`.

Where compiled code is undefined, the result is a GPU's: shifting by the width or more gives 0 (or the sign), the
integers // and % by zero give 0, as they do in a kernel.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.numeric import arithmetic
from gpusim.numeric.casts import cast, truth
from gpusim.numeric.dtypes import Value, binary_rule, unary_rule

Binary = Callable[[Value, Value], Value]
Unary = Callable[[Value], Value]

# How an operator computes once its operands have their types; these agree with Numba for every type but those that
# `_special` handles.
_PLAIN: dict[str, Binary] = {
    name: getattr(operator, name)
    for name in "add sub mul truediv floordiv mod lshift rshift and_ or_ xor eq ne lt le gt ge".split()
}
_UFUNC = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide,
    "floordiv": np.floor_divide, "mod": np.remainder, "lshift": np.left_shift, "rshift": np.right_shift,
    "and_": np.bitwise_and, "or_": np.bitwise_or, "xor": np.bitwise_xor,
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip


def _operands(name: str, casts: tuple[np.dtype, ...], result: np.dtype) -> tuple[np.dtype, np.dtype]:
    """The types to compute in: Numba casts integer operands once more, to the result's type."""
    a, b = casts
    if result.kind in "iu" or (name == "truediv" and a.kind in "iu"):
        return result, result
    return a, b


def _compute(name: str, a: np.dtype, b: np.dtype) -> Binary:
    """`name` for operands that have the types to compute in already."""
    if name == "pow":
        return arithmetic.power(a, b)
    if name == "floordiv" and a.kind == "i":
        return arithmetic.floordiv
    return _PLAIN[name]


def _casting(compute: Binary, from_a: np.dtype, from_b: np.dtype, a: np.dtype, b: np.dtype) -> Binary:
    if from_a == a and from_b == b:
        return compute
    if from_a == a:
        return lambda x, y: compute(x, y.astype(b))
    if from_b == b:
        return lambda x, y: compute(x.astype(a), y)
    return lambda x, y: compute(x.astype(a), y.astype(b))


def _numpy_rule(name: str, a: np.dtype, b: np.dtype) -> tuple[np.dtype, ...] | None:
    """The types that NumPy computes in: operands, then result."""
    try:
        return _UFUNC[name].resolve_dtypes((a, b, None))
    except TypeError:
        return None


def _implement(name: str, from_a: np.dtype, from_b: np.dtype) -> Binary:
    if from_a.kind in "mM" or from_b.kind in "mM":
        return _PLAIN[name]
    casts, (result,) = binary_rule(name, from_a, from_b)
    a, b = casts if name == "pow" and casts[0].kind == "f" else _operands(name, casts, result)
    compute = _compute(name, a, b)
    if compute is _PLAIN.get(name) and _numpy_rule(name, from_a, from_b) == (a, b, result):
        return compute
    return _casting(compute, from_a, from_b, a, b)


class _Pairs(dict[tuple[np.dtype, np.dtype], Binary]):
    """One operator's implementations by the types of its operands."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __missing__(self, key: tuple[np.dtype, np.dtype]) -> Binary:
        implementation = self[key] = _implement(self.name, *key)
        return implementation


def _binary(name: str) -> Binary:
    pairs = _Pairs(name)

    def apply(a: Value, b: Value) -> Value:
        return pairs[a.dtype, b.dtype](a, b)

    apply.__name__ = apply.__qualname__ = name
    apply.__doc__ = f"`operator.{name}(a, b)` as Numba compiles it. Raises TypingError if Numba does not."
    return apply


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


def neg(a: Value) -> Value:
    """`-a`; unsigned numbers wrap around in their own width before they widen to 64 bits."""
    if a.dtype.kind == "b":
        return -a.astype(np.int64)
    return _widen("neg", -a)


def pos(a: Value) -> Value:
    """`+a`: `a`, integers widened to 64 bits."""
    return _widen("pos", a)


def invert(a: Value) -> Value:
    """`~a`; the bits of `a`'s own width, then widened to 64 bits. Raises TypingError for floats."""
    if a.dtype.kind not in "biu":
        unary_rule("invert", a.dtype)
    return _widen("invert", ~a)


def not_(a: Value) -> Value:
    """`not a`: np.bool_ or a vector of bool."""
    return ~truth(a)


def _widen(name: str, a: Value) -> Value:
    if a.dtype.kind in "mM":
        return a
    return cast(a, unary_rule(name, a.dtype)[1][0])


_MODULE: dict[str, Any] = globals()

# From the functions of Python's operator module, in-place ones too, to their implementations.
BINARY: dict[Any, Binary] = {getattr(operator, name): _MODULE[name] for name in (*_PLAIN, "pow")} | {
    getattr(operator, "i" + name.rstrip("_")): _MODULE[name]
    for name in "add sub mul truediv floordiv mod pow lshift rshift and_ or_ xor".split()
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
