"""`Run`: what one launch did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim import view
from gpusim.codegen.signature import kinds
from gpusim.findings import Findings
from gpusim.hardware.timing import LowerBound, lower_bound
from gpusim.kernel.source import SourceBlock
from gpusim.memory.buffer import SPACES, Array
from gpusim.observe.counters import KEYS, WARP, Counters
from gpusim.observe.footprint import Footprint
from gpusim.observe.recording.recorder import Recorder
from gpusim.observe.trace import Event, Trace
from gpusim.report import html, text
from gpusim.report.monospaced import Monospaced
from gpusim.simt.launch import Launch
from gpusim.view.player import Player
from gpusim.view.player.playing import play

if TYPE_CHECKING:
    from gpusim.view.picture import Picture


Again = Callable[[int | None, bool], "tuple[Run, dict[Array, np.ndarray]]"]
"""Run a launch again, in an order of threads (or as it ran before), followed statement by statement or without checks.

Returns the run, and the memory that it may have changed as it is afterwards, uint8."""


class Counts(dict[str, Any]):
    """A dict whose keys are attributes, too; `global_` stands for "global"."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name.rstrip("_")]
        except KeyError:
            raise AttributeError(f"there is no counter '{name}'; there are {', '.join(self)}") from None


class Lines(dict[Any, Counter[str]]):
    """Counts by line number of the kernel's file, and by (file, line) for other files. Unlisted lines count 0."""

    def __missing__(self, line: Any) -> Counter[str]:
        return Counter()


