"""What the checker says: a verdict with its reasons, in sentences and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from gpusim.places import shown_paths
from puzzles.describe import size_text
from puzzles.formula import Size
from puzzles.prediction import Prediction
from puzzles.view.verdict import verdict_html

BETTER = ("global loads", "global stores")
"""Counters whose limits are what our solution needs, so that less is remarkable."""

SHOWN = 3
"""How many reasons a verdict prints; its JSON has them all."""


@dataclass(frozen=True)
class Reason:
    """Why a kernel is not accepted.

    `kind` is one of "file", "untouched", "sandbox", "launch", "finding", "input", "unwritten", "result",
    "host", "footprint", "limit", "prediction"; `message` says what was expected and what happened, `advice` what
    usually fixes it.
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
class Score:
    """An optimisation puzzle's counter at its first size: what the obvious kernel needs, what par is, and this one.

    For a program, layers for inputs of so many tokens; there is no obvious one.
    """

    counter: str
    size: Size
    naive: int | None
    par: int
    measured: int

    def __str__(self) -> str:
        naive = "" if self.naive is None else f"naive {self.naive}, "
        text = f"{self.counter} for {size_text(self.size)}: {naive}par {self.par}, yours {self.measured}"
        if self.measured < self.par:
            text += ": better than par, and than our solution!"
        elif self.measured == self.par:
            text += ": par"
        saved = self.naive is not None and self.measured < self.naive
        return f"{text} ({self.naive} -> {self.measured})" if saved else text


@dataclass(frozen=True)
class Launched:
    """One launch that the checker made: its size, and each limit beside the measured count."""

    size: Size
    measures: tuple[Measure, ...]
    passed: bool


@dataclass(frozen=True)
class Predicted:
    """The answer to a puzzle's question: what was given (empty if nothing yet), and whether it is right.

    A secret one, the lines of a defect, is not told to somebody who has named others.
    """

    question: str
    given: str
    right: bool
    answer: str
    why: str
    is_secret: bool = False

    @staticmethod
    def of(asked: Prediction | None, given: str, is_secret: bool = False) -> Predicted | None:
        """None for a puzzle without a question."""
        if asked is None:
            return None
        right = bool(given) and asked.is_right(given)
        return Predicted(asked.question, given, right, asked.shown, asked.why, is_secret)

    def __str__(self) -> str:
        if not self.given:
            return f"not predicted yet: {self.question}"
        if self.is_secret:
            return f"named right, {self.given}: {self.why}" if self.right else f"named {self.given}: not these lines."
        if self.right:
            return f"predicted right, {self.given}: {self.why}"
        return f"predicted {self.given}, but it is {self.answer}: {self.why}"


@dataclass(frozen=True)
class Verdict:
    """The outcome for one file.

    `seed` reproduces it, `printed` is what a kernel wrote while it ran, `summary` says what was tried and measured, and
    `report` what the puzzle says about the results of a kernel that passed.
    """

    puzzle: str
    file: str
    seed: int
    reasons: tuple[Reason, ...]
    notes: tuple[str, ...] = ()
    launches: tuple[Launched, ...] = ()
    printed: str = ""
    predicted: Predicted | None = None
    score: Score | None = None
    report: str = ""
    summary: str = ""

    @staticmethod
    def from_dict(record: dict[str, Any]) -> Verdict:
        """The verdict that `to_dict` made a record of."""
        fields = {key: value for key, value in record.items() if key != "passed"}
        fields["reasons"] = tuple(Reason(**reason) for reason in record["reasons"])
        fields["notes"] = tuple(record["notes"])
        fields["launches"] = tuple(
            Launched(one["size"], tuple(Measure(**measure) for measure in one["measures"]), one["passed"])
            for one in record["launches"]
        )
        fields["predicted"] = Predicted(**record["predicted"]) if record["predicted"] else None
        fields["score"] = Score(**record["score"]) if record["score"] else None
        return Verdict(**fields)

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
        return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in shown_paths(self._text()))

    def _repr_html_(self) -> str:
        """In a notebook: the same, with the limits as a table and the score as bars."""
        return verdict_html(self)

    def _text(self) -> str:
        return "\n".join(map(_line, self._lines()))

    def _lines(self) -> list[str]:
        if self.passed:
            return [f"passed  {self.puzzle}: {self.summary}", *self._details(), *self._notes()]
        if self.untouched:
            return [f"open    {self.puzzle}: {self.reasons[0].message}", *self._answer()]
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
        lines += [*self._answer(), *self._notes()]
        if self.printed:
            lines += ["  The kernel printed:", *(f"  | {line}" for line in self.printed.splitlines())]
        return lines

    def _details(self) -> list[str]:
        """What came out, the score, what is better than in our solution, and the prediction."""
        lines = [f"  {self.report}"] if self.report else []
        lines += [f"  {self.score}"] if self.score else []
        better = [m for m in self.launches[0].measures if m.counter in BETTER and m.measured < m.bound]
        if not self.score and better:
            lines += [f"  {m.counter}: {m.measured}, and our solution needs {m.bound}. Well done!" for m in better]
        return lines + ([f"  {self.predicted}"] if self.predicted else [])

    def _answer(self) -> list[str]:
        """What is to be said of an answer before the code is right."""
        return [f"  {self.predicted}"] if self.predicted and self.predicted.given else []

    def _notes(self) -> list[str]:
        return [f"  note: {note}" for note in self.notes]


def _line(text: str) -> str:
    """A text, parts of which somebody else chose, as a single line."""
    return text.replace("\n", "?")
