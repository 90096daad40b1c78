"""`print` in kernels, as CUDA's printf shows values."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numba.core.errors import NumbaWarning

from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.values import shown

# CUDA C++ Programming Guide, "Formatted Output", "Limitations".
MOST_ITEMS = 32


def write(t: Lanes, site: Site, *values: Any) -> None:
    """One line per active thread, in the order of their ids; more items than printf takes print their formats."""
    if len(values) > MOST_ITEMS:
        warnings.warn(
            f"CUDA print() cannot print more than {MOST_ITEMS} items. "
            "The raw format string will be emitted by the kernel instead.",
            NumbaWarning,
            stacklevel=2,
        )
    for lane in np.flatnonzero(t.mask.bits):
        items = map(_format, values) if len(values) > MOST_ITEMS else (_printed(value, lane) for value in values)
        t.paths.write(" ".join(items) + "\n")


def _printed(value: Any, lane: np.intp) -> str:
    """A value of one lane; numbers have six digits behind the point."""
    if isinstance(value, tuple):
        return f"({', '.join(_printed(part, lane) for part in value)}{',' if len(value) == 1 else ''})"
    number = value[lane] if isinstance(value, np.ndarray) else value
    if isinstance(number, np.generic) and number.dtype.kind in "fV":
        return f"{float(number):f}"
    return shown(number, lane)


def _format(value: Any) -> str:
    """What Numba gives to printf for a value of this type."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_format, value))}{',' if len(value) == 1 else ''})"
    kind = value.dtype.kind if isinstance(value, np.ndarray | np.generic) else ""
    return {"i": "%lld", "u": "%llu", "f": "%f", "V": "%f"}.get(kind, "%s")
