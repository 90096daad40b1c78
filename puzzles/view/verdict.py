"""A verdict as HTML: what the terminal says in lines, with the limits as a table and the score as bars."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from puzzles.describe import size_text
from puzzles.view.style import sheet

if TYPE_CHECKING:
    from puzzles.verdict import Launched, Reason, Score, Verdict

SHOWN = 3
"""How many reasons are shown at once; the others open with a click."""


def verdict_html(verdict: Verdict, extra: str = "") -> str:
    """The verdict on a sheet of its own; `extra` is HTML behind it, such as pictures of what went wrong."""
    kind = "passed" if verdict.passed else "open" if verdict.untouched else "failed"
    return sheet(verdict_body(verdict) + extra, kind)


def verdict_body(verdict: Verdict) -> str:
    """The verdict without its sheet."""
    parts = [_head(verdict), *_reasons(verdict.reasons)]
    if verdict.score:
        parts.append(_score(verdict.score))
    launched = _told(verdict)
    if launched is not None and launched.measures:
        parts.append(_measures(launched))
    parts += [f'<p class="muted">note: {text(note)}</p>' for note in verdict.notes]
    if verdict.predicted and verdict.predicted.given:
        parts.append(f"<p>{text(str(verdict.predicted))}</p>")
    if verdict.printed:
        parts.append(f"<p>The kernel printed:</p><pre>{escape(verdict.printed)}</pre>")
    if verdict.launches and not verdict.passed:
        parts.append(f'<p class="muted">The same inputs again: <code>seed={verdict.seed}</code></p>')
    return "".join(parts)


def text(words: str) -> str:
    """Escaped text with `code`."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words))


def _head(verdict: Verdict) -> str:
    name = f"<code>{escape(verdict.puzzle or 'no puzzle')}</code>"
    if verdict.passed:
        tried = verdict.summary.partition(";")[0]
        return _mark("✓", "passed", f"{name} {escape(tried)}, all as they should be")
    if verdict.untouched:
        return _mark("○", "open", f"{name} {escape(verdict.reasons[0].message)}")
    return _mark("✗", "not yet", name)


def _mark(sign: str, word: str, rest: str) -> str:
    return f'<div class="verdict"><span class="mark">{sign} {word}</span><span>{rest}</span></div>'


def _reasons(reasons: Sequence[Reason]) -> list[str]:
    shown = [_reason(reason) for reason in reasons if reason.kind != "untouched"]
    if len(shown) <= SHOWN:
        return shown
    rest = "".join(shown[SHOWN:])
    return [*shown[:SHOWN], f"<details><summary>{len(shown) - SHOWN} more reasons</summary>{rest}</details>"]


def _reason(reason: Reason) -> str:
    place = [f"line {reason.line}"] if reason.line else []
    place += [size_text(reason.size)] if reason.size else []
    where = f'<span class="muted">{escape(", ".join(place))}:</span> ' if place else ""
    what, _, fix = reason.message.rpartition("; ") if reason.kind == "finding" else (reason.message, "", "")
    told = "".join(f'<br><span class="muted">{text(words)}</span>' for words in (fix, reason.advice) if words)
    return f'<p class="reason">{where}<b>{text(what or fix)}</b>{told if what else ""}</p>'


def _told(verdict: Verdict) -> Launched | None:
    """The launch whose counts are shown: the one that broke a limit, or of all that passed the largest."""
    if verdict.passed and verdict.launches:
        return max(verdict.launches, key=lambda launched: sum(measure.bound for measure in launched.measures))
    return verdict.launches[-1] if any(reason.kind == "limit" for reason in verdict.reasons) else None


def _measures(launched: Launched) -> str:
    rows = "".join(
        f'<tr class="{"" if m.kept else "broken"}"><td>{"✓" if m.kept else "✗"} {escape(m.counter)}</td>'
        f'<td class="n">{m.measured:,}</td><td class="n">{"≤" if m.sense == "at most" else "≥"} {m.bound:,}</td></tr>'
        for m in launched.measures
    )
    head = f'<tr><th>for {escape(size_text(launched.size))}</th><th class="n">yours</th><th class="n">limit</th></tr>'
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'


def _score(score: Score) -> str:
    """Naive, par and yours as bars, the longest as wide as there is room."""
    rows = [("par", score.par), ("yours", score.measured)]
    rows = rows if score.naive is None else [("naive", score.naive), *rows]
    longest = max(1, *(value for _, value in rows))
    bars = "".join(
        f'<span>{name}</span><i class="{name}" style="width:{100 * value / longest:.1f}%"></i><b>{value:,}</b>'
        for name, value in rows
    )
    better = " Better than par, and than our solution!" if score.measured < score.par else ""
    about = f"{score.counter} for {size_text(score.size)}"
    return f'<p>{escape(about)}{better}</p><div class="bars">{bars}</div>'
