"""Order by fences, atomics and barriers against a transitive closure over all events."""

from __future__ import annotations

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


def happens_before(made: list[Event]) -> np.ndarray:
    """bool (events, events), by the definition: program order, barriers, fence and atomic to a later atomic."""
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
    for f, (kind, who, scope) in enumerate(made):
        for a in range(f + 1, n):
            if kind != "fence" or made[a][:2] != ("atomic", who):
                continue
            for r in range(a + 1, n):
                same_block = made[r][0] == "atomic" and made[r][1] // THREADS == who // THREADS
                if made[r][0] == "atomic" and made[r][2] == made[a][2] and (scope == 1 or same_block):
                    before[f, r] = True
    for k in range(n):
        before |= before[:, k : k + 1] & before[k : k + 1, :]
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
            asked += [(i, position, order.question(time)(made[i][1], i + 1, None, who)) for i in earlier]
    truth = happens_before(made)
    for i, j, said in asked:
        assert said == truth[i, j], (made, i, j)


def test_who_updates_a_location_later_has_seen_the_update():
    order = SynchronisationOrder(THREADS)
    order.fence(1, np.array([0]), "device")
    order.atomic(2, np.array([0]), MEMORY, np.array([0]))
    order.atomic(3, np.array([64]), MEMORY, np.array([0]))
    assert order.question(4)(0, 2, (MEMORY, 0), 64)
    assert not order.question(4)(0, 2, None, 64)
    assert not order.question(4)(0, 2, (MEMORY, 0), 128)


def test_atomics_of_one_instruction_happen_one_after_the_other():
    order = SynchronisationOrder(THREADS)
    order.fence(1, np.array([0, 64]), "device")
    order.atomic(2, np.array([0, 64]), MEMORY, np.array([0, 0]))
    assert order.question(3)(0, 0, None, 64)
    assert not order.question(3)(64, 0, None, 0)
