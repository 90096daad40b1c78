"""One puzzle's solution, run at one size: its reads counted, its result compared with torch."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

import gpusim
from gpusim.report.tables import Column, Row, Table, number
from puzzles.catalog import load_kernel
from puzzles.check.cases import cases
from puzzles.spec import Limit, Puzzle, Size
from puzzles.tour.check import Check

Reference = Callable[[Mapping[str, torch.Tensor]], torch.Tensor]
"""From a kernel's arguments by name, before the launch, to what its first output must hold."""

SEED = 0


@dataclass(frozen=True)
class Measurement:
    """A launch of a puzzle's solution.

    `error` is the largest absolute difference between the kernel's first output and torch's result, and
    `allowed` the largest that the puzzle's tolerance accepts for values of this magnitude.
    """

    puzzle: Puzzle
    size: Size
    run: gpusim.Run
    error: float
    allowed: float

    @property
    def limit(self) -> Limit:
        """The puzzle's limit on global reads, which the solution meets exactly."""
        return next(limit for limit in self.puzzle.limits if limit.counter == "global loads")

    @property
    def by_hand(self) -> int:
        """Global reads by the formula that the learner is given."""
        return self.limit.bound(self.size)

    @property
    def reads(self) -> int:
        """Global reads that the simulator counted."""
        return int(self.run.counts["global"]["loads"])

    @property
    def writes(self) -> int:
        """Global writes that the simulator counted."""
        return int(self.run.counts["global"]["stores"])

    @property
    def per_thread(self) -> float:
        """Global reads of a thread, on average over all threads of the launch."""
        return self.reads / (math.prod(self.run.grid) * math.prod(self.run.block))

    def checks(self) -> list[Check]:
        """The counted reads are those of the formula, the result is torch's, and nothing was found wrong."""
        name = f"{self.puzzle.id} at {size_words(self.size)}"
        return [
            Check(f"{name}: {self.by_hand} reads by hand, {self.reads} measured", self.by_hand == self.reads),
            Check(
                f"{name}: differs from torch by {self.error:.1e}, allowed are {self.allowed:.1e}",
                self.error <= self.allowed,
            ),
            Check(f"{name}: {len(self.run.findings)} findings", not self.run.findings),
        ]


def measure(name: str, reference: Reference, size: Size | None = None) -> Measurement:
    """Run the solution of the puzzle `name` on random inputs of `size` (default: its first listed one)."""
    puzzle = load_kernel(name)
    size = puzzle.sizes[0] if size is None else size
    case = next(cases(replace(puzzle, sizes=(size,)), SEED))
    expected = reference({name: torch.tensor(value) for name, value in case.arguments.items()}).numpy()
    (launch,) = puzzle.launches(size)
    run = gpusim.simulate(puzzle.kernel)[launch.grid, launch.block](*case.arguments.values())
    difference = np.abs(case.arguments[puzzle.outputs[0].name].astype(np.float64) - expected)
    tolerance = puzzle.tolerance
    allowed = tolerance.absolute + tolerance.relative * float(np.abs(expected).max())
    return Measurement(puzzle, size, run, float(difference.max()), allowed)


def reads_table(title: str, measurements: Mapping[str, Measurement]) -> Table:
    """Reads by hand and measured, reads per thread, and the error, for each named measurement."""
    headings = ("reads by hand", "reads measured", "reads per thread", "writes", "error")
    rows = tuple(
        Row(
            (
                name,
                number(m.by_hand),
                number(m.reads),
                number(round(m.per_thread, 1)),
                number(m.writes),
                f"{m.error:.0e}" if m.error else "0",
                readable(m.limit.formula),
            )
        )
        for name, m in measurements.items()
    )
    columns = (Column("kernel", False), *(Column(h) for h in headings), Column("reads by formula", False))
    return Table(title, columns, rows)


def size_words(size: Size) -> str:
    """`m = 5, k = 7`"""
    return ", ".join(f"{name} = {value}" for name, value in size.items())


def readable(formula: str) -> str:
    """A limit's Python expression as mathematics, as far as that is shorter: `2 n³ / 3`."""
    formula = re.sub(r"sum\((.+) for (\w+) in range\(0, (\w+), (\w+)\)\)", r"Σ \1, \2 = 0, \4, … < \3", formula)
    text = re.sub(r"ceil\(([^()]*)\)", lambda found: f"⌈{found[1].replace(' ', '')}⌉", formula)
    text = text.replace("**2", "²").replace("**3", "³").replace("//", "/")
    text = text.replace("beta != 0", "β ≠ 0")
    return re.sub(r"\s*\*\s*", " ", text)
