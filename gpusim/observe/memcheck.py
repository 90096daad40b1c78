"""memcheck: accesses outside their array stop the launch; other remarks of the engine are collected."""

from __future__ import annotations

from gpusim.errors import MemoryFault
from gpusim.observe.base import Observer
from gpusim.observe.finding import Finding


class Collector(Observer):
    """Findings of one or several tools, in order."""

    def __init__(self, tools: frozenset[str]) -> None:
        self.tools = tools
        self.findings: list[Finding] = []

    def note(self, finding: Finding) -> None:
        if finding.tool in self.tools:
            self.findings.append(finding)


class Memcheck(Observer):
    """Raises `MemoryFault` at the first access outside an array."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector

    def outside(self, finding: Finding) -> None:
        self.collector.note(finding)
        raise MemoryFault(finding)
