"""A file with one defect: which one follows from the puzzle and a seed, so that the checker can make it again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from puzzles import catalog
from puzzles.check.build import build
from puzzles.check.cases import cases
from puzzles.check.gate import Refused
from puzzles.check.judge import judge
from puzzles.check.launch import run_case
from puzzles.debug.defects import Defect, defects
from puzzles.errors import PuzzleError
from puzzles.source import solution
from puzzles.spec import Puzzle

QUESTION = (
    "Which lines of this file make it wrong? For a race, the two that need something between them; otherwise the one "
    "that has to change."
)


class NoPlace(PuzzleError):
    """Nothing that could be planted makes a solution wrong."""


@dataclass(frozen=True)
class Planted:
    """A file with a defect, the `answer` to `QUESTION`, and what the checker says of it (`symptom`)."""

    puzzle: str
    text: str
    answer: tuple[int, ...]
    what: str
    symptom: str

    def is_named(self, given: tuple[int, ...]) -> bool:
        """Whether these are the lines; one of two is not enough."""
        return set(given) == set(self.answer)


@cache
def plant(name: str, seed: int) -> Planted:
    """A defect in the solution of a puzzle, drawn by a seed among those that a check finds.

    Raises NoPlace if nothing that could be planted makes the solution wrong.
    """
    puzzle = catalog.load_kernel(name)
    text = _with_marks(puzzle, seed)
    candidates = list(defects(text))
    random.Random(f"{name} {seed}").shuffle(candidates)
    for defect in candidates:
        found = _examined(puzzle, defect)
        if found is not None:
            return found
    raise NoPlace(f"no defect could be planted into {name}; choose another puzzle.")


def _with_marks(puzzle: Puzzle, seed: int) -> str:
    """The solution's file with `DEBUG` and an open `PREDICTION`."""
    lines = []
    for line in solution(puzzle, catalog.number(puzzle)).splitlines():
        if line.startswith("PREDICTION = "):
            continue
        lines.append(line)
        if line.startswith("PUZZLE = "):
            lines += [f"DEBUG = {seed}", f"# {QUESTION}", "PREDICTION = None"]
    return "\n".join(lines) + "\n"


def _examined(puzzle: Puzzle, defect: Defect) -> Planted | None:
    """The defect with its answer, or None if a check does not find it, or finds it without running a kernel."""
    try:
        kernels = build(defect.text, "debug.py", tuple(puzzle.kernels))
    except (Refused, SyntaxError):
        return None
    for case, overwritten in zip(cases(puzzle, seed=0), cases(puzzle, seed=0), strict=True):
        outcome = run_case(kernels, overwritten)
        _, reasons = judge(puzzle, case, outcome)
        if reasons:
            answer = {defect.line}
            for finding in outcome.findings:
                other = finding.get("other")
                if finding["severity"] in ("error", "warning") and other:
                    answer = {finding["line"], other["line"]}
                    break
            return Planted(puzzle.id, defect.text, tuple(sorted(answer)), defect.what, reasons[0].message)
    return None
