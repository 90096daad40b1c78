"""An operation: a kernel, how to launch it, what it computes, and with which types.

Each module of this package defines one operation (or a few variants of one).  As in micrograd every
operation carries its counterpart: `reference` computes the same with NumPy.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Grid = tuple[int, int, int]
Block = tuple[int, int, int]
Launch = Callable[..., tuple[Grid, Block]]


@dataclass(frozen=True)
class Operation:
    """One place in a `KernelSet`.

    kernel     a `numba.cuda.jit` kernel; outputs come first
    launch     takes the kernel's arguments, returns (grid, block), both (x, y, z)
    reference  takes the kernel's inputs, returns the outputs, with NumPy
    signature  the kernel's argument types as Numba writes them
    """

    kernel: Any
    launch: Launch
    reference: Callable[..., np.ndarray]
    signature: str

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the kernel's parameters."""
        return parameter_names(self.kernel)

    @property
    def description(self) -> str:
        """The first line of the kernel's docstring: its formula."""
        return (inspect.getdoc(python_function(self.kernel)) or "").split("\n")[0]


def python_function(kernel: Any) -> Any:
    """The Python function of a kernel, which may be a Numba dispatcher or that function itself."""
    return getattr(kernel, "py_func", kernel)


def parameter_names(kernel: Any) -> tuple[str, ...]:
    """The parameter names of a kernel, in order."""
    return tuple(inspect.signature(python_function(kernel)).parameters)


def tiles(n: int, size: int) -> int:
    """How many tiles of `size` cover `n` elements: ceil(n / size)."""
    return -(-n // size)
