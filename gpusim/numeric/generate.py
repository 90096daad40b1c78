"""Writes `_table.py`: the typing rules of Numba's CUDA target, asked from Numba itself.

Run `python -m gpusim.numeric.generate` after a Numba upgrade; a test compares the committed table with a fresh one.
The table exists because asking Numba costs seconds of imports and registry loading, and a launch must not pay them.
"""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gpusim.kernel.dialects import NUMBA

# One letter per scalar type, in the order of the table's rows and columns.
LETTERS = "?bhiqBHIQefdFDE"
NAMES = (
    "boolean", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128", "bfloat16",
)  # fmt: skip

BINARY: Sequence[Callable[..., Any]] = (
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.lshift, operator.rshift, operator.and_, operator.or_, operator.xor,
    operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge,
    divmod, round, complex,
    math.atan2, math.hypot, math.copysign, math.fmod, math.nextafter, math.remainder, math.pow, math.ldexp,
    cmath.log,
)  # fmt: skip
UNARY: Sequence[Callable[..., Any]] = (
    operator.neg, operator.pos, operator.invert, operator.not_,
    abs, round, int, float, complex,
    math.acos, math.acosh, math.asin, math.asinh, math.atan, math.atanh, math.ceil, math.cos, math.cosh,
    math.degrees, math.erf, math.erfc, math.exp, math.exp2, math.expm1, math.fabs, math.floor, math.frexp,
    math.gamma, math.isfinite, math.isinf, math.isnan, math.lgamma, math.log, math.log10, math.log1p, math.log2,
    math.modf, math.radians, math.sin, math.sinh, math.sqrt, math.tan, math.tanh, math.trunc,
    cmath.acos, cmath.asin, cmath.asinh, cmath.atan, cmath.atanh, cmath.cos, cmath.exp, cmath.isfinite, cmath.isinf,
    cmath.isnan, cmath.log, cmath.sin, cmath.sqrt, cmath.tan,
)  # fmt: skip


def name(function: Callable[..., Any]) -> str:
    """The table's name of a function: module and name, without the module for operators and builtins."""
    module = function.__module__
    return function.__name__ if module in ("_operator", "builtins") else f"{module}.{function.__name__}"


def scalar_rules() -> tuple[dict[str, str], dict[str, str]]:
    """The rules of every function in `BINARY` and `UNARY`, as texts of letters.

    A rule is the letters of the types that the arguments are cast to, then those of the results. Rules are separated
    by blanks, rows (the first argument's type) by newlines; `-` says that Numba has no such function. The rules of
    "unify" are one letter, the type of a variable that is assigned both types.
    """
    from numba.core.errors import NumbaError
    from numba.core.target_extension import target_override
    from numba.cuda.cudadrv.error import CudaSupportError
    from numba.cuda.descriptor import cuda_target

    types = NUMBA.module("types")
    context, compiler = cuda_target.typing_context, cuda_target.target_context
    context.refresh()
    compiler.refresh()
    scalars = [getattr(types, n) for n in NAMES]
    letter = dict(zip(scalars, LETTERS, strict=True))

    def rule(function: Callable[..., Any], *arguments: Any) -> str:
        try:
            signature = context.resolve_function_type(function, arguments, {})
        except CudaSupportError:
            # Numba found the function's overload for float16 or bfloat16 and wants a driver to compile it. Each of them
            # has arguments and result of that type.
            return letter[arguments[0]] * (len(arguments) + 1)
        except (NumbaError, AssertionError):
            return "-"
        if signature is None or signature.return_type is None:
            return "-"
        result = signature.return_type
        results = list(result) if isinstance(result, types.BaseTuple) else [result]
        if not all(t in letter for t in (*signature.args, *results)):
            return "-"
        if not all(map(has_cast, arguments, signature.args)):
            return "-"
        return "".join(letter[t] for t in (*signature.args, *results))

    def has_cast(source: Any, target: Any) -> bool:
        """Numba's typing knows conversions (int8 to bfloat16) that its code generator does not."""
        try:
            return source == target or compiler._casts.find((source, target)) is not None
        except NumbaError:
            return False

    def unified(a: Any, b: Any) -> str:
        try:
            return letter.get(context.unify_pairs(a, b), "-")
        except (NumbaError, RecursionError):  # numba-cuda fails on bfloat16 with any other number
            return "-"

    def matrix(cell: Callable[[Any, Any], str]) -> str:
        return "\n".join(" ".join(cell(a, b) for b in scalars) for a in scalars)

    with target_override("cuda"):
        binary = {name(f): matrix(partial(rule, f)) for f in BINARY}
        binary["unify"] = matrix(unified)
        unary = {name(f): " ".join(rule(f, a) for a in scalars) for f in UNARY}
    return binary, unary


def ufunc_loops() -> dict[str, str]:
    """The loops of NumPy's ufuncs in the order in which Numba tries them, as texts of letters.

    A loop is the letters of its inputs and outputs. Those over half and extended precision, objects and datetimes are
    left out.
    """
    canonical = {np.dtype(letter): letter for letter in LETTERS if letter != "E"}
    database = NUMBA.module("np.ufunc_db")
    texts = {}
    for ufunc in sorted(database.get_ufuncs(), key=lambda u: u.__name__):
        if ufunc.signature is not None:
            continue
        supported = database.get_ufunc_info(ufunc)
        loops = [c.replace("->", "") for c in ufunc.types if c in supported and not set(c) & set("egGOmM")]
        canonical_loops = ("".join(canonical[np.dtype(letter)] for letter in loop) for loop in loops)
        texts[ufunc.__name__] = " ".join(dict.fromkeys(canonical_loops))
    return texts


def render() -> str:
    """The source text of `_table.py`."""
    binary, unary = scalar_rules()
    lines = [
        '"""Typing rules of Numba\'s CUDA target. Generated by `python -m gpusim.numeric.generate`; do not edit.',
        "",
        "Keys are the functions that share the rules, values the rules; `generate` documents the format.",
        '"""',
        "",
        "# ruff: noqa: E501",
        "",
        f'LETTERS = "{LETTERS}"',
        *_render_table("BINARY", binary),
        *_render_table("UNARY", unary),
        *_render_table("UFUNCS", ufunc_loops()),
    ]
    return "\n".join(lines) + "\n"


def _render_table(title: str, table: Mapping[str, str]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for function, text in table.items():
        groups.setdefault(text, []).append(function)
    lines = ["", f"{title} = {{"]
    for text, functions in groups.items():
        lines += [f'    "{" ".join(functions)}": """', *text.split("\n"), '""",']
    return [*lines, "}"]


def main() -> None:
    """Rewrites the table beside this file."""
    Path(__file__).with_name("_table.py").write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
