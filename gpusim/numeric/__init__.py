"""The arithmetic of a kernel: Numba's meaning of operators, casts and functions, on NumPy values.

A value is uniform (a NumPy scalar, the same for all lanes) or has one element per lane (a one-dimensional array).
Operations take both kinds in any mix; uniform operands give uniform results. Callers run them under
`np.errstate(all="ignore")`: what overflows or divides by zero has a result, as on a GPU.

Types are those of Numba's CUDA target, taken from Numba itself (`generate` writes them to `_table`). Values are those
of compiled code, which is not the same everywhere. Where CUDA differs from `njit` on x86, this is the choice; results
are the same on every processor, but for the last places of functions that a library computes:

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
float to integer that cannot      differs between processors,   nearest integer of 16 bits   CUDA (`integers`)
hold it                           and within one loop           or more, then its low bits;
                                                                NaN is 0 or 2^(bits - 1)
uint8 of a float beyond 255 that  none                          may keep 16 bits             its low 8 bits
was never stored
integer literal as an argument    none                          its low bits, which is 0,    its value
of a function of bfloat16                                       in numba-cuda 0.30
complex ** complex                C library                     polar form; 0 if both real   CUDA
                                                                parts are 0
complex / 0                       exception                     thread ends                  NaN
shift by the width or more        amount modulo the width       0, or the sign, by the       CUDA
                                                                amount's lower 32 bits
integer // 0, % 0                 0                             0                            0
lowest // -1, % -1                0                             0                            0
integer ** integer > 65536 that   any integer                   nearest integer              CUDA
no integer holds
integer ** variable beyond 2^53   exact, modulo 2^64            rounded to float64           x86
float ** float, sin, exp, ...     C library                     libdevice                    NumPy: last places vary
complex * complex                 two roundings                 often one (fma)              NumPy: last places vary
float % float                     exact                         of a rounded quotient        x86
a * b + c                         two roundings                 often one (fma)              two roundings
cuda.fma, libdevice's _rd, _ru    none                          rounded once                 CUDA (`exact`)
bits of a NaN that was computed   its sign is set               0x7fffffff                   the processor's
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
