"""Findings for people: where, the source line with a mark under the culprit, what happened, a fix."""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gpusim.findings.finding import SEVERITIES, Finding

Advice = Mapping[str, str]
"""What usually fixes the findings of a tool, by its name; for findings that do not say it themselves."""


@dataclass(frozen=True)
class Quote:
    """A line of source; columns `start` to `stop` (0-based, end exclusive) are what to point at."""

    line: int
    text: str
    start: int
    stop: int


@dataclass(frozen=True)
class Account:
    """All that is said about one finding. `quotes` has its line and, for a race, the other thread's line.

    `alike` are findings that differ from it in the array only, as buffers that take turns have them.
    """

    finding: Finding
    where: str
    quotes: tuple[Quote, ...]
    fix: str
    alike: tuple[Finding, ...] = ()

    @property
    def also(self) -> str:
        """Names the arrays of `alike`; empty if there are none."""
        names = [f"'{f.array}'" + (f" (×{f.count:,})" if f.count > 1 else "") for f in self.alike]
        return f"The same on {', '.join(names)}." if names else ""


def accounts(findings: Iterable[Finding], advice: Advice) -> list[Account]:
    """An account of findings at each place, errors first, with source text read from the files that they name."""
    ordered = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for finding in ordered:
        groups.setdefault(_but_array(finding), []).append(finding)
    return [replace(account(first, advice), alike=tuple(others)) for first, *others in groups.values()]


def _but_array(finding: Finding) -> tuple[Any, ...]:
    other = finding.other or {}
    return (
        finding.tool,
        finding.kind,
        finding.severity,
        finding.kernel,
        finding.file,
        finding.line,
        finding.text or finding.array,
        finding.space,
        other.get("file"),
        other.get("line"),
        finding.other_text,
        finding.fix,
    )


def account(finding: Finding, advice: Advice) -> Account:
    """The account of one finding."""
    places = [(finding.file, finding.line, finding.text)]
    other = finding.other or {}
    if other.get("line", finding.line) != finding.line or finding.other_text not in ("", finding.text):
        places.append((other.get("file", finding.file), other["line"], finding.other_text))
    quotes = [quote(linecache.getline(file, line), line, finding.array, access) for file, line, access in places]
    fix = finding.fix or advice.get(finding.tool, "")
    return Account(finding, _where(finding), tuple(q for q in quotes if q.text), fix)


def quote(text: str, line: int, array: str | None, access: str = "") -> Quote:
    """Points at the access as the source has it, else at the first `array[...]`, else at all the code of a line."""
    text = text.rstrip().expandtabs(4)
    text = text[len(text) - len(text.lstrip()) :]
    at = text.find(access) if access else -1
    if at >= 0:
        return Quote(line, text, at, at + len(access))
    found = re.search(rf"\b{re.escape(array)}\s*\[", text) if array else None
    if found is None:
        code = text.split("#", 1)[0].rstrip() or text
        return Quote(line, text, 0, len(code))
    depth, stop = 0, len(text)
    for i in range(found.end() - 1, len(text)):
        depth += (text[i] == "[") - (text[i] == "]")
        if depth == 0:
            stop = i + 1
            break
    return Quote(line, text, found.start(), stop)


def _where(finding: Finding) -> str:
    words = [f"in {finding.kernel}"] if finding.kernel else []
    if finding.block is not None:
        words.append(f"block {_index(finding.block)}")
    if finding.thread is not None:
        words.append(f"thread {_index(finding.thread)}")
    return ", ".join(words)


def _index(index: Iterable[int]) -> str:
    return f"({', '.join(map(str, index))})"
