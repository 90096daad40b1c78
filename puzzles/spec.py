"""What a puzzle is: its arguments, sizes, launch, reference and limits.

A puzzle is declared once, in its module of `puzzles.catalog`, next to the kernel that solves it. Text
for the learner (`puzzles.describe`), the learner's file (`puzzles.source`) and the checker
(`puzzles.check`) all read the declaration, so that what the task says is what gets enforced.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]
Size = dict[str, int]
Draw = Callable[[np.random.Generator, tuple[int, ...], Size], Array]


def normal(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Standard normal numbers: no two elements alike, so that mixed-up indices show."""
    return rng.standard_normal(shape)


def evaluate(formula: str, size: Size) -> int:
    """The value of a formula over the names of a size, with `ceil`, `min`, `max`, `sum` and `range`."""
    functions = {"ceil": ceil, "min": min, "max": max, "sum": sum, "range": range}
    return int(eval(formula, {"__builtins__": {}, **functions, **size}))


@dataclass(frozen=True)
class Parameter:
    """One argument of the kernel.

    `shape` is written with the names of the size, such as `("m", "k")` or `("b*t", "d")`; `()` is a scalar.
    An "out" array is filled with poison before the launch, an "inout" array is drawn and then overwritten.
    """

    name: str
    role: Literal["in", "out", "inout"]
    shape: tuple[str, ...]
    dtype: str = "float32"
    draw: Draw = normal

    def dimensions(self, size: Size) -> tuple[int, ...]:
        """The shape in elements for one size."""
        return tuple(evaluate(extent, size) for extent in self.shape)

    @property
    def is_written(self) -> bool:
        """Whether the kernel is meant to change it."""
        return self.role != "in"


def array(name: str, shape: str, dtype: str = "float32", draw: Draw = normal) -> Parameter:
    """An array that the kernel only reads; `shape` as in `"m k"`."""
    return Parameter(name, "in", tuple(shape.split()), dtype, draw)


def scalar(name: str, dtype: str = "float32", draw: Draw = normal) -> Parameter:
    """A number passed by value."""
    return Parameter(name, "in", (), dtype, draw)


def output(name: str, shape: str, dtype: str = "float32") -> Parameter:
    """An array that the kernel fills."""
    return Parameter(name, "out", tuple(shape.split()), dtype)


def updated(name: str, shape: str, dtype: str = "float32", draw: Draw = normal) -> Parameter:
    """An array that the kernel reads and overwrites in place."""
    return Parameter(name, "inout", tuple(shape.split()), dtype, draw)


@dataclass(frozen=True)
class Launch:
    """Blocks in the grid and threads in a block, x first, as in `kernel[grid, block]`."""

    grid: tuple[int, ...]
    block: tuple[int, ...]

    @property
    def threads(self) -> int:
        """Threads of the whole launch."""
        return int(np.prod(self.grid) * np.prod(self.block))


BUSIEST = "of the busiest thread"


@dataclass(frozen=True)
class Limit:
    """A bound on a counter of the run, as a formula of the size.

    `counter` is a space and a counter, "global loads" or "shared stores", or the same of the busiest thread,
    "global loads of the busiest thread". `formula` is for `evaluate`; learners see the very text that is
    evaluated. `why` tells what breaking it means.
    """

    counter: str
    formula: str
    sense: Literal["at most", "at least"] = "at most"
    why: str = ""

    def bound(self, size: Size) -> int:
        """The formula's value for one size."""
        return evaluate(self.formula, size)

    def allows(self, measured: int, size: Size) -> bool:
        """Whether a measured count keeps to the limit."""
        bound = self.bound(size)
        return measured <= bound if self.sense == "at most" else measured >= bound

    def measured(self, counts: Mapping[str, Any], busiest: Mapping[str, Any]) -> int:
        """The limited count, from the totals of a run or from those of its busiest thread."""
        source = busiest if self.counter.endswith(BUSIEST) else counts
        space, counter = self.counter.removesuffix(BUSIEST).split()
        return int(source[space][counter])


@dataclass(frozen=True)
class Tolerance:
    """|result - reference| <= absolute + relative * |reference|, against a float64 reference."""

    relative: float = 1e-4
    absolute: float = 1e-5


@dataclass(frozen=True)
class Puzzle:
    """A task for one kernel.

    The module named by `module` holds the solution as a real function called `kernel`; its docstring is
    the title (first line) and the task (the rest). `sizes` are always checked, and the first is the one
    that examples and pictures use; `fresh` gives a range (inclusive) for each name of the size, from which
    the checker draws further sizes. `reference` takes the "in" and "inout" arguments by name, floating
    point ones in float64, and returns the written arrays in the order of `parameters` (a tuple if there
    are several).
    """

    module: str
    parameters: tuple[Parameter, ...]
    sizes: tuple[Size, ...]
    launch: Callable[[Size], Launch]
    reference: Callable[..., Any]
    limits: tuple[Limit, ...]
    hints: tuple[str, ...]
    fresh: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tolerance: Tolerance = Tolerance()

    @property
    def id(self) -> str:
        """The name used on the command line and in `PUZZLE = "..."`, such as `gemm-naive-3x3`."""
        return self.module.rpartition(".")[2].replace("_", "-")

    @property
    def kernel(self) -> Any:
        """The solution, as Numba's lazily compiled kernel object."""
        return sys.modules[self.module].kernel

    @property
    def title(self) -> str:
        """The first line of the module's docstring, without its full stop."""
        return (sys.modules[self.module].__doc__ or "").strip().partition("\n")[0].rstrip(".")

    @property
    def task(self) -> str:
        """The module's docstring below its first line."""
        return (sys.modules[self.module].__doc__ or "").strip().partition("\n")[2].strip()

    @property
    def signature(self) -> str:
        """The kernel's types in Numba's notation, such as `void(float32[:,::1], float32)`."""
        return f"void({', '.join(map(_numba_type, self.parameters))})"

    @property
    def outputs(self) -> tuple[Parameter, ...]:
        """The arrays that the kernel is meant to write, in order."""
        return tuple(p for p in self.parameters if p.is_written)

    def size_of(self, arguments: Sequence[Any]) -> Size:
        """The size that a launch's arguments have, read off the arrays' shapes."""
        size: Size = {}
        for parameter, argument in zip(self.parameters, arguments, strict=True):
            for extent, length in zip(parameter.shape, np.shape(argument), strict=True):
                if extent.isidentifier():
                    size.setdefault(extent, length)
        return size

    def expected(self, arguments: Mapping[str, Any]) -> dict[str, Array]:
        """The reference's results for the arguments of one launch, by parameter."""
        inputs = {p.name: _widened(arguments[p.name]) for p in self.parameters if p.role != "out"}
        results = self.reference(**inputs)
        if not isinstance(results, tuple):
            results = (results,)
        return {p.name: np.asarray(result) for p, result in zip(self.outputs, results, strict=True)}


def _numba_type(parameter: Parameter) -> str:
    if not parameter.shape:
        return parameter.dtype
    return f"{parameter.dtype}[{':,' * (len(parameter.shape) - 1)}::1]"


def _widened(value: Any) -> Any:
    """A copy in float64 (integers stay), so that the reference rounds far below the kernel."""
    value = np.array(value)
    widened = value.astype(np.float64) if value.dtype.kind == "f" else value
    return widened if widened.shape else widened[()]
