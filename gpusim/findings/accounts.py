"""Findings for people: where, the source line with a mark under the culprit, what happened, a fix."""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

from gpusim.findings.severity import SEVERITIES
from gpusim.places import spot

if TYPE_CHECKING:
    from gpusim.findings.finding import Finding

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

    `alike` are findings that differ from it in the array only, as buffers that take turns have them, or that have the
    same cause. `what` happened is the cause, if there is one.
    """

    finding: Finding
    where: str
    what: str
    quotes: tuple[Quote, ...]
    fix: str
    alike: tuple[Finding, ...] = ()

    @property
    def also(self) -> str:
        """Names the arrays of `alike`, and where they are if they share a cause; empty if there are none."""
        if self.finding.cause and self.alike:
            everywhere = (self.finding, *self.alike)
            lines = sorted({f.line for f in everywhere} | {f.other["line"] for f in everywhere if f.other})
            arrays = ", ".join(dict.fromkeys(f"'{f.array}'" for f in everywhere))
            return f"{len(everywhere)} races come from it, in lines {lines[0]} to {lines[-1]}, on {arrays}."
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
    if finding.cause:
        return finding.tool, finding.severity, finding.kernel, finding.file, finding.cause
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
    what, fix = finding.what, finding.fix or advice.get(finding.tool, "")
    if finding.cause:
        what, _, cure = finding.cause.rpartition("; ")
        fix = f"{cure[:1].upper()}{cure[1:]}."
    return Account(finding, _where(finding), what, tuple(q for q in quotes if q.text), fix)


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


Line = list[tuple[str, str]]
"""Pieces of text, each with a role: "severity", "strong", "quiet" or none."""


def lines(item: Account) -> list[Line]:
    """An account line by line, with carets under what is to blame."""
    finding = item.finding
    head: Line = [(finding.severity, "severity"), (f" {finding.tool}: {finding.kind}", "strong")]
    if finding.count > 1:
        head.append((f"  ×{finding.count:,}", "strong"))
    told: list[Line] = [head, [(f"  {spot(finding.file, finding.line)}  {item.where}".rstrip(), "quiet")]]
    margin = max((len(str(q.line)) for q in item.quotes), default=0)
    for i, q in enumerate(item.quotes):
        arrow = "→" if i == 0 else " "
        told.append([(f"  {arrow} {q.line:>{margin}} │ ", "quiet"), (q.text, "")])
        told.append([(f"    {' ' * margin} │ ", "quiet"), (" " * q.start + "^" * (q.stop - q.start), "severity")])
    told.append([(f"  {item.what}", "")])
    if item.also:
        told.append([(f"  {item.also}", "")])
    if item.fix:
        told.append([("  Fix: ", "strong"), (item.fix, "")])
    return told


_CSS = {"severity": "color:#d55e00;font-weight:600", "strong": "font-weight:600", "quiet": "opacity:.7"}


def as_html(item: Account) -> str:
    """An account for a notebook, in one font of one width: sentences wrap, and the quoted lines scroll, so that carets
    stand where they point to on a screen of any width."""
    told, code = lines(item), 2 + 2 * len(item.quotes)
    parts = ((told[:2], "pre-wrap"), (told[2:code], "pre"), (told[code:], "pre-wrap"))
    blocks = "\n".join(_block(part, space) for part, space in parts if part)
    return f'<div style="margin:.6em 1em">{blocks}</div>'


def _block(told: list[Line], space: str) -> str:
    text = "\n".join(
        "".join(f'<span style="{_CSS[role]}">{escape(piece)}</span>' if role else escape(piece) for piece, role in line)
        for line in told
    )
    return f'<pre style="{_PRE}white-space:{space}">{text}</pre>'


_PRE = "margin:0;font-family:monospace;line-height:1.3;overflow-x:auto;word-break:normal;overflow-wrap:anywhere;"
