"""Collections of findings, in which each thing at each place stands once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gpusim.findings.accounts import accounts, as_html
from gpusim.findings.finding import Finding
from gpusim.findings.severity import SEVERITIES

Key = tuple[Any, ...]
"""What makes two findings the same thing at the same place."""


class Findings(list[Finding]):
    """A list, in order of discovery. Repeats are folded: the worst of them is kept, their counts add up."""

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        super().__init__()
        self._places: dict[Key, int] = {}
        for finding in findings:
            self.add(finding)

    def add(self, finding: Finding) -> Key:
        """Add a finding, or count it with the one that is there; returns what `repeat` wants to know."""
        key = _key(finding)
        index = self._places.get(key)
        if index is None:
            self._places[key] = len(self)
            self.append(finding)
        else:
            known = self[index]
            worst = min(known, finding, key=lambda one: SEVERITIES.index(one.severity))
            self[index] = replace(worst, count=known.count + finding.count)
        return key

    def _repr_html_(self) -> str:
        """In a notebook: an account of each."""
        return "".join(map(as_html, accounts(self, {}))) or "<p>no findings</p>"

    def repeat(self, key: Key, count: int) -> None:
        """What `add` returned `key` for has happened `count` more times."""
        index = self._places[key]
        self[index] = replace(self[index], count=self[index].count + count)


def _key(finding: Finding) -> Key:
    other = finding.other or {}
    return (
        *(finding.tool, finding.kind, finding.file, finding.line, finding.array, finding.kernel),
        *(other.get("file"), other.get("line")),
    )
