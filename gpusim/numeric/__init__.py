"""The arithmetic of a kernel: Numba's meaning of operators, casts and functions, on NumPy values.

A value is uniform (a NumPy scalar, the same for all lanes) or has one element per lane (a one-dimensional array).
Operations take both kinds in any mix; uniform operands give uniform results. Callers run them under
`np.errstate(all="ignore")`: what overflows or divides by zero has a result, as on a GPU.
"""

from gpusim.numeric.casts import cast, literal, select, truth
from gpusim.numeric.dtypes import TypingError, Value, as_dtype, unify
from gpusim.numeric.functions import FUNCTIONS, implementation
from gpusim.numeric.operators import AST_BINARY, AST_UNARY, BINARY, UNARY

__all__ = [
    "AST_BINARY",
    "AST_UNARY",
    "BINARY",
    "FUNCTIONS",
    "UNARY",
    "TypingError",
    "Value",
    "as_dtype",
    "cast",
    "implementation",
    "literal",
    "select",
    "truth",
    "unify",
]
