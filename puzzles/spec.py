"""What a puzzle is: its arguments, sizes, launches, reference, limits, prediction and hints.

A puzzle is declared once, in its module of `puzzles.catalog`, next to the kernel that solves it. Text
for the learner (`puzzles.describe`), the learner's file (`puzzles.source`) and the checker
(`puzzles.check`) all read the declaration, so that what the task says is what gets enforced. The words
that a declaration uses come from `puzzles.parameters`, `puzzles.limits` and `puzzles.prediction`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from puzzles.defect import Defect
from puzzles.exercise import Exercise
from puzzles.formula import Size, evaluate
from puzzles.limits import Limit, Par, is_counter
from puzzles.parameters import (
    Array,
    Draw,
    Parameter,
    array,
    derived,
    normal,
    output,
    scalar,
    scratch,
    updated,
    zeros,
)
from puzzles.prediction import Prediction

__all__ = [
    "Array",
    "Defect",
    "Draw",
    "Launch",
    "Limit",
    "Par",
    "Parameter",
    "Prediction",
    "Puzzle",
    "Size",
    "Tolerance",
    "array",
    "derived",
    "evaluate",
    "normal",
    "output",
    "scalar",
    "scratch",
    "updated",
    "zeros",
]


@dataclass(frozen=True)
class Launch:
    """One launch of one kernel: `kernel[grid, block, 0, shared](*arguments)`.

    Blocks in the grid and threads in a block stand x first; `shared` is the dynamic shared memory in bytes.
    `kernel` names a function of the puzzle's module. `arguments` are names of parameters, or numbers, which the kernel
    gets as int64 or float64; None stands for all parameters in order.
    """

    grid: tuple[int, ...]
    block: tuple[int, ...]
    shared: int = 0
    kernel: str = "kernel"
    arguments: tuple[str | int | float, ...] | None = None

    @property
    def threads(self) -> int:
        """Threads of the whole launch."""
        return int(np.prod(self.grid) * np.prod(self.block))


@dataclass(frozen=True)
class Tolerance:
    """|result - reference| <= relative * |reference| + absolute * scale, against a float64 reference.

    The scale is the root mean square of the reference array, so that an output of tiny numbers is compared as strictly
    as one of large ones; but not below `least`, since an output of one or two numbers may be near 0 by chance, and
    what led there was not. Whole numbers have to be equal.
    """

    relative: float = 1e-4
    absolute: float = 1e-5
    least: float = 0.0


@dataclass(frozen=True)
class Puzzle(Exercise):
    """A task for one kernel, or for several that are launched one after the other.

    The module named by `module` holds the solution as real functions, called `kernel` unless the launches say
    otherwise.

    - `sizes` are always checked, and the first is the one that examples, pictures, the prediction and par use;
      `fresh` gives a range (inclusive) for each name of the size, from which the checker draws further sizes.
    - `launch` gives, for a size, the `Launch`, or a tuple of them in order.
    - `reference` takes the "in" and "inout" arguments by name, floating point ones in float64, and returns the
      "out" and "inout" arrays in the order of `parameters` (a tuple if there are several).
    - `needs` is a formula for the fewest global reads that any right kernel makes. Left empty, every element
      of every drawn array counts once. A kernel that reads less has its numbers from elsewhere, and is refused;
      nothing else limits counters from below.
    - `par` is for optimisation puzzles.
    - For large puzzles: `rounds`, how often each listed size comes, with new inputs each time; `one_by_one`, the size
      of the run in which the threads take turns in a random order, which costs many times what the others do (left
      out, it is the first of `sizes`).
    - `report` says in a sentence what came out: of the outputs at the first size by parameter, and the reference's.

    Raises ValueError for a limit on something that is not counted.
    """

    module: str
    parameters: tuple[Parameter, ...]
    sizes: tuple[Size, ...]
    launch: Callable[[Size], Launch | tuple[Launch, ...]]
    reference: Callable[..., Any]
    limits: tuple[Limit, ...]
    hints: tuple[str, ...]
    prediction: Prediction | None = None
    par: Par | None = None
    fresh: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tolerance: Tolerance = Tolerance()
    needs: str = ""
    rounds: int = 3
    one_by_one: Size | None = None
    report: Callable[[Mapping[str, Array], Mapping[str, Array]], str] | None = None
    defect: Defect | None = None

    def __post_init__(self) -> None:
        arrays = tuple(parameter.name for parameter in self.parameters if parameter.shape)
        limited = [limit.counter for limit in self.limits]
        for counter in [*limited, self.par.counter] if self.par else limited:
            if not is_counter(counter, arrays):
                raise ValueError(f"{self.module}: nothing counts {counter!r}; puzzles/limits.py has all counters")

    @property
    def kernels(self) -> dict[str, Any]:
        """The solution: Numba's lazily compiled kernel objects by name, in the order of their first launch."""
        module = vars(sys.modules[self.module])
        return {launch.kernel: module[launch.kernel] for launch in self.launches(self.sizes[0])}

    @property
    def kernel(self) -> Any:
        """The solution of a puzzle for one kernel."""
        (kernel,) = self.kernels.values()
        return kernel

    @property
    def goals(self) -> tuple[str, ...]:
        return tuple(self.kernels)

    def emptied(self, cut: Sequence[str]) -> str:
        return "pass"

    @property
    def signatures(self) -> dict[str, str]:
        """The types of each kernel in Numba's notation, such as `void(float32[:,::1], float32)`."""
        types = {parameter.name: _numba_type(parameter) for parameter in self.parameters}
        found: dict[str, str] = {}
        for launch in self.launches(self.sizes[0]):
            names = self.arguments(launch)
            shown = [types[name] if isinstance(name, str) else _numba_number(name) for name in names]
            found.setdefault(launch.kernel, f"void({', '.join(shown)})")
        return found

    @property
    def signature(self) -> str:
        """The kernel's types, in a puzzle for one kernel."""
        (signature,) = self.signatures.values()
        return signature

    @property
    def outputs(self) -> tuple[Parameter, ...]:
        """The arrays that are compared with the reference, in order."""
        return tuple(p for p in self.parameters if p.is_result)

    def launches(self, size: Size) -> tuple[Launch, ...]:
        """All launches for one size, in order."""
        launch = self.launch(size)
        return launch if isinstance(launch, tuple) else (launch,)

    def arguments(self, launch: Launch) -> tuple[str | int | float, ...]:
        """What a launch passes: names of parameters, and numbers."""
        if launch.arguments is None:
            return tuple(parameter.name for parameter in self.parameters)
        return launch.arguments

    def footprint(self, size: Size) -> int:
        """The fewest global reads that a right kernel makes."""
        if self.needs:
            return evaluate(self.needs, size)
        drawn = [p.dimensions(size) for p in self.parameters if p.is_drawn and p.shape]
        return sum(int(np.prod(extents)) for extents in drawn)

    def size_of(self, arguments: Sequence[Any]) -> Size:
        """The size that a launch's arguments have, read off the arrays' shapes."""
        size: Size = {}
        for parameter, argument in zip(self.parameters, arguments, strict=True):
            for extent, length in zip(parameter.shape, np.shape(argument), strict=True):
                if extent.isidentifier():
                    size.setdefault(extent, length)
        return size

    def expected(self, arguments: Mapping[str, Any]) -> dict[str, Array]:
        """The reference's results for one set of arguments, by parameter."""
        inputs = {p.name: _widened(arguments[p.name]) for p in self.parameters if p.is_drawn}
        results = self.reference(**inputs)
        if not isinstance(results, tuple):
            results = (results,)
        return {p.name: np.asarray(result) for p, result in zip(self.outputs, results, strict=True)}


def _numba_type(parameter: Parameter) -> str:
    if not parameter.shape:
        return parameter.dtype
    return f"{parameter.dtype}[{':,' * (len(parameter.shape) - 1)}::1]"


def _numba_number(number: int | float) -> str:
    return "int64" if isinstance(number, int) else "float64"


def _widened(value: Any) -> Any:
    """A copy in float64 (whole numbers stay), so that the reference rounds far below the kernel."""
    value = np.array(value)
    widened = value.astype(np.float64) if value.dtype.kind == "f" else value
    return widened if widened.shape else widened[()]
