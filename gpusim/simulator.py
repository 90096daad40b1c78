"""`gpusim.simulate`: launch a kernel on the simulated GPU.

`simulated` is the whole story of a launch on one page: read the kernel, lower it, infer its types, choose who
observes, run it, record what happened. Each stage is a room of this package.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from types import FunctionType
from typing import Any, Literal, get_args

import numpy as np

from gpusim.device.surface import numba_surface
from gpusim.errors import GpusimError, KernelError, NeedsThreads, PartialGrid
from gpusim.events.observer import Observer
from gpusim.findings import Finding, Findings
from gpusim.hardware.cooperative import check_cooperative
from gpusim.infer.doubts import own_words
from gpusim.infer.types import Learned, ask, learn
from gpusim.kernel.constants import forget_constants
from gpusim.kernel.source import Kernel, python_function
from gpusim.lower import Program, ProgramCache
from gpusim.machine.configuration import Configuration
from gpusim.memory.buffer import Array
from gpusim.observe.counters import Counters
from gpusim.observe.recording.recorder import Recorder
from gpusim.observe.tools import TOOLS
from gpusim.observe.trace import Trace
from gpusim.report.run import Again, Run
from gpusim.simt.arguments import Arguments
from gpusim.simt.joins import Type, Types
from gpusim.simt.launch import Launch
from gpusim.simt.policies.lockstep import run_lockstep
from gpusim.simt.policies.order import RandomOrder

TRACED_THREADS = 1024
TRACED_ACCESSES = 50_000
"""Launches of up to this many threads are traced, up to this many accesses, so that they can be drawn."""

KEPT_BYTES = 1 << 18
"""Of such launches the inputs are kept, up to this many bytes, so that they can be run again and played."""

STEP_LIMIT = 100_000
"""Iterations after which a `while` counts as endless."""

SchedulerName = Literal["auto", "lockstep", "threads"]
Scheduler = Callable[[Launch], None]
Watcher = str | Observer | type[Observer]
Check = Literal["all", "none"] | Iterable[Watcher] | Watcher

_LIBRARY = os.path.join("numba", "cuda", "kernels", "")


@dataclass(frozen=True)
class Options:
    """How to simulate: names of checks, observers of the user's, and what `simulate` says of the rest."""

    tools: frozenset[str]
    watchers: tuple[Observer | type[Observer], ...]
    trace: bool
    scheduler: SchedulerName
    step_limit: int
    order: int | None = None
    resident: int | None = None
    work_limit: int | None = None


@dataclass
class Lowered:
    """A kernel's program, and those of the device functions that it calls.

    `accepted`: Numba's compiler has been asked about the kernel already.
    """

    program: Program
    programs: ProgramCache
    accepted: bool = False


class Compiled:
    """A kernel as Numba keeps it: a program for each combination of argument types, made when it is first needed.

    So each has the values that globals and closure variables had at that time.
    """

    def __init__(self, kernel: Kernel, debug: bool, followed: bool) -> None:
        self.kernel = kernel
        self.debug = debug
        self.followed = followed
        self._by_types: dict[tuple[Type, ...], Lowered] = {}

    def lowered(self, types: tuple[Type, ...]) -> Lowered:
        """The program for arguments of these types."""
        known = self._by_types.get(types)
        if known is None:
            known = self._by_types[types] = lower(self.kernel, self.debug, self.followed)
        return known


class Specialization:
    """A kernel that Numba has compiled for one combination of argument types: one program, made there and then."""

    def __init__(self, target: Any) -> None:
        self.kernel = read(target)
        self._program = lower(self.kernel, _debugs(target), followed=False)

    def lowered(self, types: tuple[Type, ...]) -> Lowered:
        """The program, whatever the arguments turn out to be."""
        return self._program

    def accept(self) -> None:
        """Numba has been asked, and compiles the kernel."""
        self._program.accepted = True

    def is_certain(self, given: tuple[Any, ...]) -> bool:
        """Does Numba surely compile the kernel for arguments of the types that `given` have?"""
        return self._learned(given).certain

    def told(self, given: tuple[Any, ...]) -> KernelError | None:
        """What the simulator itself has to say against the kernel, for the same arguments."""
        return own_words(self._learned(given).doubts)

    def _learned(self, given: tuple[Any, ...]) -> Learned:
        arguments = Arguments.of(self.kernel, given)
        lowered = self._program
        return learn(lowered.program, lowered.programs, arguments, arguments.types, dynamic_shared=0)


