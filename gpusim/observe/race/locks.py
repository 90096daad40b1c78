"""Locks that order nothing: many races with one cause.

A spin lock keeps other blocks out, but without a fence before it is released, what one block has written need not have
arrived when the next one enters, and without one after it is taken, that one may find what its own cache kept (CUDA
C++ Programming Guide, "Memory Fence Functions"). Every pair of accesses in the critical section is a race then; who
wrote the lock wants to hear of the lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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

    def explained(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings, with a lock as the cause of those whose accesses stand between its taking and its release."""
        findings = list(findings)
        stores: dict[tuple[str, str, str | None], set[int]] = {}
        for finding in findings:
            line = _plain_store(finding)
            if line is not None:
                stores.setdefault((finding.file, finding.kernel, finding.array), set()).add(line)
        for finding in findings:
            cause = self._cause(finding, stores)
            yield finding if cause is None else replace(finding, cause=cause)

    def _cause(self, finding: Finding, stores: dict[tuple[str, str, str | None], set[int]]) -> str | None:
        other = finding.other
        if other is None or other["block"] == finding.block or other["file"] != finding.file:
            return None
        first, last = sorted((finding.line, other["line"]))
        for array, sites in self._atomics.items():
            here = [site for site in sites if site.file == finding.file and site.kernel == finding.kernel]
            taken = [site.line for site in here if any(name in site.text for name in _TAKES) and site.line <= first]
            if not taken:
                continue
            start, lock = max(taken), f"the lock '{array.name}', which is taken in line {max(taken)}"
            released = [site.line for site in here if site.line >= last and site.line not in taken]
            stored = [line for line in stores.get((finding.file, finding.kernel, array.name), ()) if line >= last]
            if released:
                stop = min(released)
                fences = [site.line for site in self._fences if site.file == finding.file]
                missing = [
                    where
                    for where, low, high in (
                        ("after taking the lock", start, first),
                        ("before releasing it", last, stop),
                    )
                    if not any(low <= line <= high for line in fences)
                ]
                if not missing:
                    continue
                return (
                    f"{lock} and released in line {stop}, lacks {'fences' if len(missing) == 2 else 'a fence'}: what "
                    "one block writes while it holds the lock need not be seen by the next; put cuda.threadfence() "
                    f"{' and '.join(missing)}"
                )
            if stored:
                return (
                    f"{lock}, is given back by a plain store in line {min(stored)}, which orders nothing: what one "
                    "block writes while it holds the lock need not be there for the next; give it back with "
                    f"cuda.threadfence() and then cuda.atomic.exch({array.name}, ...)"
                )
        return None


def _plain_store(finding: Finding) -> int | None:
    """The line of a store that meets atomic updates of the same element, or other such stores."""
    if finding.kind in ("write-after-atomic", "write-after-write"):
        return finding.line
    return finding.other["line"] if finding.kind == "atomic-after-write" and finding.other else None