class Run:
    """The record of a launch: counters, findings, and what is needed to draw it.

    `counts` holds totals by address space; `arrays` the same by name of the kernel's parameter or of
    the variable that holds a shared, local or constant array; `lines` by line. Definitions of all
    counters: gpusim/observe/README.md.
    """

    def __init__(
        self,
        launch: Launch,
        findings: Findings,
        counters: Counters | None = None,
        trace: Trace | None = None,
        recorder: Recorder | None = None,
        again: Again | None = None,
    ) -> None:
        kernel = launch.kernel
        self.kernel = kernel.name
        self.file = kernel.file
        self.line = kernel.tree.lineno
        self.grid = launch.grid
        self.block = launch.block
        self.dynamic_shared = launch.dynamic_shared
        self.static_shared = launch.static_shared
        self.function = kernel.function
        self.argument_kinds = kinds(launch.arguments.values)
        self.seconds = launch.seconds
        self.one_by_one = launch.one_by_one
        self.allocations = launch.allocations
        self.findings = findings
        self._trace = trace if trace is not None and trace.complete else None
        self.sources = [SourceBlock.of(kernel), *map(SourceBlock.of, launch.programs.device_kernels)]
        self.recorder = recorder
        self.again = again
        self._arrays = list(launch.arrays.values())
        self._counters = counters
        self.footprint = Footprint() if counters is None else counters.footprint

    @cached_property
    def counts(self) -> Counts:
        """Totals: address space -> counter -> number, and "warp", "barriers"."""
        return _totals(self._counters)

    @cached_property
    def arrays(self) -> dict[str, dict[str, Any]]:
        """Name of an array -> its space, shape, dtype and counters."""
        return _arrays(self._arrays, self._counters)

    @cached_property
    def lines(self) -> Lines:
        """Line number -> counters that are not 0."""
        return _lines(self.file, self._counters)

    @cached_property
    def trace(self) -> list[Event] | None:
        """Every access and barrier in order; None if the launch was too large to be traced unasked."""
        return None if self._trace is None else self._trace.events

    @property
    def source(self) -> list[tuple[int, str]]:
        """(line number, text) of the kernel and of the device functions it called."""
        return [(block.first_line + number, text) for block in self.sources for number, text in enumerate(block.lines)]

    def per_thread(self, space: str, counter: str) -> np.ndarray:
        """Accesses by each thread: int64 (blocks, threads per block), x fastest.

        `space` is global, shared, local or constant; `counter` is loads, stores or atomics. Raises
        `ValueError` for other names.
        """
        if space not in SPACES or counter not in ("loads", "stores", "atomics"):
            raise ValueError(f"per_thread counts loads, stores or atomics of {', '.join(SPACES)}")
        if self._counters is None:
            shape = tuple(int(np.prod(extent)) for extent in (self.grid, self.block))
            return np.zeros(shape, dtype=np.int64)
        return self._counters.per_thread(space, counter)

    def to_dict(self) -> dict[str, Any]:
        """Everything, JSON-ready."""
        return {
            "kernel": self.kernel,
            "file": self.file,
            "line": self.line,
            "grid": list(self.grid),
            "block": list(self.block),
            "counts": {key: dict(value) if isinstance(value, dict) else value for key, value in self.counts.items()},
            "seconds": self.seconds,
            "arrays": {
                name: {**counts, "dtype": str(counts["dtype"]), "shape": list(counts["shape"])}
                for name, counts in self.arrays.items()
            },
            "lines": {
                str(line) if isinstance(line, int) else f"{line[0]}:{line[1]}": dict(counts)
                for line, counts in self.lines.items()
            },
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def draw(
        self,
        block: int | tuple[int, ...] | None = None,
        thread: tuple[int, ...] | None = None,
        title: str | None = None,
    ) -> Picture:
        """A picture of what one block reads and writes; `thread` outlines one thread's cells.

        Without `block` it is that of the first finding, which is marked, else block 0.

        `title` stands at the top instead of the kernel's name.
        Needs a trace: small launches have one, for others give `simulate(kernel, trace=True)`.
        """
        return view.draw(self, block=block, thread=thread, title=title)

    def draw_blocks(self, space: str = "global", counter: str = "loads") -> Picture:
        """The grid, each block coloured by its accesses: where are the slow ones? Arguments as of `per_thread`."""
        return view.draw_blocks(self, space, counter)

    def draw_access(
        self, line: int, array: str | None = None, visit: int = 1, block: int = 0, warp: int = 0
    ) -> Picture:
        """One access of one warp, the `visit`th in `line` (to `array`): lanes against sectors or banks.

        Needs a trace, as `draw` does. Raises `GpusimError` when there is no such access.
        """
        return view.draw_access(self, line, array, visit, block, warp)

    def draw_time(self, gpu: str, registers: int | None = None) -> Picture:
        """`time` as four bars. Needs matplotlib."""
        return view.draw_roofs(self.time(gpu, registers))

    def play(self) -> Player:
        """The launch as a page to step through: in a notebook it is shown, elsewhere `.save("x.html")` writes it.

        A launch that was not recorded with `simulate(kernel, trace=True)` is run again, from its inputs as they were:
        those of small launches are kept. With a race comes a second run, in an order of threads in which it matters,
        if one is found. Raises `GpusimError` when the launch was neither recorded nor small.
        """
        return play(self)

    def time(self, gpu: str, registers: int | None = None) -> LowerBound:
        """The least time that this launch takes on a GPU ("h200", "A100", ...), and what it is bound by.

        registers: per thread; None compiles the kernel for that GPU, if NVIDIA's compiler is installed.
        Raises `GpusimError` for a GPU that is not known, or that cannot hold a block of this size.
        """
        return lower_bound(self, gpu, registers)

    def table(self) -> str:
        """The source with reads, sectors, conflicts, divergence and active lanes per line, as text to print."""
        return Monospaced(text.source(self))

    def __repr__(self) -> str:
        return text.summary(self)

    def _repr_html_(self) -> str:
        return html.summary(self)


def _totals(counters: Counters | None) -> Counts:
    if counters is None:
        zeros: dict[str, Any] = {space: Counts.fromkeys(KEYS[space], 0) for space in SPACES}
        return Counts({**zeros, "warp": Counts.fromkeys(WARP, 0), "barriers": 0})
    totals = {key: Counts(value) for key, value in counters.totals().items()}
    return Counts({**totals, "barriers": counters.barriers})


def _arrays(arrays: list[Array], counters: Counters | None) -> dict[str, dict[str, Any]]:
    """Every array of the launch, with its counts."""
    by_array = counters.by_array() if counters is not None else {}
    result: dict[str, dict[str, Any]] = {}
    for array in arrays:
        counts = by_array.get(array) or dict.fromkeys(KEYS[array.space], 0)
        result[array.name] = {"space": array.space, "shape": array.shape, "dtype": array.dtype, **counts}
    return result


def _lines(kernel_file: str, counters: Counters | None) -> Lines:
    lines = Lines()
    if counters is not None:
        for (file, line), counts in sorted(counters.by_line().items()):
            lines[line if file == kernel_file else (file, line)] = Counter(counts)
    return lines
