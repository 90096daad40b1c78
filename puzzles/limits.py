"""What a puzzle can limit: every counter of the simulator under its plain name, and par for the best scores.

The names of counters are words: "global loads", "shared bank conflicts", "divergent branches", "barriers".
A suffix asks for a part: "global loads of x" (one parameter), "global stores of the busiest thread",
"global atomics of the busiest warp".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from puzzles.formula import Size, evaluate

THREAD = " of the busiest thread"
WARP = " of the busiest warp"

_ACCESSES = ("loads", "stores", "atomics", "writes")
_COMMON = (
    *_ACCESSES,
    *("load bytes", "store bytes", "bytes"),
    *("load requests", "store requests", "atomic requests", "requests"),
)
_UNITS = {
    "global": ("load sectors", "store sectors", "sectors"),
    "shared": (
        *("load wavefronts", "store wavefronts", "wavefronts"),
        *("load bank conflicts", "store bank conflicts", "bank conflicts"),
    ),
    "local": (),
    "constant": (),
}
_WARPS = ("branches", "divergent branches", "loop tests", "divergent loop tests", "instructions", "active lanes")
BLOCK = ("barriers", "shared memory", "occupancy", "launches")

TOTALS = (
    *(f"{space} {counter}" for space, units in _UNITS.items() for counter in (*_COMMON, *units)),
    *_WARPS,
    *BLOCK,
)
"""All counters of a whole run, in words what `run.counts` has.

Where a name says neither loads nor stores ("global sectors"), both are added; "writes" are stores and atomics together.
"barriers" counts once a block; "shared memory" is the bytes of a block, static and dynamic; "occupancy" is the
percentage of a multiprocessor's warps that fit, by threads and shared memory (compute capability 9.0); "launches" is
their number. Several launches add up, except that the largest "shared memory" and the smallest "occupancy" count.
"""

PARTS = tuple(f"{space} {counter}" for space in ("global", "shared") for counter in _ACCESSES)
"""Counters that also exist for the busiest thread and the busiest warp, the largest over all launches."""


def is_counter(name: str, parameters: tuple[str, ...]) -> bool:
    """Whether a limit can be on this counter, in a puzzle with these array parameters."""
    whole, _, part = name.partition(" of ")
    if not part:
        return whole in TOTALS
    if part in ("the busiest thread", "the busiest warp"):
        return whole in PARTS
    return part in parameters and whole in TOTALS and whole.startswith("global ")


@dataclass(frozen=True)
class Limit:
    """A bound on a counter of the run, as a formula of the size.

    `counter` is one of `TOTALS`, such as "global loads", or a part of one, such as "global loads of x" or
    "shared stores of the busiest thread". `formula` is for `evaluate`; learners see the very text that is
    evaluated. `why` tells what breaking it means.

    A limit on stores counts atomics as stores, which they are in their effect; limit "atomics" to forbid those alone.
    A kernel that needs less than the solution always passes, so "at least" is for "occupancy" only, where more is
    better. A limit that asks for a technique is one that nothing else reaches.
    """

    counter: str
    formula: str
    sense: Literal["at most", "at least"] = "at most"
    why: str = ""

    def __post_init__(self) -> None:
        if self.sense == "at least" and self.counter != "occupancy":
            raise ValueError(f"a kernel with fewer {self.counter} than the solution is a better one: set a ceiling")

    def bound(self, size: Size) -> int:
        """The formula's value for one size."""
        return evaluate(self.formula, size)

    def allows(self, measured: int, size: Size) -> bool:
        """Whether a measured count keeps to the limit."""
        bound = self.bound(size)
        return measured <= bound if self.sense == "at most" else measured >= bound

    def measured(self, counters: Mapping[str, int]) -> int:
        """The limited count, from all that were counted (`puzzles.check.counters`)."""
        return counters[_with_atomics(self.counter)]


def _with_atomics(counter: str) -> str:
    """Where a limit on this counter finds its count: "global stores" under "global writes"."""
    return counter.replace(" stores", " writes")


@dataclass(frozen=True)
class Par:
    """The score of an optimisation puzzle: the counter that binds its predicted time.

    `naive` and `par` are formulas: what the obvious kernel needs, and what the solution needs. A score above par
    passes as long as the limits are kept; one below par is celebrated. Learners see naive, par and their best so far.
    """

    counter: str
    naive: str
    par: str

    def measured(self, counters: Mapping[str, int]) -> int:
        """The count, from all that were counted."""
        return counters[_with_atomics(self.counter)]

    def values(self, size: Size) -> tuple[int, int]:
        """(naive, par) for one size."""
        return evaluate(self.naive, size), evaluate(self.par, size)
