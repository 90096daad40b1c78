"""The launch that a file failed, recorded behind the same walls as its check."""

from __future__ import annotations

from puzzles import catalog
from puzzles.check.compare import tolerance_of
from puzzles.check.replay import Replay, case_of, differences
from puzzles.check.sandbox import Workers
from puzzles.check.sandbox.replay_job import ReplayJob
from puzzles.describe import size_text
from puzzles.spec import Puzzle
from puzzles.verdict import Verdict


def failure(text: str, verdict: Verdict, workers: Workers, time_limit: float) -> Replay | None:
    """What a file's kernels did in the case that they failed; None where no launch failed, or nothing came back."""
    if verdict.passed or not verdict.launches:
        return None
    puzzle = catalog.load(verdict.puzzle)
    if not isinstance(puzzle, Puzzle):
        return None
    case = case_of(puzzle, verdict)
    expected = puzzle.expected(case.arguments)
    tolerance = tolerance_of(puzzle)
    job = ReplayJob(text, tuple(puzzle.kernels), case, expected, tolerance)
    report = workers.run(job, time_limit)
    if report.failure:
        return None
    found, outputs = report.outcome
    return Replay(size_text(case.size), found.player, differences(expected, outputs, tolerance))
