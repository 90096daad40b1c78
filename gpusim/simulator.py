"""`gpusim.simulate`: launch a kernel on the simulated GPU."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from functools import partial
from types import FunctionType
from typing import Any, Literal, get_args

import numpy as np

from gpusim.device.surface import numba_surface
from gpusim.errors import GpusimError, KernelError, NeedsThreads, PartialGrid
from gpusim.events.observer import Observer
from gpusim.infer.types import types_of
from gpusim.kernel.source import Kernel, python_function
from gpusim.lower import Program, ProgramCache
from gpusim.machine.configuration import Configuration
from gpusim.memory.buffer import Array
from gpusim.observe.aliasing import DynamicTypes
from gpusim.observe.counters import Counters
from gpusim.observe.initcheck import Initcheck
from gpusim.observe.memcheck import Collector, Memcheck
from gpusim.observe.recording.recorder import Recorder
from gpusim.observe.race.racecheck import Racecheck
from gpusim.observe.sync.barriers import Synccheck
from gpusim.observe.sync.warps import WarpSynccheck
from gpusim.observe.trace import Trace
from gpusim.report.run import Again, Run
from gpusim.simt.arguments import Arguments
from gpusim.simt.joins import Types
from gpusim.simt.launch import Launch
from gpusim.simt.policies.lockstep import run_lockstep

TOOLS = ("memcheck", "racecheck", "initcheck", "synccheck")
"""The checks, in the order in which reports list them."""

TRACED_THREADS = 1024
TRACED_ACCESSES = 50_000
"""Launches of up to this many threads are traced, up to this many accesses, so that they can be drawn."""

KEPT_BYTES = 1 << 18
"""Of such launches the inputs are kept, up to this many bytes, so that they can be run again and played."""

STEP_LIMIT = 100_000
"""Iterations after which a `while` counts as endless."""

SchedulerName = Literal["auto", "lockstep", "threads"]
Check = Literal["all", "none"] | Iterable[str]


class Simulator:
    """A kernel on the simulator: `simulator[grid, block](*arguments)` returns a `Run`."""

    def __init__(
        self,
        kernel: Any,
        tools: frozenset[str],
        trace: bool,
        scheduler: SchedulerName,
        step_limit: int,
        order: int | None = None,
    ) -> None:
        self._kernel = kernel
        self._lowered = _lowered(kernel, followed=trace)
        self._tools = tools
        self._trace = trace
        self._scheduler = scheduler
        self._step_limit = step_limit
        self._order = order

    def __getitem__(self, configuration: Any) -> BoundSimulator:
        kernel = self._lowered[0].kernel
        return BoundSimulator(self, Configuration.of(configuration, kernel.name))

    def __call__(self, *arguments: Any) -> Run:
        """Kernels need a launch configuration."""
        name = self._lowered[0].kernel.name
        raise KernelError(f"launch kernel '{name}' with a configuration: simulate({name})[grid, block](...)")

    def launch(self, configuration: Configuration, arguments: tuple[Any, ...]) -> Run:
        values = Arguments.of(self._lowered[0].kernel, arguments)
        return self._start(configuration, values, self._again(configuration, values))

    def _start(self, configuration: Configuration, values: Arguments, again: Again | None) -> Run:
        """Run a launch with the scheduler that it needs; `again` is how to do that once more."""
        program, programs = self._lowered
        types = types_of(program, programs, values, configuration.dynamic_shared)
        if self._scheduler == "threads":
            return self._run(configuration, values, types, partial(_run_threads, order=self._order), again)
        if self._scheduler == "lockstep" or not (program.may_wait or types.diverges):
            return self._run(configuration, values, types, run_lockstep, again)
        memory = values.snapshot()
        try:
            return self._run(configuration, values, types, run_lockstep, again)
        except PartialGrid:  # only now is it known that a device function synchronises the grid
            memory.restore()
            return self._run(configuration, values, types, run_lockstep, again)
        except NeedsThreads:
            memory.restore()
            return self._run(configuration, values, types, _run_threads, again)

    def _again(self, configuration: Configuration, values: Arguments) -> Again | None:
        """How to run the launch again from its inputs as they are now; None for one that is not small."""
        if configuration.threads > TRACED_THREADS or values.bytes > KEPT_BYTES:
            return None
        kept = values.copied()

        def again(order: int | None, followed: bool) -> tuple[Run, dict[Array, np.ndarray]]:
            tools = self._tools if followed else frozenset[str]()
            scheduler, seed = (self._scheduler, self._order) if order is None else ("threads", order)
            simulator = Simulator(self._kernel, tools, followed, scheduler, self._step_limit, seed)
            inputs = kept.copied()
            try:
                run = simulator._start(configuration, inputs, None)
            except KernelError as error:
                if error.run is None:
                    raise
                run = error.run
            return run, inputs.memory

        return again

    def _run(
        self,
        configuration: Configuration,
        values: Arguments,
        types: Types,
        scheduler: Callable[[Launch], None],
        again: Again | None,
    ) -> Run:
        """Launch once, with observers of its own."""
        program, programs = self._lowered
        counters, collector = Counters(), Collector(self._tools)
        observers: list[Observer] = [collector, counters]
        if "memcheck" in self._tools:
            observers.append(Memcheck(collector))
            if configuration.dynamic_shared:
                observers.append(DynamicTypes(collector))
        if "racecheck" in self._tools:
            observers.append(Racecheck(collector))
        if "initcheck" in self._tools:
            observers.append(Initcheck(collector))
        if "synccheck" in self._tools:
            observers += [Synccheck(collector), WarpSynccheck(collector)]
        trace = self._tracer(configuration)
        if trace is not None:
            observers.append(trace)
        recorder = Recorder() if program.followed else None
        if recorder is not None:
            observers.append(recorder)
        launch = Launch(program, programs, configuration, values, observers, self._step_limit, types)
        try:
            launch.run(scheduler)
        except KernelError as error:
            error.run = Run(launch, counters, collector, trace, recorder, again)
            raise
        return Run(launch, counters, collector, trace, recorder, None if values.captures else again)

    def _tracer(self, configuration: Configuration) -> Trace | None:
        if self._trace:
            return Trace(None)
        return Trace(TRACED_ACCESSES) if configuration.threads <= TRACED_THREADS else None


class BoundSimulator:
    """A kernel with its launch configuration."""

    def __init__(self, simulator: Simulator, configuration: Configuration) -> None:
        self._simulator = simulator
        self._configuration = configuration

    def __call__(self, *arguments: Any) -> Run:
        """Run the launch. Arrays are changed in place, as they are when a GPU run copies them back.

        Raises `KernelError` (bad code, bad arguments, an endless loop) or `MemoryFault` (an access
        outside an array).
        """
        try:
            return self._simulator.launch(self._configuration, arguments)
        except GpusimError as error:
            error.__cause__ = None
            raise error.with_traceback(None) from None


def simulate(
    kernel: Any,
    check: Check = "all",
    trace: bool = False,
    scheduler: SchedulerName = "auto",
    step_limit: int = STEP_LIMIT,
    order: int | None = None,
) -> Simulator:
    """Prepare a kernel for the simulated GPU: `simulate(kernel)[grid, block](*arguments)`.

    kernel: what `@cuda.jit` returned, or a plain Python function.
    check: "all", "none", or the names of tools ("memcheck",
        "racecheck", "initcheck", "synccheck"). Without memcheck an access
        outside an array reads zero or is dropped.
    trace: record every access whatever the size of the launch (small launches always are).
    scheduler: "lockstep" runs all threads of many blocks at the same statement, and is fast; "threads" runs
        each thread by itself, for kernels whose threads wait for each other, and for debuggers; "auto"
        starts in lockstep and, when lanes wait in vain, starts again with threads.
    step_limit: iterations after which a `while` loop is reported as endless.
    order: a seed for scheduler="threads", whose threads then run in a random order, the same for the same seed, and
        may be overtaken before any access to memory. None: as they are numbered.

    Raises `ValueError` for an unknown scheduler or tool and for an order of other schedulers, and `KernelError` when
    the kernel's source cannot be read or uses what a kernel cannot.
    """
    if scheduler not in get_args(SchedulerName):
        raise ValueError(f"unknown scheduler {scheduler!r}; there are {', '.join(get_args(SchedulerName))}")
    if order is not None and scheduler != "threads":
        raise ValueError(f"order={order} is an order of threads: give it with scheduler='threads'")
    return Simulator(kernel, chosen_tools(check), trace, scheduler, step_limit, order)


def chosen_tools(check: Check) -> frozenset[str]:
    """The tools that a `check` argument names; raises `ValueError` for an unknown one."""
    if check == "all":
        return frozenset(TOOLS)
    if check == "none":
        return frozenset()
    names = frozenset((check,) if isinstance(check, str) else check)
    unknown = names - set(TOOLS)
    if unknown:
        raise ValueError(f"unknown check {', '.join(sorted(unknown))}; there are {', '.join(TOOLS)}, all and none")
    return names


def _run_threads(launch: Launch, order: int | None = None) -> None:
    """The threads scheduler. It alone needs greenlet, without which everything else works."""
    try:
        from gpusim.simt.policies.order import RandomOrder
        from gpusim.simt.policies.threads import run_threads
    except ModuleNotFoundError as missing:
        raise KernelError(
            f"kernel '{launch.kernel.name}' needs its threads to run one by one, for which the package "
            f"{missing.name} is not installed: pip install {missing.name}"
        ) from None
    run_threads(launch, None if order is None else RandomOrder(order))


_Lowered = tuple[Program, ProgramCache]
_programs: weakref.WeakKeyDictionary[FunctionType, dict[tuple[bool, bool], _Lowered]] = weakref.WeakKeyDictionary()


def _lowered(target: Any, followed: bool = False) -> _Lowered:
    """The program of a kernel, lowered once in the life of its function, as Numba compiles once.

    One that is to be `followed`, statement by statement, is a program of its own, so that others need not announce any.
    """
    function = python_function(target)
    options = getattr(target, "targetoptions", None) or {}
    debug = bool(options.get("debug")) and not options.get("fastmath")
    known = _programs.get(function, {}).get((debug, followed)) if function is not None else None
    if known is None:
        try:
            kernel = Kernel.of(target)
            programs = ProgramCache(numba_surface(), debug, followed)
            known = Program(kernel, programs), programs
        except GpusimError as error:
            raise error.with_traceback(None) from None
        _programs.setdefault(kernel.function, {})[debug, followed] = known
    return known


def forget(target: Any) -> None:
    """Lower a kernel anew when it is used next, as Numba's `recompile` does: globals may have changed."""
    function = python_function(target)
    if function is not None:
        _programs.pop(function, None)
