"""Locks that order nothing: many races with one cause.

A spin lock keeps other blocks out, but without a fence before it is released, what one block has written need not have
arrived when the next one enters, and without one after it is taken, that one may find what its own cache kept (CUDA
C++ Programming Guide, "Memory Fence Functions"). Every pair of accesses in the critical section is a race then; who
wrote the lock wants to hear of the lock.
"""

from __future__ import annotations

from dataclasses import replace

from gpusim.findings import Finding
from gpusim.memory.buffer import Array
from gpusim.places import Site

_TAKES = ("atomic.cas(", "atomic.compare_and_swap(")


class Locks:
    """The atomics and fences of a launch, by where they stand."""

    def __init__(self) -> None:
        self._atomics: dict[Array, set[Site]] = {}
        self._fences: set[Site] = set()

    def atomic(self, array: Array, site: Site) -> None:
        self._atomics.setdefault(array, set()).add(site)

    def fence(self, site: Site) -> None:
        self._fences.add(site)

    def explained(self, finding: Finding) -> Finding:
        """The finding, with the lock as its cause if both accesses stand between its taking and its release."""
        other = finding.other
        if other is None or other["block"] == finding.block or other["file"] != finding.file:
            return finding
        first, last = sorted((finding.line, other["line"]))
        for array, sites in self._atomics.items():
            here = [site for site in sites if site.file == finding.file and site.kernel == finding.kernel]
            taken = [site.line for site in here if any(name in site.text for name in _TAKES) and site.line <= first]
            released = [site.line for site in here if site.line >= last and site.line not in taken]
            if not taken or not released:
                continue
            start, stop = max(taken), min(released)
            fences = [site.line for site in self._fences if site.file == finding.file]
            missing = [
                where
                for where, low, high in (("after taking the lock", start, first), ("before releasing it", last, stop))
                if not any(low <= line <= high for line in fences)
            ]
            if missing:
                cause = (
                    f"the lock '{array.name}', which is taken in line {start} and released in line {stop}, lacks "
                    f"{'fences' if len(missing) == 2 else 'a fence'}: what one block writes while it holds the lock "
                    f"need not be seen by the next; put cuda.threadfence() {' and '.join(missing)}"
                )
                return replace(finding, cause=cause)
        return finding
