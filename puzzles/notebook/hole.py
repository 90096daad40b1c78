"""The cell that a learner fills in, and the question about it."""

from __future__ import annotations

from puzzles import catalog
from puzzles.defect import QUESTION
from puzzles.exercise import Exercise
from puzzles.source import code, skeleton, solution
from puzzles.spec import Prediction, Puzzle


def hole(puzzle: Exercise, filled: bool = False) -> str:
    """The learner's file as a cell. A kernel runs in the notebook, and `check` follows it; a program's text is read."""
    number = catalog.number(puzzle)
    text = code(solution(puzzle, number) if filled else skeleton(puzzle, number))
    imports, _, rest = (part.strip() for part in text.partition("\n\n\n"))
    if not isinstance(puzzle, Puzzle):
        return f"%%puzzle {puzzle.id}\n{imports}\n\n{rest}"
    space = "\n\n\n" if rest.startswith("@") else "\n\n"
    return f'{imports}\n\nPUZZLE = "{puzzle.id}"{space}{rest}\n\n\ncheck({", ".join(puzzle.kernels)})'


def question(puzzle: Exercise) -> Prediction | None:
    """The question before the code; of a cell with a defect, which of the cell's lines make it wrong."""
    if puzzle.defect is None:
        return puzzle.prediction
    lines = tuple((line,) for line in puzzle.defect.numbers(hole(puzzle)))
    return Prediction(QUESTION.replace("this file", "the cell below"), lines, puzzle.defect.why)
