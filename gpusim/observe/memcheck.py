"""memcheck: accesses outside their array stop the launch; other remarks of the engine are collected."""

from __future__ import annotations

import os

from gpusim.errors import MemoryFault
from gpusim.events.observer import Observer
from gpusim.findings import Finding

_LIBRARY = os.path.join("numba", "cuda", "kernels", "")


class Collector(Observer):
    """Findings of one or several tools, in order.

    Those about Numba's own kernels (`cuda.reduce`, which synchronises a part of a warp) are left out: who runs
    them cannot change them.
    """

    def __init__(self, tools: frozenset[str]) -> None:
        self.tools = tools
        self.findings: list[Finding] = []

    def note(self, finding: Finding) -> None:
        if finding.tool in self.tools and _LIBRARY not in finding.file:
            self.findings.append(finding)


class Memcheck(Observer):
    """Raises `MemoryFault` at the first access outside an array."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector

    def outside(self, finding: Finding) -> None:
        self.collector.note(finding)
        raise MemoryFault(finding)
