"""What kernels have with numba-cuda, and not with the `numba.cuda` that comes with Numba: it is refused by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any

from gpusim.device.memory.heap import NAMED
from gpusim.errors import KernelError
from gpusim.kernel.dialects import needs_numba_cuda
from gpusim.places import Site
from gpusim.simt.lanes import Lanes

FUNCTIONS: tuple[Callable[..., Any], ...] = (math.exp2, math.nextafter, *NAMED)
"""Functions of `math`, and those that make arrays of lengths that a thread computes."""


def refuse(t: Lanes, site: Site, *arguments: Any, **keywords: Any) -> Any:
    """In place of one of `FUNCTIONS`."""
    raise KernelError(needs_numba_cuda(f"`{site.text}`"), site)


def advice(module: str, name: str, cuda: Collection[str]) -> str:
    """What to do about a name that a module of Numba's does not have, if numba-cuda has it; else nothing.

    `cuda`: the names of numba-cuda's `numba.cuda`.
    """
    names = {"numba.cuda": {*cuda, "bf16", "fp8"}, "numba.types": {"bfloat16"}, "numba.core.types": {"bfloat16"}}
    return f": {needs_numba_cuda(name)}" if name in names.get(module, ()) else ""
