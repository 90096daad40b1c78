"""What Numba writes in LLVM's language, and NVIDIA's compiler for it does not take.

Numba compiles `np.round` to `llvm.rint`, which NVVM lacks, and the program ends with "ERROR_INVALID_IR". The names
are those that NVIDIA lists as not supported: NVVM IR Specification 2.0, section 3.6, Intrinsic Functions.
"""

from __future__ import annotations

import re

from numba.core.errors import UnsupportedError

_NOT_SUPPORTED = frozenset({
    "powi", "sin", "cos", "pow", "exp", "exp2", "log", "log10", "log2", "fabs", "copysign", "floor", "ceil", "trunc",
    "rint", "nearbyint", "round", "roundeven", "minnum", "maxnum", "canonicalize", "sadd.with.overflow",
    "uadd.with.overflow", "ssub.with.overflow", "usub.with.overflow", "smul.with.overflow", "umul.with.overflow",
})  # fmt: skip
_DECLARED = re.compile(r'^declare .*@"?llvm\.([a-z0-9.]+?)(?:\.(?:[vif]\d+)+)*"?\(', re.MULTILINE)


def check_intrinsics(llvm: str) -> None:
    """Raises Numba's `UnsupportedError` for the text of a module that NVVM does not compile."""
    found = _NOT_SUPPORTED.intersection(_DECLARED.findall(llvm))
    if found:
        raise UnsupportedError(
            f"NVIDIA's compiler has no llvm.{min(found)}, to which Numba compiles a function of this kernel"
        )