@dataclass(frozen=True)
class Observed:
    """Who watches a launch, and what they find."""

    observers: list[Observer]
    counters: Counters
    trace: Trace | None
    recorder: Recorder | None
    findings: Findings


def simulated(
    compiled: Compiled | Specialization, configuration: Configuration, given: tuple[Any, ...], options: Options
) -> Run:
    """One launch, from its arguments to its record."""
    arguments = read_arguments(compiled.kernel, given)
    lowered = compiled.lowered(arguments.types)
    return execute(lowered, configuration, arguments, options, keep(lowered, configuration, arguments, options))


def execute(
    lowered: Lowered, configuration: Configuration, arguments: Arguments, options: Options, again: Again | None
) -> Run:
    """Run a launch with the scheduler that it needs; `again` is how to do that once more."""
    types = infer(lowered, arguments, configuration)
    if lowered.programs.cooperative:
        check_grid(lowered, configuration, types)

    def attempt(scheduler: Scheduler) -> Run:
        observed = observe(lowered, configuration, options)
        launch = Launch(
            *(lowered.program, lowered.programs, configuration, arguments),
            *(observed.observers, partial(_report, observed.findings), options.step_limit, types),
            options.work_limit,
        )
        try:
            launch.run(scheduler)
        except KernelError as error:
            error.run = record(launch, observed, again)
            raise
        return record(launch, observed, again)

    if options.scheduler == "threads":
        return attempt(partial(run_threads, order=options.order, resident=options.resident))
    if options.scheduler == "lockstep" or not (lowered.program.may_wait or types.diverges):
        return attempt(run_lockstep)
    memory = arguments.snapshot()
    try:
        return attempt(run_lockstep)
    except PartialGrid:  # only now is it known that a device function synchronises the grid
        memory.restore()
        return attempt(run_lockstep)
    except NeedsThreads:
        memory.restore()
        return attempt(run_threads)


def _report(findings: Findings, finding: Finding) -> None:
    """Findings in Numba's own kernels (`cuda.reduce`, which synchronises a part of a warp) are left out: who runs them
    cannot change them. No method of Observed: that would hold the observers in a circle until the garbage collector."""
    if _LIBRARY not in finding.file:
        findings.add(finding)


def keep(lowered: Lowered, configuration: Configuration, arguments: Arguments, options: Options) -> Again | None:
    """How to run the launch again from its arguments as they are now; None for one that is not small."""
    if configuration.threads > TRACED_THREADS or arguments.bytes > KEPT_BYTES:
        return None
    kept = arguments.keep()

    def again(order: int | None, followed: bool) -> tuple[Run, dict[Array, np.ndarray]]:
        program = lowered
        if followed:
            program = lower(lowered.program.kernel, lowered.programs.debug, followed)
            program.accepted = True  # as the one that has run
        tools = options.tools if followed else frozenset[str]()
        changed = replace(options, tools=tools, watchers=(), trace=followed)
        if order is not None:
            changed = replace(changed, scheduler="threads", order=order)
        inputs = kept.arguments()
        try:
            run = execute(program, configuration, inputs, changed, None)
        except KernelError as error:
            if error.run is None:
                raise
            run = error.run
        return run, inputs.memory

    return again


def read(target: Any) -> Kernel:
    """The kernel's source; raises `KernelError` when it cannot be read."""
    return Kernel.of(target)


def lower(kernel: Kernel, debug: bool, followed: bool) -> Lowered:
    """The kernel as a program over lanes; raises `KernelError` for what a kernel cannot use.

    One to be `followed` announces each statement, which others need not.
    """
    programs = ProgramCache(numba_surface(), debug, followed)
    return Lowered(Program(kernel, programs), programs)


