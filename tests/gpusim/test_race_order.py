"""Order by fences, atomics and barriers against a transitive closure over all events."""

from __future__ import annotations

from itertools import combinations, product
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gpusim.memory.buffer import Array, Buffer
from gpusim.observe.race.order import SynchronisationOrder

BLOCKS, WARPS, LANES = 3, 2, 32
THREADS = WARPS * LANES
ACTIVE = [block * THREADS + thread for block in range(BLOCKS) for thread in (0, 1, 32)]
"""Threads that do something: two in the first warp of a block, one in the second."""

MEMORY = Buffer(Array("flag", "global", np.dtype(np.int32), (4,)), np.zeros(16, np.uint8), 16, 16)

Event = tuple[str, int, int]
"""(kind, thread or group, detail): the time is its position."""


def events(random: Random) -> list[Event]:
    made: list[Event] = []
    for _ in range(random.randint(5, 60)):
        kind = random.choices(["access", "atomic", "fence", "block", "warp"], [4, 4, 3, 1, 1])[0]
        if kind == "block":
            made.append((kind, random.randrange(BLOCKS), 0))
        elif kind == "warp":
            made.append((kind, random.randrange(BLOCKS * WARPS), 0))
        else:
            detail = random.randrange(2)
            made.append((kind, random.choice(ACTIVE), detail))
    return made


def happens_before(made: list[Event], cached: bool) -> np.ndarray:
    """bool (events, events), by the definition: program order, barriers, and fence, atomic, later atomic, fence.

    Unless something may be `cached`, the later atomic alone is enough.
    """
    n = len(made)
    before = np.zeros((n, n), dtype=bool)

    def takes_part(thread: int, event: Event) -> bool:
        kind, who, _ = event
        if kind == "block":
            return thread // THREADS == who
        if kind == "warp":
            return thread // LANES == who
        return thread == who

    for j, later in enumerate(made):
        for i, earlier in enumerate(made[:j]):
            before[i, j] = any(takes_part(t, earlier) and takes_part(t, later) for t in ACTIVE)
    before = _closed(before)
    simply = before.copy()  # program order and barriers
    fences = [i for i, (kind, _, _) in enumerate(made) if kind == "fence"]
    atomics = [i for i, (kind, _, _) in enumerate(made) if kind == "atomic"]
    for tells, asks in combinations(atomics, 2):
        if made[tells][2] != made[asks][2]:
            continue
        for first, second in product(fences, fences if cached else [asks]):
            of_device = made[first][2] == 1 and (made[second][2] == 1 or not cached)
            same_block = made[first][1] // THREADS == made[second][1] // THREADS
            if simply[first, tells] and (simply[asks, second] or second == asks) and (of_device or same_block):
                before[first, second] = True
    return _closed(before)


def _closed(before: np.ndarray) -> np.ndarray:
    for k in range(len(before)):
        before = before | (before[:, k : k + 1] & before[k : k + 1, :])
    return before


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_order_is_the_transitive_closure(seed):
    random = Random(seed)
    made = events(random)
    order = SynchronisationOrder(THREADS)
    asked = []
    fenced = False
    for position, (kind, who, detail) in enumerate(made):
        time = position + 1
        if kind == "block":
            order.barrier(time, (who,))
        elif kind == "warp":
            order.warp_barrier(time, np.array([who]))
        elif kind == "fence":
            order.fence(time, np.array([who]), "device" if detail else "block")
            fenced = True
        elif kind == "atomic":
            order.atomic(time, np.array([who]), MEMORY, np.array([4 * detail]))
        elif fenced:
            earlier = [i for i in range(position) if made[i][0] == "access" and made[i][1] != who]
            for cached in (False, True):
                answer = order.question(time)
                asked += [(i, position, cached, answer(made[i][1], i + 1, None, who, cached)) for i in earlier]
    truth = [happens_before(made, cached) for cached in (False, True)]
    for i, j, cached, said in asked:
        assert said == truth[cached][i, j], (made, i, j, cached)


def test_who_updates_a_location_later_has_seen_the_update():
    order = SynchronisationOrder(THREADS)
    order.fence(1, np.array([0]), "device")
    order.atomic(2, np.array([0]), MEMORY, np.array([0]))
    order.atomic(3, np.array([64]), MEMORY, np.array([0]))
    assert order.question(4)(0, 2, (MEMORY, 0), 64, True)
    assert not order.question(4)(0, 2, None, 64, True)
    assert not order.question(4)(0, 2, (MEMORY, 0), 128, True)


def test_atomics_of_one_instruction_happen_one_after_the_other():
    order = SynchronisationOrder(THREADS)
    order.fence(1, np.array([0, 64]), "device")
    order.atomic(2, np.array([0, 64]), MEMORY, np.array([0, 0]))
    assert not order.question(3)(0, 0, None, 64, True)
    assert order.question(3)(0, 0, None, 64, False)
    order.fence(3, np.array([0, 64]), "device")
    assert order.question(4)(0, 0, None, 64, True)
    assert not order.question(4)(64, 0, None, 0, True)


def test_the_fences_may_be_those_of_other_threads_beyond_a_barrier():
    """Everybody fences, one thread counts, everybody fences again: before and after it a barrier."""
    order = SynchronisationOrder(THREADS)
    for block, time in ((0, 1), (1, 11)):
        threads = np.arange(block * THREADS, (block + 1) * THREADS)
        order.fence(time + 1, threads, "device")
        order.barrier(time + 2, (block,))
        order.atomic(time + 3, threads[:1], MEMORY, np.array([0]))
        order.barrier(time + 4, (block,))
        if block == 1:
            assert not order.question(time + 5)(5, 1, None, THREADS + 7, True)
            order.fence(time + 5, threads, "device")
    assert order.question(17)(5, 1, None, THREADS + 7, True)
    assert not order.question(17)(5, 3, None, THREADS + 7, True)
