"""What happened while numba.cuda was simulated: launches and findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gpusim.errors import KernelError
from gpusim.findings import Finding, Findings
from gpusim.host.heap import HeapStatistics
from gpusim.host.journal import Journal
from gpusim.report.run import Run
from gpusim.simulator import Check

if TYPE_CHECKING:
    from numba.cuda.dispatcher import CUDADispatcher


class Session:
    """The time between `gpusim.install()` and `gpusim.uninstall()`; a context manager.

    `launches` has one summary (the launch fields of the command line's JSON) per launch, `findings`
    every defect once, with a count over all launches, and `runs` the most recent `Run` of each kernel.
    `journal` takes what child processes did.
    """

    def __init__(self, check: Check, stop: Callable[[], None]) -> None:
        self.check = check
        self.launches: list[dict[str, Any]] = []
        self.runs: dict[tuple[str, str, int], Run] = {}
        self.findings = Findings()
        self.heap = HeapStatistics()
        self.declared: list[tuple[CUDADispatcher, Any]] = []
        self.journal: Journal | None = None
        self._stop = stop

    def record(self, run: Run) -> None:
        """Keep what is needed of a finished launch; its events and arrays are let go."""
        summary = run.to_dict()
        launch = {key: summary[key] for key in ("kernel", "file", "line", "grid", "block", "counts", "seconds")}
        self.runs[run.kernel, run.file, run.line] = run
        self.keep(launch, run.findings)
        self.heap.add(run.allocations)
        if self.journal is not None and not self.journal.is_own:
            self.journal.write((launch, run.findings))

    def keep(self, launch: dict[str, Any], findings: Iterable[Finding]) -> None:
        """Add the summary of a launch, and its findings."""
        self.launches.append(launch)
        for finding in findings:
            self.findings.add(finding)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Keep what a launch did until an error ended it."""
        try:
            yield
        except KernelError as error:
            if error.run is not None:
                self.record(error.run)
            raise

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `python -m gpusim run`."""
        return {
            "schema": 1,
            "launches": self.launches,
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def forget_declared(self) -> None:
        """Take the device functions that were only declared out of Numba's dispatchers, its own included."""
        for dispatcher, argtypes in self.declared:
            if dispatcher._can_compile:  # with a signature of its own there is nothing to compile again
                dispatcher.overloads.pop(argtypes, None)
        self.declared.clear()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop()
