"""The user's line that called into Numba or gpusim."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path

from gpusim.kernel.dialects import is_library
from gpusim.places import Site

_GPUSIM = str(Path(__file__).parents[1])


def caller() -> Site:
    """The innermost frame of the user's code."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_machinery(frame.f_code.co_filename):
        frame = frame.f_back
    file, line = frame.f_code.co_filename, frame.f_lineno
    return Site("", file, line, linecache.getline(file, line).strip())


def _is_machinery(file: str) -> bool:
    return file.startswith(_GPUSIM) or is_library(file)
