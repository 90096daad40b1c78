"""The user's line that called into Numba or gpusim."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path

import numba
import numba.cuda

from gpusim.places import Site

_MACHINERY = (
    str(Path(__file__).parents[1]),
    *(str(Path(str(package.__file__)).parent) for package in (numba, numba.cuda)),
)


def caller() -> Site:
    """The innermost frame of the user's code."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_MACHINERY):
        frame = frame.f_back
    file, line = frame.f_code.co_filename, frame.f_lineno
    return Site("", file, line, linecache.getline(file, line).strip())
