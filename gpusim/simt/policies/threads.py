"""The threads scheduler: every CUDA thread is a coroutine of its own.

Lockstep cannot run kernels in which one thread waits for another: spin locks, flags, producers and
consumers. Here each thread executes the same lowered program by itself, with one lane; it hands over
at loops, and waits at barriers and warp operations until the others have come. Memory and observers
are those of lockstep. `breakpoint()` and debuggers work: a thread's variables are plain scalars, on
the kernel's own lines.

Why the lowered program and not the original function: the meaning of every operator, and every count,
is the same by construction; the tests compare both schedulers with a third simulator that shares
nothing with them (tests/support/oracle.py).
"""

from __future__ import annotations

import pdb
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import copy_context
from functools import cached_property
from types import FrameType
from typing import Any

import greenlet
import numpy as np

from gpusim.errors import Deadlock, Endless, KernelError
from gpusim.events.observer import Observer
from gpusim.machine.chunk import Chunk, Geometry, Index3, coordinates
from gpusim.machine.masks import Mask
from gpusim.places import Place, Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.launch import Launch
from gpusim.simt.policies.lockstep import Lockstep
from gpusim.simt.policies.order import RandomOrder
from gpusim.simt.policies.paths import OwnPaths
from gpusim.simt.policies.regrouping import Regrouper
from gpusim.simt.semantics.control import Loop, While
from gpusim.simt.values import is_number

RESIDENT_THREADS = 1 << 14
"""Threads that exist at the same time; later blocks start as earlier ones end, as on a GPU."""


class ThreadChunk(Chunk):
    """One block, as one of its threads sees it: its own indices are scalars."""

    def __init__(self, geometry: Geometry, grid: tuple[int, int, int], block: int, thread: int) -> None:
        super().__init__(geometry, grid, block)
        self.thread = thread

    @cached_property
    def thread_index(self) -> Index3:
        return Index3(*map(np.int32, coordinates(self.thread, self.block)))

    @cached_property
    def block_index(self) -> Index3:
        return Index3(*map(np.int32, coordinates(self.first_block, self.grid)))

    def position(self, axis: int) -> np.generic:
        block, thread = coordinates(self.first_block, self.grid)[axis], coordinates(self.thread, self.block)[axis]
        return np.int64(block * self.block[axis] + thread)


class OneByOne:
    """One thread of a team, which waits for others at barriers, warp operations and in loops. See `policy.Schedule`.

    `path` says where in its loops and calls it is; `idle` in which loop it goes round without effect, and since when.
    """

    def __init__(self, team: Team, thread: int) -> None:
        self.team = team
        self.thread = thread
        self.path: list[Any] = []
        self.idle: tuple[int, While] | None = None

    def pause(self, loop: Loop) -> None:
        self.path[-1] = loop.tests
        self.team.hand_over()

    def stuck(self, loop: While) -> None:
        """Waiting, perhaps for a thread that can still run: the scheduler gives up when all of them are."""
        self.idle = self.team.launch.version, loop

    def enter_loop(self, loop: Loop) -> None:
        self.path.append(0)

    def leave_loop(self, loop: Loop) -> None:
        self.path.pop()
        self.idle = None

    def invoke(self, t: Lanes, function: Callable[..., Any], site: Site, *arguments: Any, **keywords: Any) -> Any:
        self.path.append(site)
        result = function(t, *arguments, **keywords)
        self.path.pop()
        return result

    def collective(self, t: Lanes, scope: str, operation: Callable[..., Any], site: Site, *arguments: Any) -> Any:
        return self.team.meet(self, Arrival(self.thread, scope, operation, site, arguments))

    def sees_grid(self, t: Lanes) -> bool:
        return True

    def own(self, vector: Any) -> Any:
        return vector[self.thread] if isinstance(vector, np.ndarray) else vector

    def open_debugger(self, site: Site, frame: FrameType) -> None:
        pdb.Pdb(nosigint=True).set_trace(frame)


class Arrival:
    """A thread that waits at a collective operation."""

    def __init__(
        self, thread: int, scope: str, operation: Callable[..., Any], site: Site, arguments: tuple[Any, ...]
    ) -> None:
        self.thread = thread
        self.scope = scope
        self.operation = operation
        self.site = site
        self.arguments = arguments
        self.result: Any = None


