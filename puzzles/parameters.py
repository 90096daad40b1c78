"""The arguments of a puzzle's kernels: names, roles, shapes as formulas, dtypes, and how inputs are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from puzzles.formula import Size, evaluate

Array = np.ndarray[Any, Any]
Draw = Callable[[np.random.Generator, tuple[int, ...], Size], Array]
Role = Literal["in", "out", "inout", "scratch"]


def normal(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Standard normal numbers: no two elements alike, so that mixed-up indices show."""
    return rng.standard_normal(shape)


@dataclass(frozen=True)
class Parameter:
    """One argument.

    `shape` is written with the names of the size, such as `("m", "k")` or `("b*t", "d")`; `()` is a scalar.
    An "out" array is filled with poison before the first launch, an "inout" array is drawn and then
    overwritten. A "scratch" array is poison, too, and nobody looks at what the kernels leave in it. With `of`, an
    input follows from those drawn before it, by name.
    """

    name: str
    role: Role
    shape: tuple[str, ...]
    dtype: str = "float32"
    draw: Draw = normal
    of: Callable[[Mapping[str, Any]], Array] | None = None

    def dimensions(self, size: Size) -> tuple[int, ...]:
        """The shape in elements for one size."""
        return tuple(evaluate(extent, size) for extent in self.shape)

    @property
    def is_drawn(self) -> bool:
        """Whether it holds inputs before the launch."""
        return self.role in ("in", "inout")

    @property
    def is_result(self) -> bool:
        """Whether it is compared with the reference afterwards."""
        return self.role in ("out", "inout")

    @property
    def is_written(self) -> bool:
        """Whether kernels may change it."""
        return self.role != "in"


def array(name: str, shape: str, dtype: str = "float32", draw: Draw = normal) -> Parameter:
    """An array that kernels only read; `shape` as in `"m k"`."""
    return Parameter(name, "in", tuple(shape.split()), dtype, draw)


def derived(name: str, shape: str, of: Callable[[Mapping[str, Any]], Array], dtype: str = "float32") -> Parameter:
    """An array that kernels only read and that holds what follows from earlier inputs, in another layout, say."""
    return Parameter(name, "in", tuple(shape.split()), dtype, of=of)


def scalar(name: str, dtype: str = "float32", draw: Draw = normal) -> Parameter:
    """A number passed by value."""
    return Parameter(name, "in", (), dtype, draw)


def output(name: str, shape: str, dtype: str = "float32") -> Parameter:
    """An array that kernels fill."""
    return Parameter(name, "out", tuple(shape.split()), dtype)


def updated(name: str, shape: str, dtype: str = "float32", draw: Draw = normal) -> Parameter:
    """An array that kernels read and overwrite in place, or add to."""
    return Parameter(name, "inout", tuple(shape.split()), dtype, draw)


def scratch(name: str, shape: str, dtype: str = "float32") -> Parameter:
    """An array for what one launch leaves to the next, undefined before the first."""
    return Parameter(name, "scratch", tuple(shape.split()), dtype)


def zeros(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Zeros: for counters and locks that kernels update."""
    return np.zeros(shape)
