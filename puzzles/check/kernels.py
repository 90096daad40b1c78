"""How a puzzle for kernels is checked: launches with the checker's own arguments, judged one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from puzzles.check import gate
from puzzles.check.cases import cases
from puzzles.check.compare import tolerance_of
from puzzles.check.judge import judge, notes
from puzzles.check.outcome import Outcome
from puzzles.check.sandbox.job import Job
from puzzles.describe import size_text
from puzzles.spec import Puzzle
from puzzles.verdict import Launched, Reason, Score, Verdict


def inspect(puzzle: Puzzle, tree: ast.Module) -> None:
    """Raises Refused for what a file may not hold."""
    gate.inspect_file(tree, tuple(puzzle.kernels))


def job(puzzle: Puzzle, text: str, seed: int, on_gpu: bool) -> Job:
    """What the sandbox has to do."""
    return Job(text, tuple(puzzle.kernels), tuple(cases(puzzle, seed)), on_gpu)


def judged(puzzle: Puzzle, seed: int, outcomes: Iterable[Outcome]) -> Verdict:
    """Judge case by case, up to the first that is rejected."""
    puzzle = replace(puzzle, tolerance=tolerance_of(puzzle))
    launched: list[Launched] = []
    remarks: dict[str, None] = {}
    reasons: list[Reason] = []
    delivered = iter(outcomes)
    first: Outcome | None = None
    for case in cases(puzzle, seed):
        outcome = next(delivered, None) or Outcome(error="The process that runs the kernel left out this launch.")
        first = first or outcome
        one, reasons = judge(puzzle, case, outcome)
        launched.append(one)
        remarks |= dict.fromkeys(notes(outcome))
        if reasons:
            break
    return Verdict(
        puzzle.id,
        "",
        seed,
        tuple(reasons),
        tuple(remarks),
        tuple(launched),
        score=None if reasons else _score(puzzle, first),
        summary="" if reasons else _summary(launched),
        report="" if reasons else _report(puzzle, seed, first),
    )


def _score(puzzle: Puzzle, first: Outcome | None) -> Score | None:
    """How an optimisation puzzle's counter stands at the first size."""
    if puzzle.par is None or first is None or not first.counters:
        return None
    size = puzzle.sizes[0]
    naive, par = puzzle.par.values(size)
    return Score(puzzle.par.counter, size, naive, par, puzzle.par.measured(first.counters))


def _report(puzzle: Puzzle, seed: int, first: Outcome | None) -> str:
    """What a puzzle says about the results at its first size, beside those of the reference."""
    if puzzle.report is None or first is None:
        return ""
    expected = puzzle.expected(next(cases(puzzle, seed)).arguments)
    return puzzle.report({name: first.arrays[name] for name in expected}, expected)


def _summary(launched: list[Launched]) -> str:
    """The limits at the size where they are largest."""
    if not any(one.measures for one in launched):
        return f"{len(launched)} launches on a GPU: results only"
    shown = max(launched, key=lambda one: sum(m.bound for m in one.measures))
    measures = [f"{m.counter} {m.measured} ({m.sense} {m.bound})" for m in shown.measures]
    return f"{len(launched)} launches; for {size_text(shown.size)}: {', '.join(measures)}"
