"""All that limits can be about, by the names of `puzzles.limits`, from the runs of one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

import gpusim
from gpusim.hardware.occupancy import occupancy
from puzzles.limits import PARTS, THREAD, WARP

COMPUTE_CAPABILITY = "9.0"

_WARP_THREADS = 32

_KINDS = ("loads", "stores")
_COUNTS_OF = {"loads": ("loads",), "stores": ("stores", "writes")}

_BOTH = ("bytes", "requests", "sectors", "wavefronts", "bank_conflicts")
"""Counters that exist for loads and for stores, and whose sum has a name of its own."""


def counters(runs: Sequence[gpusim.Run], parameters: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """Totals and parts over the launches of one case.

    `parameters` gives, for each run, the kernel's own name of each of the puzzle's array parameters that was passed.
    Loads and stores of global memory count elements: one of a word of 8 bytes, in a view of an array of floats, is two.
    """
    found: dict[str, int] = {"launches": len(runs)}
    busiest: dict[str, int] = {}
    for run, names in zip(runs, parameters, strict=True):
        one, widest = _totals(run), dict.fromkeys(_KINDS, 1)
        for name, own in names.items():
            counts = run.arrays[own]
            one |= {f"{counter} of {name}": count for counter, count in _space("global", counts).items()}
            for kind in _KINDS:
                more = _elements(counts, kind) - counts[kind]
                for counter in _COUNTS_OF[kind]:
                    one[f"global {counter}"] += more
                    one[f"global {counter} of {name}"] += more
                widest[kind] = max(widest[kind], -(-_elements(counts, kind) // max(counts[kind], 1)))
        for name, count in one.items():
            found[name] = found.get(name, 0) + count
        for name, count in _busiest(run, widest).items():
            busiest[name] = max(busiest.get(name, 0), count)
    found |= busiest
    found["shared memory"] = max(run.static_shared + run.dynamic_shared for run in runs)
    found["occupancy"] = min(map(_occupancy, runs))
    return found


def _totals(run: gpusim.Run) -> dict[str, int]:
    found: dict[str, int] = {"barriers": run.counts["barriers"]}
    for space in ("global", "shared", "local", "constant"):
        found |= _space(space, run.counts[space])
    found |= {_words(key): int(count) for key, count in run.counts["warp"].items()}
    return found


def _space(space: str, counts: Mapping[str, int]) -> dict[str, int]:
    """The counters of one address space in words, with sums of loads and stores."""
    numbers = {key: count for key, count in counts.items() if isinstance(count, int)}
    found = {f"{space} {_words(key)}": int(count) for key, count in numbers.items()}
    found[f"{space} writes"] = numbers["stores"] + numbers["atomics"]
    for unit in _BOTH:
        if f"load_{unit}" in numbers:
            found[f"{space} {_words(unit)}"] = int(numbers[f"load_{unit}"] + numbers[f"store_{unit}"])
    return found


def _elements(counts: Mapping[str, Any], kind: str) -> int:
    """The elements of an array that loads, or stores, have moved: more than there were accesses if those were wide."""
    moved = int(counts[f"{kind.removesuffix('s')}_bytes"])
    return max(int(counts[kind]), -(-moved // counts["dtype"].itemsize))


def _busiest(run: gpusim.Run, widest: Mapping[str, int]) -> dict[str, int]:
    """The counters of the thread, and of the warp, that has the most of each. `widest`: elements of one access."""
    found = {}
    for name in PARTS:
        space, counter = name.split()
        kinds = ("stores", "atomics") if counter == "writes" else (counter,)
        wide = widest if space == "global" else {}
        threads = np.sum([run.per_thread(space, kind) * wide.get(kind, 1) for kind in kinds], axis=0)
        padded = np.pad(threads, ((0, 0), (0, -threads.shape[1] % _WARP_THREADS)))
        found[name + THREAD] = int(threads.max())
        found[name + WARP] = int(padded.reshape(len(threads), -1, _WARP_THREADS).sum(axis=2).max())
    return found


def _occupancy(run: gpusim.Run) -> int:
    """Per cent of a multiprocessor's warps that fit, by threads and shared memory; registers are the compiler's."""
    shared = run.static_shared + run.dynamic_shared
    return round(100 * occupancy(COMPUTE_CAPABILITY, prod(run.block), shared_bytes=shared).fraction)


def _words(key: str) -> str:
    return key.replace("_", " ")
