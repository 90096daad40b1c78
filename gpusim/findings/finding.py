"""A finding: one thing that is wrong with a kernel, and where."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol

from gpusim.findings.accounts import account, as_html
from gpusim.places import Index, Place, spot


class Named(Protocol):
    """An array, as findings speak of it."""

    @property
    def name(self) -> str: ...

    @property
    def space(self) -> str: ...


@dataclass(frozen=True)
class Finding:
    """One defect. `block` and `thread` are (x, y, z); `other` names the second access of a race.

    `severity` is "error" (wrong on a GPU), "warning" (wrong on some GPU or some day) or "note".
    `count` says how many times the same thing happened at the same line. `message` says what happened
    and, after a semicolon, what usually fixes it; `what` and `fix` are these two. `text` and `other_text`
    are the accesses as the source has them, so that reports can point at them; `element` is the position in the array
    (C order), so that pictures can. `cause` is a sentence about what this and other findings come from, in the form of
    `message`, so that people are told once.
    """

    tool: str
    kind: str
    severity: str
    message: str
    file: str
    line: int
    space: str | None = None
    array: str | None = None
    kernel: str = ""
    block: Index | None = None
    thread: Index | None = None
    other: dict[str, Any] | None = None
    count: int = 1
    text: str = ""
    other_text: str = ""
    element: int | None = None
    cause: str = ""

    @classmethod
    def at(
        cls,
        place: Place,
        tool: str,
        kind: str,
        severity: str,
        message: str,
        array: Named | None = None,
        other: Place | None = None,
        count: int = 1,
        element: int | None = None,
    ) -> Finding:
        """A finding at a place, about an array if there is one; `other` is the second place of a race or barrier."""
        site = place.site
        return cls(
            tool=tool,
            kind=kind,
            severity=severity,
            message=message,
            file=site.file,
            line=site.line,
            space=None if array is None else array.space,
            array=None if array is None else array.name,
            kernel=site.kernel,
            block=place.block,
            thread=place.thread,
            other=None if other is None else _other(other),
            count=count,
            text=site.text,
            other_text="" if other is None else other.site.text,
            element=element,
        )

    @property
    def what(self) -> str:
        return self.message.rpartition("; ")[0] or self.message

    @property
    def fix(self) -> str:
        """A sentence; empty if the message does not say it."""
        fix = self.message.rpartition("; ")[2] if "; " in self.message else ""
        return f"{fix[:1].upper()}{fix[1:]}." if fix else ""

    def describe(self) -> str:
        """`file:line: message`, as compilers print it."""
        return f"{spot(self.file, self.line)}: {self.message}"

    def _repr_html_(self) -> str:
        """In a notebook: the source with carets under the culprits, what happened, and what fixes it."""
        return as_html(account(self, {}))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, with the keys of the command line's schema."""
        return {key: value for key, value in asdict(self).items() if key not in _FOR_PEOPLE}


_FOR_PEOPLE = ("text", "other_text", "element", "cause")


def _other(place: Place) -> dict[str, Any]:
    return {"line": place.site.line, "file": place.site.file, "block": place.block, "thread": place.thread}
