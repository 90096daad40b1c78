"""The launch that a verdict is about once more, to look at: its steps, and what came out beside what should have.

A verdict names its seed, and with it every case. The kernels run again on the arrays of the last case that was judged,
recorded this time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

import gpusim
from gpusim import view
from gpusim.errors import GpusimError
from gpusim.findings import Finding
from gpusim.observe.recording.packing import HARD_LIMIT, Recording
from gpusim.observe.recording.spots import LAST
from gpusim.view.player import Player
from gpusim.view.player.playing import recording_of
from puzzles.check.cases import Case, cases
from puzzles.check.compare import close, tolerance_of
from puzzles.check.launch import array_names, launch_run
from puzzles.check.outcome import SERIOUS
from puzzles.describe import size_text
from puzzles.spec import Array, Puzzle, Tolerance
from puzzles.verdict import Verdict

SHOWN = 8
"""Launches that a page of a failed check holds: the one in which something can be seen, and those before it."""


@dataclass(frozen=True)
class Difference:
    """An output of the case: what the reference says, what the kernel left, and where they are not close (bool)."""

    name: str
    expected: Array
    got: Array
    wrong: Array

    def picture(self, size: str) -> str:
        """SVG: expected, got, and the difference. Raises GpusimError without the drawing library."""
        return view.draw_difference(self.expected, self.got, self.wrong, f"{self.name} for {size}").svg


@dataclass(frozen=True)
class Replay:
    """The case's size in words, its launches to step through (None if none began), and the outputs that are wrong."""

    size: str
    player: Player | None
    differences: tuple[Difference, ...]

    def pictures(self) -> list[str]:
        """SVG of every output that is wrong; none without the drawing library."""
        try:
            return [difference.picture(self.size) for difference in self.differences]
        except GpusimError:
            return []


@dataclass(frozen=True)
class Recorded:
    """The launches of a case: that in which something can be seen comes first. `still` draws it."""

    recordings: tuple[Recording, ...] = ()
    at_finding: bool = False
    still: Callable[[], str] = str

    @property
    def player(self) -> Player | None:
        """None where no launch began."""
        return Player(self.recordings, self.still, at_finding=self.at_finding) if self.recordings else None


def replay(kernels: Mapping[str, Any], puzzle: Puzzle, verdict: Verdict) -> Replay:
    """Run the verdict's last case again; of a kernel that failed it is the one that it failed."""
    case = case_of(puzzle, verdict)
    expected = puzzle.expected(case.arguments)
    tolerance = tolerance_of(puzzle)
    found = recorded(kernels, case, expected, tolerance)
    wrong = differences(expected, case.arguments, tolerance)
    return Replay(size_text(case.size), found.player, wrong)


def performance(puzzle: Puzzle) -> Player | None:
    """The solution's launches at the first size, to step through; many launches at the smallest size that is checked.

    A page holds the recordings of all of them, each up to 2 MB.
    """
    case = next(cases(puzzle, seed=0))
    if len(case.launches) > SHOWN:
        *_, smallest = cases(puzzle, seed=0)
        case = replace(smallest, order=None, resident=None)
    runs, _ = _runs(puzzle.kernels, case)
    recordings = [recording_of(run, HARD_LIMIT, _title(number, case)) for number, run in enumerate(runs, 1)]
    return Recorded(tuple(recordings), still=partial(_still, runs[0])).player if runs else None


def case_of(puzzle: Puzzle, verdict: Verdict) -> Case:
    """The last case that was judged, with arguments as before its launches."""
    return next(islice(cases(puzzle, verdict.seed), max(0, len(verdict.launches) - 1), None))


def differences(
    expected: Mapping[str, Array], got: Mapping[str, Array], tolerance: Tolerance
) -> tuple[Difference, ...]:
    """The outputs that are not as they should be."""
    found = [
        Difference(name, right, got[name], ~close(got[name], right, tolerance)) for name, right in expected.items()
    ]
    return tuple(difference for difference in found if difference.wrong.any())


