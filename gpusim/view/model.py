"""What one block did, as data: which elements of which array it read and wrote between two barriers.

`scene` reads a recorded trace and knows nothing of drawing; the picture knows nothing of traces. Everything
is derived from the recorded accesses, so it works for any kernel, not only for matrix products.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpusim.errors import GpusimError
from gpusim.findings import SEVERITIES
from gpusim.memory.buffer import Array
from gpusim.observe.element import in_order

Ints = NDArray[np.int64]

DRAWN_SPACES = ("global", "constant", "shared")
"""Local memory is private to one thread: there is one array per thread, and no single grid to draw."""

_OPS = {"load": "reads", "store": "writes", "atomic": "atomics"}


@dataclass(frozen=True)
class Tally:
    """How often each index was met: `index` int64 (n,), sorted and distinct; `count` int64 (n,), positive.

    `total` is the number of accesses: a wide one, through a view of larger elements, meets several indices.
    """

    index: Ints
    count: Ints
    total: int

    @classmethod
    def of(cls, parts: Sequence[Ints]) -> Tally:
        """Tally of accesses: int64 arrays of shape (accesses,), or (accesses, indices of each)."""
        values = np.concatenate([part.ravel() for part in parts]) if parts else np.empty(0, np.int64)
        index, count = np.unique(values, return_counts=True)
        return cls(index.astype(np.int64), count.astype(np.int64), sum(map(len, parts)))


@dataclass(frozen=True)
class Touched:
    """The accesses to one array: flat C-order element indices with counts, and those of the marked thread.

    `users` has the thread of each element that only one thread has used; `others` are elements of global memory that
    other blocks have used, of a block's whole life.
    """

    reads: Tally
    writes: Tally
    atomics: Tally
    marked: Ints
    users: dict[int, int]
    others: Ints


@dataclass(frozen=True)
class ArrayInfo:
    """One array of the launch: its name in the kernel, address space, shape and dtype name."""

    name: str
    space: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Stage:
    """What the block did between two barriers (`index` is None for the block's whole life, else from 0).

    `threads` tallies memory accesses by linear thread index. `flows` are (source, target) array names:
    values that came from `source` were stored to `target`. `barrier_line` is the line of the barrier that
    ends the stage.
    """

    index: int | None
    touched: dict[str, Touched]
    threads: Tally
    lines: tuple[int, ...]
    flows: tuple[tuple[str, str], ...]
    barrier_line: int | None


@dataclass(frozen=True)
class Culprit:
    """The first finding, as far as it can be drawn in one block: an element, threads (linear), lines, and a stage.

    `ghost` is said of the barrier that is missing at the end of the stage; empty if it is not about a barrier.
    """

    kind: str
    array: str | None
    element: int | None
    threads: tuple[int, ...]
    stage: int | None
    ghost: str


@dataclass(frozen=True)
class Scene:
    """One block of a launch, ready to be drawn. `block` and `thread` are linear indices, x fastest."""

    kernel: str
    grid: tuple[int, int, int]
    block_dim: tuple[int, int, int]
    block: int
    thread: int | None
    arrays: dict[str, ArrayInfo]
    whole: Stage
    stages: tuple[Stage, ...]
    culprit: Culprit | None = None


def linear_index(index: int | Sequence[int], extent: tuple[int, int, int], what: str) -> int:
    """Linear index, x fastest, of `index`, which is linear already or (x,), (x, y) or (x, y, z).

    Raises GpusimError when it lies outside `extent`; `what` names it in the message.
    """
    given = tuple(int(i) for i in index) if isinstance(index, Sequence) else None
    if given is None:
        linear = int(index)  # type: ignore[arg-type]
        inside = 0 <= linear < math.prod(extent)
    else:
        x, y, z = (*given, 0, 0, 0)[:3]
        inside = 1 <= len(given) <= 3 and all(0 <= i < n for i, n in zip((x, y, z), extent, strict=True))
        linear = x + extent[0] * (y + extent[1] * z)
    if not inside:
        size = " x ".join(map(str, extent))
        raise GpusimError(f"there is no {what} {index}: this launch has {size} {what}s; pass one of them to draw()")
    return linear


def scene(run: Any, block: int | Sequence[int] | None = None, thread: int | Sequence[int] | None = None) -> Scene:
    """The scene of one block of `run`; `thread` marks the elements that this thread of the block touched.

    Without `block` it is that of the first finding, else block 0; without `thread` an example, if there is no finding.

    Raises GpusimError when the launch was not traced or has no such block or thread.
    """
    if run.trace is None:
        raise GpusimError(
            f"the launch of {run.kernel} was not traced, so there is nothing to draw: "
            f"run it with gpusim.simulate({run.kernel}, trace=True), preferably on a small input"
        )
    first = next((f for f in sorted(run.findings, key=_weight) if f.block is not None), None)
    if block is None:
        block = 0 if first is None else first.block
    chosen = linear_index(block, run.grid, "block")
    traced = [e for e in run.trace if e.op != "barrier" and e.space in DRAWN_SPACES]
    events = [_Access.of(e, chosen, run.arrays[e.array]["dtype"].itemsize) for e in traced]
    events = [e for e in events if e.thread.size]
    marked = None if thread is None else linear_index(thread, run.block, "thread")
    if thread is None and first is None:
        marked = _example(events)
    barriers = _barrier_lines(run.trace, chosen)

    arrays = {e.array: _info(run, e.array, e.space) for e in events}
    whole = _stage(None, events, marked, None)
    for name, touched in whole.touched.items():
        if arrays[name].space == "global":
            whole.touched[name] = replace(touched, others=_elsewhere(traced, name, chosen))
    # Stages are numbered anew: blocks that are simulated together may pass different numbers of barriers.
    stages = tuple(
        _stage(i, [e for e in events if e.stage == k], marked, barriers.get(k))
        for i, k in enumerate(sorted({e.stage for e in events}))
    )
    memories = {e.array: e.memory for e in traced}
    culprit = None if first is None else _culprit(run, first, chosen, memories, stages)
    return Scene(run.kernel, tuple(run.grid), tuple(run.block), chosen, marked, arrays, whole, stages, culprit)


def _elsewhere(traced: Iterable[Any], array: str, block: int) -> Ints:
    """The elements of an array that blocks other than this one have used."""
    parts = [np.asarray(e.element)[np.asarray(e.block) != block] for e in traced if e.array == array]
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)


def _example(events: list[_Access]) -> int | None:
    """Of the threads that touch the most elements one behind the middle: in a square block it is off the diagonal."""
    used = [_uses([e for e in events if e.array == name])[:, 0] for name in sorted({e.array for e in events})]
    if not used:
        return None
    counts = np.bincount(np.concatenate(used))
    most = np.flatnonzero(counts == counts.max())
    return int(most[2 * most.size // 3])


def _uses(events: list[_Access]) -> Ints:
    """The distinct pairs (thread, element) of accesses to one array: int64 (pairs, 2)."""
    pairs = [np.column_stack((np.repeat(e.thread, e.element.shape[1]), e.element.ravel())) for e in events]
    return np.unique(np.concatenate(pairs), axis=0) if pairs else np.empty((0, 2), np.int64)


def _weight(finding: Any) -> int:
    return SEVERITIES.index(finding.severity)


def _culprit(
    run: Any, finding: Any, block: int, memories: dict[str, Array], stages: tuple[Stage, ...]
) -> Culprit | None:
    """What can be drawn of a finding in this block; None if the finding is about others."""
    other = finding.other or {}
    places = [(finding.block, finding.thread), (other.get("block"), other.get("thread"))]
    here = [
        linear_index(thread, run.block, "thread")
        for its, thread in places
        if its is not None and thread is not None and linear_index(its, run.grid, "block") == block
    ]
    if not here:
        return None
    lines = sorted({finding.line, other.get("line", finding.line)})
    stage = next((s for s in stages if set(lines) <= set(s.lines) and finding.array in s.touched), None)
    between = f"lines {lines[0]} and {lines[1]}" if len(lines) == 2 else f"two visits of line {lines[0]}"
    ghost = f"no barrier between {between}" if finding.tool == "racecheck" and len(here) == 2 else ""
    memory, element = memories.get(finding.array), finding.element
    element = None if memory is None or element is None else int(in_order(memory, np.asarray(element)))
    name = "race" if finding.tool == "racecheck" else finding.kind
    return Culprit(name, finding.array, element, tuple(here), stage.index if stage else None, ghost)


@dataclass(frozen=True)
class _Access:
    """A traced load, store or atomic, restricted to one block: `element` is int64 (accesses, elements of each)."""

    op: str
    space: str
    array: str
    line: int
    stage: int
    thread: Ints
    element: Ints
    value: NDArray[Any] | None

    @classmethod
    def of(cls, event: Any, block: int, itemsize: int) -> _Access:
        mine = np.asarray(event.block) == block
        value = None if event.value is None else np.asarray(event.value)[mine]
        width = 1
        if value is not None and event.op != "atomic":  # an atomic is of one element, whatever its operand's type
            width = max(1, value.dtype.itemsize // max(1, itemsize))
        element = in_order(event.memory, np.asarray(event.element)[mine, None] + np.arange(width))
        return cls(
            event.op, event.space, event.array, event.line, event.stage,
            np.asarray(event.thread)[mine], element, value,
        )  # fmt: skip


def _info(run: Any, name: str, space: str) -> ArrayInfo:
    known = run.arrays[name]
    return ArrayInfo(name, space, tuple(int(n) for n in known["shape"]), str(known["dtype"]))


def _barrier_lines(trace: Iterable[Any], block: int) -> dict[int, int]:
    """Line of the barrier that ends each stage of `block`."""
    lines: dict[int, int] = {}
    for event in trace:
        if event.op == "barrier" and (not len(event.block) or block in event.block):
            lines.setdefault(event.stage, event.line)
    return lines


def _stage(index: int | None, events: list[_Access], marked: int | None, barrier_line: int | None) -> Stage:
    names = list(dict.fromkeys(e.array for e in events))
    return Stage(
        index=index,
        touched={name: _touched([e for e in events if e.array == name], marked) for name in names},
        threads=Tally.of([e.thread for e in events]),
        lines=tuple(sorted({e.line for e in events})),
        flows=_flows(events),
        barrier_line=barrier_line,
    )


def _touched(events: list[_Access], marked: int | None) -> Touched:
    tallies = {name: Tally.of([e.element for e in events if e.op == op]) for op, name in _OPS.items()}
    own = Tally.of([e.element[e.thread == marked] for e in events]) if marked is not None else Tally.of([])
    uses = _uses(events)
    element, first, threads = np.unique(uses[:, 1], return_index=True, return_counts=True)
    alone = threads == 1
    users = dict(zip(element[alone].tolist(), uses[first[alone], 0].tolist(), strict=True))
    return Touched(**tallies, marked=own.index, users=users, others=np.empty(0, np.int64))


def _flows(events: list[_Access]) -> tuple[tuple[str, str], ...]:
    """Pairs (source, target): `target[...] = source[...]` on one line, or the very values of one load."""
    found: dict[tuple[str, str], None] = {}
    loaded_on: dict[tuple[int, int], set[str]] = {}
    recent: deque[_Access] = deque(maxlen=8)
    for event in events:
        here = (event.stage, event.line)
        if event.op == "load":
            loaded_on.setdefault(here, set()).add(event.array)
            recent.append(event)
        elif event.op == "store":
            sources = loaded_on.get(here, set()) - {event.array}
            if not sources:
                carried = (load for load in recent if load.stage == event.stage and _carries(load, event))
                sources = {load.array for load in carried}
                if len(sources) > 1:  # several arrays hold these values: nothing tells which it was
                    continue
            found.update(dict.fromkeys((source, event.array) for source in sorted(sources)))
    return tuple(found)


def _carries(load: _Access, store: _Access) -> bool:
    """Whether every storing thread stored exactly the value that it had loaded."""
    if load.value is None or store.value is None or load.thread.size != store.thread.size:
        return False
    same_threads = np.array_equal(load.thread, store.thread)
    with np.errstate(invalid="ignore"):  # infinity has no whole number, and so is none that was stored
        return same_threads and np.array_equal(load.value.astype(store.value.dtype), store.value)