class Team:
    """The threads of one block."""

    def __init__(self, launch: Launch, block: int, scheduler: Scheduler) -> None:
        self.launch = launch
        self.chunk = Chunk(scheduler.geometry, launch.grid, block)
        self.scheduler = scheduler
        self.regrouper = Regrouper([o for o in launch.observers if o.whole_warps], self.chunk)
        for observer in _of_threads(launch.observers):
            observer.begin_chunk(self.chunk)
        self.lanes = Lanes(launch, self.chunk, OwnPaths(), Lockstep())
        self.waiting: dict[int, Arrival] = {}
        self.running: dict[int, greenlet.greenlet] = {}
        self.threads: dict[int, Lanes] = {}
        self.schedules: dict[int, OneByOne] = {}
        for thread in range(self.chunk.threads):
            self.schedules[thread] = OneByOne(self, thread)
            self.threads[thread] = self._lane(thread)
            coroutine = greenlet.greenlet(self._body(thread), parent=scheduler.main)
            coroutine.gr_context = copy_context()  # NumPy keeps its error handling there
            self.running[thread] = coroutine

    def _lane(self, thread: int) -> Lanes:
        """The one lane of a thread. Its mask names its place among the lanes of the block."""
        schedule = self.schedules[thread]
        chunk = ThreadChunk(self.chunk.geometry, self.chunk.grid, self.chunk.first_block, thread)
        lane = Lanes(self.launch, chunk, self.lanes.paths, schedule)
        bits = np.zeros(self.chunk.lanes, dtype=np.bool_)
        bits[thread] = True
        lane.mask = Mask(bits, 1, 1, self.chunk.threads)
        lane.buffers = self.lanes.buffers
        recorder = self.regrouper.recorder(thread, schedule.path)
        order = self.scheduler.order
        paces = [] if order is None else [order.pace(self)]
        lane.observers = [*paces, recorder, *_of_threads(lane.observers)]
        lane.on_branch = [recorder, *_of_threads(lane.on_branch)]
        lane.on_issue = [recorder, *_of_threads(lane.on_issue)]
        return lane

    def _body(self, thread: int) -> Callable[[], None]:
        def run() -> None:
            self.launch.program.run(self.threads[thread], *self.launch.arguments.values)

        return run

    def hand_over(self) -> None:
        self.scheduler.main.switch()

    def meet(self, schedule: OneByOne, arrival: Arrival) -> Any:
        """Wait until everybody who takes part is here; returns this thread's part of the result."""
        self.waiting[arrival.thread] = arrival
        schedule.idle = None
        lane = self.threads[arrival.thread]
        for observer in self.launch.watching("waits"):
            observer.waits(arrival.site, lane.mask, lane.chunk)
        self.scheduler.main.switch()
        return arrival.result

    def exited(self, thread: int) -> None:
        """A thread has returned from the kernel."""
        del self.running[thread]
        bits = np.ones(self.chunk.lanes, dtype=np.bool_)
        bits[list(self.running)] = False
        self.lanes.exited = Mask.of(bits, self.chunk.threads)
        self.lanes.exits += self.threads[thread].exits

    def released(self) -> list[int]:
        """Carry out a collective operation whose threads are all here; returns the threads that go on."""
        block = [thread for thread, arrival in self.waiting.items() if arrival.scope == "block"]
        if block and len(block) == len(self.running):
            return self._carry_out(block)
        seen: set[int] = set()
        for thread, arrival in self.waiting.items():
            if arrival.scope != "warp" or thread in seen:
                continue
            members = self._members(thread, arrival)
            seen.update(members)
            if all(member in self.waiting and self.waiting[member].scope == "warp" for member in members):
                return self._carry_out(members)
        return []

    def _members(self, thread: int, arrival: Arrival) -> list[int]:
        """The running threads of the warp that the operation's member mask names."""
        named = int(arrival.arguments[0]) & 0xFFFFFFFF if arrival.arguments else 0xFFFFFFFF
        first = thread // 32 * 32
        members = [first + lane for lane in range(32) if named >> lane & 1 and first + lane in self.running]
        return members if thread in members else [thread]

    def _carry_out(self, threads: list[int]) -> list[int]:
        """Run the operation once per place in the source, on all the lanes that came there."""
        places: dict[Site, list[Arrival]] = {}
        for thread in sorted(threads):
            arrival = self.waiting.pop(thread)
            places.setdefault(arrival.site, []).append(arrival)
        for site, arrivals in places.items():
            bits = np.zeros(self.chunk.lanes, dtype=np.bool_)
            bits[[arrival.thread for arrival in arrivals]] = True
            self.lanes.mask = Mask.of(bits, self.chunk.threads)  # type: ignore[assignment]
            columns = zip(*(arrival.arguments for arrival in arrivals), strict=True)
            arguments = [self._column(arrivals, list(column)) for column in columns]
            result = arrivals[0].operation(self.lanes, site, *arguments)
            for arrival in arrivals:
                arrival.result = _part(result, arrival.thread)
        self.launch.version += 1
        return sorted(threads)

    def _column(self, arrivals: list[Arrival], values: list[Any]) -> Any:
        """One argument of all threads as a vector over the lanes of the block."""
        if not is_number(values[0]):
            return values[0]
        column = np.zeros(self.chunk.lanes, dtype=np.result_type(*values))
        column[[arrival.thread for arrival in arrivals]] = values
        return column

    def finish(self) -> None:
        self.regrouper.replay()
        for observer in _of_threads(self.launch.observers):
            observer.end_chunk(self.chunk)
        self.launch.blocks_done += 1


