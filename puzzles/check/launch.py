"""Makes the launches of a check on the simulator and records what each one left behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import gpusim
from gpusim.errors import GpusimError, MemoryFault
from gpusim.kernel.source import Kernel
from puzzles.check.cases import Case, cases
from puzzles.check.outcome import Outcome
from puzzles.spec import Puzzle

SPACES = ("global", "shared")

COUNTERS = ("loads", "stores", "atomics")

STEP_LIMIT = 5_000
"""Iterations after which a `while` counts as endless: far more than the inputs of any puzzle have elements a row."""


def launches(kernel: Any, puzzle: Puzzle, seed: int) -> Iterator[Outcome]:
    """One outcome for each case, up to and including the first launch that fails."""
    for case in cases(puzzle, seed):
        outcome = launch(kernel, puzzle, case)
        yield outcome
        if outcome.error:
            return


def launch(kernel: Any, puzzle: Puzzle, case: Case) -> Outcome:
    """Launch `kernel` as the puzzle says, with the case's own arrays, which the kernel overwrites."""
    arrays = {name: value for name, value in case.arguments.items() if np.ndim(value)}
    shape = puzzle.launch(case.size)
    try:
        names = _parameter_names(kernel, puzzle)
        simulator = gpusim.simulate(kernel, step_limit=STEP_LIMIT)
        run = simulator[shape.grid, shape.block](*case.arguments.values())
    except MemoryFault as fault:
        return Outcome(arrays, error=fault.finding.message, error_line=fault.finding.line)
    except GpusimError as error:
        site = getattr(error, "site", None)
        message = error.message if isinstance(error, gpusim.KernelError) else str(error)
        return Outcome(arrays, error=message, error_line=site.line if site else None)
    busiest = {space: {counter: int(run.per_thread(space, counter).max()) for counter in COUNTERS} for space in SPACES}
    return Outcome(
        arrays=arrays,
        counts=run.to_dict()["counts"],
        busiest=busiest,
        writes={name: run.arrays[names[name]]["stores"] + run.arrays[names[name]]["atomics"] for name in arrays},
        findings=[finding.to_dict() for finding in run.findings],
    )


def _parameter_names(kernel: Any, puzzle: Puzzle) -> dict[str, str]:
    """The learner's own name for each of the puzzle's parameters. Raises KernelError."""
    given = Kernel.of(kernel).parameters
    wanted = [parameter.name for parameter in puzzle.parameters]
    if len(given) != len(wanted):
        raise gpusim.KernelError(
            f"kernel({', '.join(given)}) has {len(given)} parameter{'s' * (len(given) != 1)}, but the puzzle "
            f"passes {len(wanted)}: kernel({', '.join(wanted)})."
        )
    return dict(zip(wanted, given, strict=True))
