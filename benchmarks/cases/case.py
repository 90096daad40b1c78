"""What is timed: one launch of a kernel, and the same loops in plain compiled Python.

The modules of this folder import no part of gpusim, so that Numba's own simulator can run them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """One launch.

    The first of `arguments` is the output; `expected(*arguments)` computes it with NumPy. `loads` is the
    number of loads from global, shared and local memory by the formulas of the kernel. `slow` cases would
    keep Numba's own simulator busy for many minutes.
    """

    name: str
    kernel: Any
    loops: Callable[..., None]
    grid: Any
    block: Any
    arguments: Callable[[], tuple[Any, ...]]
    expected: Callable[..., np.ndarray]
    loads: int
    slow: bool = False


def random(*shapes: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """float32 arrays in [0, 1), the same every time."""
    rng = np.random.default_rng(0)
    return tuple(rng.random(shape, dtype=np.float32) for shape in shapes)