def _of_threads(observers: Sequence[Observer]) -> list[Observer]:
    """The observers that learn of each thread at once."""
    return [observer for observer in observers if not observer.whole_warps]


def _part(result: Any, thread: int) -> Any:
    if isinstance(result, tuple):
        return tuple(_part(item, thread) for item in result)
    return result[thread] if isinstance(result, np.ndarray) else result


class Scheduler:
    """Runs the threads of a launch in turn until all have returned, or none can go on.

    Without an `order`, blocks and threads take turns as they are numbered. `resident`: blocks at the same time.
    """

    def __init__(self, launch: Launch, order: RandomOrder | None, resident: int | None) -> None:
        self.launch = launch
        self.order = order
        self.main = greenlet.getcurrent()
        self.geometry = Geometry(launch.block, 1)
        together = launch.blocks if launch.programs.cooperative else resident  # they wait for each other
        self.resident = together or max(1, RESIDENT_THREADS // launch.threads_per_block)

    def run(self) -> None:
        count = self.launch.blocks
        blocks = iter(range(count) if self.order is None else self.order.blocks(count))
        teams: list[Team] = []
        ready: deque[tuple[Team, int]] = deque()
        while True:
            while len(teams) < self.resident and (block := next(blocks, None)) is not None:
                team = Team(self.launch, block, self)
                teams.append(team)
                ready.extend((team, thread) for thread in team.running)
            if not teams:
                return
            if not ready:
                ready.extend(self._grid_barrier(teams))
            if not ready or self._all_idle(ready):
                raise self._no_progress(teams, list(blocks))
            self._turn(ready)
            done = [team for team in teams if not team.running]
            for team in done:
                team.finish()
                teams.remove(team)

    def _turn(self, ready: deque[tuple[Team, int]]) -> None:
        """Let every ready thread run until it hands over."""
        if self.order is not None:
            self.order.turns(ready)
        for _ in range(len(ready)):
            team, thread = ready.popleft()
            coroutine = team.running[thread]
            coroutine.switch()
            if coroutine.dead:
                team.exited(thread)
            elif thread not in team.waiting:
                ready.append((team, thread))
            if coroutine.dead or thread in team.waiting:
                while going_on := team.released():
                    ready.extend((team, member) for member in going_on)

    def _grid_barrier(self, teams: list[Team]) -> list[tuple[Team, int]]:
        """Nobody can run: if all threads of the grid wait for each other, they go on."""
        whole = len(teams) == self.launch.blocks
        if not whole or not all(arrival.scope == "grid" for team in teams for arrival in team.waiting.values()):
            return []
        return [(team, thread) for team in teams for thread in team._carry_out(list(team.waiting))]

    def _all_idle(self, ready: deque[tuple[Team, int]]) -> bool:
        """Does every thread that could run go round a loop in which nothing changes?"""
        version = self.launch.version
        for team, thread in ready:
            idle = team.schedules[thread].idle
            if idle is None or idle[0] != version:
                return False
        return True

    def _no_progress(self, teams: list[Team], unstarted: list[int]) -> KernelError:
        """Name the places where threads wait, with one thread of each, and a block that waits for others to end."""
        places: dict[tuple[str, int, str], list[Place]] = {}
        for team in teams:
            for thread in team.running:
                arrival = team.waiting.get(thread)
                idle = team.schedules[thread].idle
                site = arrival.site if arrival else idle[1].site if idle else None
                if site is not None:
                    key = site.file, site.line, site.text
                    places.setdefault(key, []).append(team.chunk.place(site, thread))
        first = next(iter(places.values()))[0]
        if len(places) == 1 and not unstarted and not any(team.waiting for team in teams):
            return Endless(
                f"`{first.site.text}` never ends in thread {first.thread} of block {first.block}: nothing changes from "
                "one iteration to the next, and no other thread can run that would change it",
                first,
            )
        listed = "; ".join(map(_crowd, places.values()))
        if unstarted:
            block = coordinates(unstarted[0], self.launch.grid)
            more = f" and {len(unstarted) - 1} more" if len(unstarted) > 1 else ""
            listed += f"; block {block}{more} can only start when another ends: blocks start in any order"
        return Deadlock(
            f"deadlock in kernel '{self.launch.kernel.name}': no thread can go on; waiting are {listed}", first
        )


def _crowd(places: list[Place]) -> str:
    """The threads that wait at one site, in words."""
    first = places[0]
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"thread {first.thread} of block {first.block}{more} at {first} `{first.site.text}`"


def run_threads(launch: Launch, order: RandomOrder | None = None, resident: int | None = None) -> None:
    """Execute a launch thread by thread."""
    launch.one_by_one = True
    Scheduler(launch, order, resident).run()