def read_arguments(kernel: Kernel, given: tuple[Any, ...]) -> Arguments:
    """The host's values as values of the kernel; raises `KernelError` for those that a kernel cannot take."""
    return Arguments.of(kernel, given)


def infer(lowered: Lowered, arguments: Arguments, configuration: Configuration) -> Types:
    """The types of the kernel's variables; raises `KernelError` for a kernel that Numba refuses to compile."""
    known = learn(lowered.program, lowered.programs, arguments, arguments.types, configuration.dynamic_shared)
    if not lowered.accepted:
        ask(known, lowered.program.kernel, arguments)
    return known.types


def check_grid(lowered: Lowered, configuration: Configuration, types: Types) -> None:
    """Raises `KernelError` if blocks that wait for each other cannot all be on the device."""
    shared = types.static_shared + configuration.dynamic_shared
    check_cooperative(lowered.program.kernel.name, prod(configuration.grid), prod(configuration.block), shared)


def observe(lowered: Lowered, configuration: Configuration, options: Options) -> Observed:
    """The observers of one launch: counters, the chosen checks, the user's, and those that record what can be shown."""
    counters, trace = Counters(), None
    observers: list[Observer] = [counters]
    for name, tool in TOOLS.items():
        if name in options.tools:
            observers += tool.observers(configuration)
    observers += [watcher() if isinstance(watcher, type) else watcher for watcher in options.watchers]
    if options.trace:
        trace = Trace(None)
    elif configuration.threads <= TRACED_THREADS:
        trace = Trace(TRACED_ACCESSES)
    recorder = Recorder() if lowered.programs.followed else None
    first = [] if recorder is None else [recorder]  # it sees memory, and what is written of it, before any check does
    last = [] if trace is None else [trace]
    return Observed([*first, *observers, *last], counters, trace, recorder, Findings())


def run_threads(launch: Launch, order: int | None = None, resident: int | None = None) -> None:
    """The threads scheduler. It alone needs greenlet, without which everything else works."""
    try:
        from gpusim.simt.policies import threads
    except ModuleNotFoundError as missing:
        raise KernelError(
            f"kernel '{launch.kernel.name}' needs its threads to run one by one, for which the package "
            f"{missing.name} is not installed: pip install {missing.name}"
        ) from None
    threads.run_threads(launch, None if order is None else RandomOrder(order), resident)


def record(launch: Launch, observed: Observed, again: Again | None) -> Run:
    """What is kept of a launch. One that works on memory that is no argument cannot be run again."""
    repeatable = None if launch.arguments.captures else again
    return Run(launch, observed.findings, observed.counters, observed.trace, observed.recorder, repeatable)


class Simulator:
    """A kernel on the simulator: `simulator[grid, block](*arguments)` returns a `Run`."""

    def __init__(self, kernel: Any, options: Options) -> None:
        self._compiled = kernel if isinstance(kernel, Specialization) else compiled(kernel, options.trace)
        self._options = options

    def __getitem__(self, configuration: Any) -> BoundSimulator:
        name = self._compiled.kernel.name
        return BoundSimulator(self._compiled, Configuration.of(configuration, name), self._options)

    def __call__(self, *arguments: Any) -> Run:
        """Kernels need a launch configuration."""
        name = self._compiled.kernel.name
        raise KernelError(f"launch kernel '{name}' with a configuration: simulate({name})[grid, block](...)")


