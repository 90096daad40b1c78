"""The arithmetic of a kernel: Numba's meaning of operators, casts and functions, on NumPy values.

A value is uniform (a NumPy scalar, the same for all lanes) or has one element per lane (a one-dimensional array).
Operations take both kinds in any mix; uniform operands give uniform results. Callers run them under
`np.errstate(all="ignore")`: what overflows or divides by zero has a result, as on a GPU.

Types are those of Numba's CUDA target, taken from Numba itself (`generate` writes them to `_table`). Values are those
of compiled code, which is not the same everywhere. Where CUDA differs from `njit` on x86, this is the choice:

================================  ============================  ===========================  =======================
operation                         x86                           CUDA                         here
================================  ============================  ===========================  =======================
math.floor, ceil, trunc           integer                       float                        CUDA
min, max of two floats, one NaN   the first                     the number                   CUDA
round(x, digits) of float32       in float32                    in float64, through int64    CUDA
np.fmod of integers               sign of the divisor           sign of the dividend         CUDA
float16 and bfloat16 operators    none                          rounded to 16 bits           CUDA
float16 to integer                none                          rounded to nearest           CUDA
bfloat16, float8 to integer       none                          truncated                    CUDA
narrow float to integer that      none                          nearest integer; NaN is 0    CUDA
cannot hold it                                                  or, in 64 bits, 2^63
integer literal as an argument    none                          its low bits, which is 0,    its value
of a function of bfloat16                                       in numba-cuda 0.30
complex ** complex                C library                     polar form; 0 if both real   CUDA
                                                                parts are 0
complex / 0                       exception                     thread ends                  NaN
shift by the width or more        amount modulo the width       0, or the sign               CUDA
float to int that cannot hold it  lowest integer, or its low    nearest integer; NaN is 0    x86, but CUDA for
                                  bits                          or the lowest                uint32 and uint64
float ** float, sin, exp, ...     C library                     libdevice                    NumPy: last places vary
a * b + c                         two roundings                 often one (fma)              two roundings
================================  ============================  ===========================  =======================
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
