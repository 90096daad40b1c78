"""Findings for people: where, the source line with a mark under the culprit, what happened, a fix."""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gpusim.observe.finding import Finding
from gpusim.report.advice import fix

_SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Quote:
    """A line of source; columns `start` to `stop` (0-based, end exclusive) are what to point at."""

    line: int
    text: str
    start: int
    stop: int


@dataclass(frozen=True)
class Account:
    """All that is said about one finding. `quotes` has its line and, for a race, the other thread's line."""

    finding: Finding
    where: str
    quotes: tuple[Quote, ...]
    fix: str


def accounts(findings: Iterable[Finding]) -> list[Account]:
    """An account of each finding, errors first, with source text read from the files that they name."""
    ordered = sorted(findings, key=lambda finding: _SEVERITIES.index(finding.severity))
    return [account(finding) for finding in ordered]


def account(finding: Finding) -> Account:
    """The account of one finding."""
    places = [(finding.file, finding.line, finding.text)]
    other = finding.other or {}
    if other.get("line", finding.line) != finding.line or finding.other_text not in ("", finding.text):
        places.append((other.get("file", finding.file), other["line"], finding.other_text))
    quotes = [quote(linecache.getline(file, line), line, finding.array, access) for file, line, access in places]
    return Account(finding, _where(finding), tuple(q for q in quotes if q.text), fix(finding))


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
