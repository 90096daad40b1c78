"""What Numba writes in LLVM's language, and NVIDIA's compiler for it does not take.

Numba compiles `np.round` to `llvm.rint`, which NVVM lacks, and the program ends with "ERROR_INVALID_IR". NVVM IR
Specification, "Intrinsic Functions", says which it has; the list is of those of the C library that NVVM 13 refuses
(a test asks it), so that it need not be installed.
"""

from __future__ import annotations

import re

from numba.core.errors import UnsupportedError

NOT_SUPPORTED = frozenset({
    "sin", "cos", "pow", "powi", "exp", "exp2", "log", "log10", "log2", "fabs", "rint", "nearbyint", "round",
    "canonicalize",
})  # fmt: skip
_DECLARED = re.compile(r'^declare .*@"?llvm\.([a-z0-9.]+?)(?:\.(?:[vif]\d+)+)*"?\(', re.MULTILINE)


def check_intrinsics(llvm: str) -> None:
    """Raises Numba's `UnsupportedError` for the text of a module that NVVM does not compile."""
    found = NOT_SUPPORTED.intersection(_DECLARED.findall(llvm))
    if found:
        raise UnsupportedError(
            f"NVIDIA's compiler has no llvm.{min(found)}, to which Numba compiles a function of this kernel"
        )
