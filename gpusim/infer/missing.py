"""What of numba-cuda a program asks for where `numba.cuda` is the one that comes with Numba."""

from __future__ import annotations

import re

from gpusim.device.surface import entries
from gpusim.kernel.dialects import IN_NUMBA, NUMBA, needs_numba_cuda

_IMPORT = re.compile(r"cannot import name '(\w+)' from 'numba\.cuda[\w.]*'|No module named '(numba\.cuda\.[\w.]+)'")
_ATTRIBUTE = re.compile(r"module 'numba\.(?:cuda|types|core\.types)' has no attribute '(\w+)'")
_DTYPE = re.compile(r"Unsupported array dtype: (bfloat16)")


def missing(error: BaseException) -> str | None:
    """The sentence that says what to install, for an error about a name that only numba-cuda has."""
    if NUMBA is not IN_NUMBA:
        return None
    text = str(error)
    asked = _IMPORT.search(text) or _DTYPE.search(text)
    if asked is None:
        asked = _ATTRIBUTE.search(text)
        known = {"bfloat16", "bf16", "fp8", *(name.partition(".")[0] for name in entries())}
        if asked is None or asked[1] not in known:
            return None
    return needs_numba_cuda(next(filter(None, asked.groups())))
