"""A random order of threads: one of the many in which a GPU may run them.

Where nothing orders two threads, any order of their accesses is legal, and a kernel that is right in only some of
them is wrong. A seed names one order, so that a run that shows the wrong value can be shown again.
"""

from __future__ import annotations

import random
from collections import deque
from typing import TYPE_CHECKING, Any

from gpusim.events.access import Access
from gpusim.events.observer import Observer

if TYPE_CHECKING:
    from gpusim.simt.policies.threads import Team


class RandomOrder:
    """Blocks start in random order, ready threads take turns in random order, and each thread has a pace of its own.

    A thread of pace p hands over with probability p before each access to memory: fast ones (p near 0) run far
    ahead, slow ones are overtaken in the middle of a statement, as between the load and the store of `a[i] += x`.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def blocks(self, count: int) -> list[int]:
        """The order in which the blocks of a grid start, never as they are numbered: some kernels count on that."""
        order = list(range(count))
        while count > 1 and order == sorted(order):
            self._random.shuffle(order)
        return order

    def turns(self, ready: deque[Any]) -> None:
        """Change the order of the threads that wait for their turn."""
        self._random.shuffle(ready)

    def pace(self, team: Team) -> Observer:
        """What makes one thread hand over; first of its observers, so that no other sees an access too early."""
        return _Pace(team, self._random.random(), self._random)


class _Pace(Observer):
    def __init__(self, team: Team, pace: float, chance: random.Random) -> None:
        self._team = team
        self._pace = pace
        self._chance = chance

    def access(self, access: Access) -> None:
        if self._chance.random() < self._pace:
            self._team.hand_over()