@dataclass(frozen=True)
class BoundSimulator:
    """A kernel with its launch configuration."""

    _compiled: Compiled | Specialization
    _configuration: Configuration
    _options: Options

    def __call__(self, *arguments: Any) -> Run:
        """Run the launch. Arrays are changed in place, as they are when a GPU run copies them back.

        Raises `KernelError` (bad code, be it that Numba refuses to compile it for a GPU, bad arguments, an
        endless loop) or `MemoryFault` (an access outside an array).
        """
        try:
            return simulated(self._compiled, self._configuration, arguments, self._options)
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
    resident: int | None = None,
    work_limit: int | None = None,
) -> Simulator:
    """Prepare a kernel for the simulated GPU: `simulate(kernel)[grid, block](*arguments)`.

    kernel: what `@cuda.jit` returned, or a plain Python function.
    check: "all", "none", or any of the names of tools ("memcheck", "racecheck", "initcheck", "synccheck") and
        observers of your own (gpusim/observe/README.md). Without memcheck an access outside an array reads
        zero or is dropped.
    trace: record every access and every step whatever the size of the launch, to draw it and to play it (of small
        launches accesses always are, and they can be played without).
    scheduler: "lockstep" runs all threads of many blocks at the same statement, and is fast; "threads" runs
        each thread by itself, for kernels whose threads wait for each other, and for debuggers; "auto"
        starts in lockstep and, when lanes wait in vain, starts again with threads.
    step_limit: iterations after which a `while` loop is reported as endless.
    order: a seed for scheduler="threads", whose threads then run in a random order, the same for the same seed, and
        may be overtaken before any access to memory. None: as they are numbered.
    resident: for scheduler="threads", blocks that are on the GPU at the same time, at least 1; a further one starts
        when one ends. With 1, a block that waits for one after it is a deadlock, as it may be on a GPU. None: as many
        blocks as make up 16,384 threads.
    work_limit: rounds of loops and calls of functions, of all threads together, after which a launch is given up.

    Raises `ValueError` for an unknown scheduler or tool, for no resident block and for an order or resident blocks of
    other schedulers, and `KernelError` when the kernel's source cannot be read.
    """
    if scheduler not in get_args(SchedulerName):
        raise ValueError(f"unknown scheduler {scheduler!r}; there are {', '.join(get_args(SchedulerName))}")
    tools, watchers = chosen(check)
    if order is not None and scheduler != "threads":
        raise ValueError(f"order={order} is an order of threads: give it with scheduler='threads'")
    if resident is not None and scheduler != "threads":
        raise ValueError(f"resident={resident} is about threads one by one: give it with scheduler='threads'")
    if resident is not None and resident < 1:
        raise ValueError(f"resident={resident}: no block could run; give a number from 1 on")
    return Simulator(kernel, Options(tools, watchers, trace, scheduler, step_limit, order, resident, work_limit))


def chosen(check: Check) -> tuple[frozenset[str], tuple[Observer | type[Observer], ...]]:
    """The tools that a `check` argument names, and the observers in it; raises `ValueError` for an unknown name."""
    if check == "all":
        return frozenset(TOOLS), ()
    if check == "none":
        return frozenset(), ()
    given = [check] if isinstance(check, str | Observer | type) else list(check)
    names = frozenset(name for name in given if isinstance(name, str))
    watchers = tuple(watcher for watcher in given if not isinstance(watcher, str))
    if "all" in names:
        names = names - {"all"} | frozenset(TOOLS)
    names -= {"none"}
    unknown = names - set(TOOLS)
    if unknown:
        raise ValueError(f"unknown check {', '.join(sorted(unknown))}; there are {', '.join(TOOLS)}, all and none")
    for watcher in watchers:
        if not (isinstance(watcher, Observer) or (isinstance(watcher, type) and issubclass(watcher, Observer))):
            raise ValueError(f"{watcher!r} cannot watch a launch: give a name, or a subclass of gpusim.Observer")
    return names, watchers


_known: weakref.WeakKeyDictionary[FunctionType, dict[tuple[bool, bool], Compiled]] = weakref.WeakKeyDictionary()


def compiled(target: Any, followed: bool = False) -> Compiled:
    """A kernel and its programs, which live as long as its function."""
    function, key = python_function(target), (_debugs(target), followed)
    known = _known.get(function, {}).get(key) if function is not None else None
    if known is None:
        try:
            kernel = read(target)
        except GpusimError as error:
            raise error.with_traceback(None) from None
        known = _known.setdefault(kernel.function, {})[key] = Compiled(kernel, *key)
    return known


def _debugs(target: Any) -> bool:
    """Is division by zero an error in this kernel?"""
    options = getattr(target, "targetoptions", None) or {}
    return bool(options.get("debug")) and not options.get("fastmath")


def forget(target: Any) -> None:
    """Lower a function anew when it is used next, as Numba's `recompile` does: globals may have changed."""
    function = python_function(target)
    if function is not None:
        _known.pop(function, None)
        forget_constants(function)
