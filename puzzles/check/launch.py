"""Makes the launches of a case on the simulator and records what they left behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Literal

import numpy as np

import gpusim
from gpusim.kernel.source import Kernel
from puzzles.check import gpu
from puzzles.check.cases import Case
from puzzles.check.counters import counters
from puzzles.check.outcome import SERIOUS, Outcome
from puzzles.spec import Launch

STEP_LIMIT = 5_000
"""Iterations after which a `while` counts as endless: far more than the inputs of any puzzle have elements a row."""

WORK_LIMIT = 500_000
"""Rounds of loops and calls of functions in a launch: fourteen times what the longest of our solutions needs."""


_FOR_PROGRAMS = " (raise the limit"
"""Begins advice about options of `simulate`, which a learner cannot give."""


def outcomes(kernels: Mapping[str, Any], cases: Iterable[Case], on_gpu: bool = False) -> Iterator[Outcome]:
    """One outcome for each case, up to and including the first that fails."""
    run = gpu.run_case if on_gpu else run_case
    for case in cases:
        outcome = run(kernels, case)
        yield outcome
        if outcome.error:
            return


def run_case(kernels: Mapping[str, Any], case: Case) -> Outcome:
    """Launch the kernels, by name, as the case says, with the case's own arrays, which they overwrite."""
    arrays = {name: value for name, value in case.arguments.items() if np.ndim(value)}
    runs: list[gpusim.Run] = []
    parameters: list[dict[str, str]] = []
    try:
        for launch in case.launches:
            runs.append(launch_run(kernels[launch.kernel], launch, case))
            parameters.append(array_names(kernels[launch.kernel], launch, arrays))
            if any(finding.severity in SERIOUS for finding in runs[-1].findings):
                break
    except gpusim.KernelError as error:
        told = error.message.partition(_FOR_PROGRAMS)[0]
        return Outcome(arrays, error=told, error_line=error.site.line if error.site else None)
    except RecursionError:
        return Outcome(arrays, error="An expression of this kernel is nested too deeply for the simulator.")
    except MemoryError:
        return Outcome(arrays, error="This kernel needs more memory than a check may take.")
    except Exception as error:  # a learner's kernel may be stranger than the simulator expects
        return Outcome(arrays, error=f"The simulator cannot run this kernel ({type(error).__name__}: {error}).")
    return Outcome(
        arrays=arrays,
        counters=counters(runs, parameters),
        writes={name: sum(map(partial(_writes, name), runs, parameters)) for name in arrays},
        findings=[finding.to_dict() for run in runs for finding in run.findings],
    )


def launch_run(kernel: Any, launch: Launch, case: Case, trace: bool = False) -> gpusim.Run:
    """One launch of a case; with `trace`, recorded step by step. Raises KernelError."""
    given, wanted = Kernel.of(kernel).parameters, launch.arguments or ()
    if len(given) != len(wanted):
        raise gpusim.KernelError(
            f"{launch.kernel}({', '.join(given)}) has {len(given)} parameter{'s' * (len(given) != 1)}, but the puzzle "
            f"passes {len(wanted)}: {launch.kernel}({', '.join(map(str, wanted))})."
        )
    values = [case.arguments[name] if isinstance(name, str) else name for name in wanted]
    scheduler: Literal["auto", "threads"] = "auto" if case.order is None else "threads"
    simulator = gpusim.simulate(
        kernel,
        trace=trace,
        scheduler=scheduler,
        step_limit=STEP_LIMIT,
        order=case.order,
        resident=case.resident,
        work_limit=WORK_LIMIT,
    )
    return simulator[launch.grid, launch.block, 0, launch.shared](*values)


def array_names(kernel: Any, launch: Launch, arrays: Mapping[str, Any]) -> dict[str, str]:
    """The learner's own name for each of the puzzle's arrays that the launch passes."""
    pairs = zip(launch.arguments or (), Kernel.of(kernel).parameters, strict=True)
    return {name: own for name, own in pairs if isinstance(name, str) and name in arrays}


def _writes(name: str, run: gpusim.Run, names: Mapping[str, str]) -> int:
    """Bytes that a launch wrote to one of the puzzle's arrays."""
    if name not in names:
        return 0
    counts = run.arrays[names[name]]
    return int(counts["store_bytes"] + counts["atomics"] * counts["dtype"].itemsize)
