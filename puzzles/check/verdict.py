"""What the checker says: a verdict with its reasons, in sentences and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from puzzles.describe import size_text
from puzzles.spec import Puzzle, Size

SHOWN = 3
"""How many reasons a verdict prints; its JSON has them all."""


@dataclass(frozen=True)
class Reason:
    """Why a kernel is not accepted.

    `kind` is one of "file", "untouched", "sandbox", "launch", "finding", "input", "unwritten", "result",
    "host", "footprint", "limit"; `message` says what was expected and what happened, `advice` what usually fixes it.
    """

    kind: str
    message: str
    advice: str = ""
    line: int | None = None
    size: Size | None = None


@dataclass(frozen=True)
class Measure:
    """One limit, as measured in one launch."""

    counter: str
    sense: str
    bound: int
    measured: int
    kept: bool


@dataclass(frozen=True)
class Launched:
    """One launch that the checker made: its size, and each limit beside the measured count."""

    size: Size
    measures: tuple[Measure, ...]
    passed: bool


@dataclass(frozen=True)
class Predicted:
    """The answer to a puzzle's question: what was given (empty if nothing yet), and whether it is right."""

    question: str
    given: str
    right: bool
    answer: str
    why: str

    @staticmethod
    def of(puzzle: Puzzle, given: str) -> Predicted | None:
        """None for a puzzle without a question."""
        asked = puzzle.prediction
        if asked is None:
            return None
        return Predicted(asked.question, given, bool(given) and asked.is_right(given), str(asked.answer), asked.why)

    def __str__(self) -> str:
        if not self.given:
            return f"not predicted yet: {self.question}"
        if self.right:
            return f"predicted right, {self.given}: {self.why}"
        return f"predicted {self.given}, but it is {self.answer}: {self.why}"


@dataclass(frozen=True)
class Verdict:
    """The outcome for one kernel. `seed` reproduces it, `printed` is what the kernel wrote while it ran."""

    puzzle: str
    file: str
    seed: int
    reasons: tuple[Reason, ...]
    notes: tuple[str, ...] = ()
    launches: tuple[Launched, ...] = ()
    printed: str = ""
    predicted: Predicted | None = None

    @property
    def passed(self) -> bool:
        """Whether the kernel solves the puzzle."""
        return not self.reasons

    @property
    def untouched(self) -> bool:
        """Whether the file is the skeleton as `start` wrote it."""
        return any(reason.kind == "untouched" for reason in self.reasons)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: the fields, and `passed`."""
        return {"passed": self.passed, **asdict(self)}

    def __str__(self) -> str:
        if self.passed:
            return "\n".join([f"passed  {self.puzzle}: {self._summary()}", *self._prediction(), *self._notes()])
        if self.untouched:
            return f"open    {self.puzzle}: {self.reasons[0].message}"
        lines = [f"failed  {self.puzzle or 'no puzzle'}  ({self.file or 'a kernel'})"]
        for reason in self.reasons[:SHOWN]:
            place = [f"line {reason.line}"] if reason.line else []
            place += [size_text(reason.size)] if reason.size else []
            lines.append(f"  {', '.join(place) + ': ' if place else ''}{reason.message}")
            lines += [f"    {reason.advice}"] if reason.advice else []
        if len(self.reasons) > SHOWN:
            lines.append(f"  (and {len(self.reasons) - SHOWN} more reasons)")
        if self.launches:
            lines.append(f"  The same inputs again: --seed {self.seed}")
        lines += self._notes()
        if self.printed:
            lines += ["  The kernel printed:", *(f"  | {line}" for line in self.printed.splitlines())]
        return "\n".join(lines)

    def _prediction(self) -> list[str]:
        return [f"  {self.predicted}"] if self.predicted else []

    def _notes(self) -> list[str]:
        return [f"  note: {note}" for note in self.notes]

    def _summary(self) -> str:
        shown = max(self.launches, key=lambda launched: sum(m.bound for m in launched.measures))
        measures = [f"{m.counter} {m.measured} ({m.sense} {m.bound})" for m in shown.measures]
        return f"{len(self.launches)} launches; for {size_text(shown.size)}: {', '.join(measures)}"