def recorded(kernels: Mapping[str, Any], case: Case, expected: Mapping[str, Array], tolerance: Tolerance) -> Recorded:
    """Run a case, whose arguments the kernels overwrite, and record it."""
    runs, names = _runs(kernels, case)
    if not runs:
        return Recorded()
    wrong = differences(expected, case.arguments, tolerance)
    results = [_results(run, own, wrong) for run, own in zip(runs, names, strict=True)]
    first = _guilty(runs, results)
    found = results[first]
    start = max(0, first + 1 - SHOWN)
    recordings = [
        recording_of(run, HARD_LIMIT, _title(number, case), found if number == first + 1 else [])
        for number, run in enumerate(runs[start : start + SHOWN], start + 1)
    ]
    at = first - start
    others = recordings[:at] + recordings[at + 1 :]
    shown = (recordings[at], *_other_orders(runs[first], found), *others)
    return Recorded(shown, not found, partial(_still, runs[first]))


def _guilty(runs: Sequence[gpusim.Run], results: Sequence[Sequence[Finding]]) -> int:
    """The first launch in which something was found; else the last that stored a wrong element; else the last."""
    for number, run in enumerate(runs):
        if any(finding.severity in SERIOUS for finding in run.findings):
            return number
    return max((number for number, found in enumerate(results) if found), default=len(runs) - 1)


def _title(number: int, case: Case) -> str:
    return f"launch {number} of {len(case.launches)}" if len(case.launches) > 1 else ""


def _runs(kernels: Mapping[str, Any], case: Case) -> tuple[list[gpusim.Run], list[dict[str, str]]]:
    """The launches of a case, recorded, up to one that fails; and their own names of the puzzle's arrays."""
    arrays = {name: value for name, value in case.arguments.items() if np.ndim(value)}
    runs: list[gpusim.Run] = []
    names: list[dict[str, str]] = []
    for launch in case.launches:
        kernel = kernels[launch.kernel]
        try:
            run = launch_run(kernel, launch, case, trace=True)
        except gpusim.KernelError as error:
            run = error.run
        except Exception:  # what the verdict has said already: the simulator cannot run this kernel
            return runs, names
        if run is None or run.recorder is None:
            return runs, names
        runs.append(run)
        names.append(array_names(kernel, launch, arrays))
        if any(finding.severity in SERIOUS for finding in run.findings):
            break
    return runs, names


def _other_orders(run: gpusim.Run, results: list[Finding]) -> tuple[Recording, ...]:
    """Of a race that the result does not show: an order of threads in which it does, if one is found."""
    if results or not any(finding.tool == "racecheck" for finding in run.findings):
        return ()
    recordings: tuple[Recording, ...] = run.play().recordings
    return recordings[1:]


def _results(run: gpusim.Run, names: Mapping[str, str], wrong: Sequence[Difference]) -> list[Finding]:
    """The first wrong element of each output, at the store that made it so, if a store of this launch did."""
    found = []
    for difference in wrong:
        own = names.get(difference.name)
        recorder = run.recorder
        assert recorder is not None  # the launch was recorded
        array = next((a for a in recorder.log.arrays if a.name == own and a.space == "global"), None)
        if array is None:
            continue
        element = int(np.flatnonzero(difference.wrong)[0])
        writer = recorder.last_writer(array, element)
        if writer is None:
            continue
        at = tuple(int(i) for i in np.unravel_index(element, difference.got.shape))
        value, right = _number(difference.got[at]), _number(difference.expected[at])
        found.append(
            Finding(
                tool="puzzles",
                kind=LAST,
                severity="error",
                message=f"{own}[{', '.join(map(str, at))}] ends as {value} here, and should be {right}",
                space="global",
                array=own,
                kernel=run.kernel,
                element=element,
                **writer,
            )
        )
    return found


def _number(value: Any) -> str:
    return f"{value:.6g}" if np.issubdtype(type(value), np.floating) else str(value)


def _still(run: gpusim.Run) -> str:
    """A picture for where no script runs."""
    try:
        return "" if run.trace is None else view.draw(run).svg
    except GpusimError:
        return ""
