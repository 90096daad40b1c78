"""What Numba writes in LLVM's language, and NVIDIA's compiler for it does not take.

Numba compiles `np.round` to `llvm.rint`, which NVVM lacks, and the program ends with "ERROR_INVALID_IR". NVVM IR
Specification, "Intrinsic Functions", says which it has; the list is of those of the C library that NVVM 13 refuses
(a test asks it), so that it need not be installed.
"""

from __future__ import annotations

import re

from numba.core.errors import UnsupportedError
from numba.core.ir import Loc

NOT_SUPPORTED = frozenset({
    "sin", "cos", "pow", "powi", "exp", "exp2", "log", "log10", "log2", "fabs", "rint", "nearbyint", "round",
    "canonicalize",
})  # fmt: skip
_DECLARED = re.compile(r'^declare .*@"?llvm\.([a-z0-9.]+?)(?:\.(?:[vif]\d+)+)*"?\(', re.MULTILINE)
_FUNCTION = re.compile(r'^define [^@\n]*@"?(?P<name>[^"( ]+)"?\(.*?\n(?P<body>.*?)^}', re.MULTILINE | re.DOTALL)
_CALLED = re.compile(r'\bcall [^@\n]*@"?([^"( ]+)"?\(')
_AT = re.compile(r"!dbg !(\d+)")


def unsupported(llvm: str) -> str | None:
    """The first intrinsic, by name, in the text of a module that NVVM does not compile; None if there is none."""
    return min(NOT_SUPPORTED.intersection(_DECLARED.findall(llvm)), default=None)


def refuse(name: str, line: tuple[str, int] | None) -> UnsupportedError:
    """What Numba would say of an intrinsic, if it knew; `line`: the file and the line that use it."""
    message = f"NVIDIA's compiler has no llvm.{name}, to which Numba compiles a function of this kernel"
    return UnsupportedError(message, loc=Loc(*line) if line else None)


def line_of(name: str, llvm: str) -> int | None:
    """The line of a kernel that calls an intrinsic, itself or through other functions.

    `llvm`: the kernel compiled with `lineinfo`, so that its calls, and only its, say their places.
    """
    bodies = {match["name"]: match["body"] for match in _FUNCTION.finditer(llvm)}
    guilty = {function for function, body in bodies.items() if re.search(rf'@"?llvm\.{name}\b', body)}
    reached: set[str] = set()
    while reached != guilty:
        reached = set(guilty)
        guilty |= {function for function, body in bodies.items() if guilty.intersection(_CALLED.findall(body))}
    for body in bodies.values():
        for call in filter(_AT.search, body.splitlines()):
            called = _CALLED.findall(call)
            if guilty.intersection(called) or any(re.match(rf"llvm\.{name}\b", one) for one in called):
                at = _AT.search(call)
                place = re.search(rf"^!{at[1]} = .*\bline: (\d+)", llvm, re.MULTILINE) if at else None
                return int(place[1]) if place else None
    return None
