"""The checker: gate, sandbox, launches, judge.

A learner's file passes through four stages, and each can reject it:

1. `gate` reads the text: syntax, kernels, words that kernels know. Nothing of the file is executed, here or later.
2. `sandbox` gives the text to a process with limits, behind a sandbox where one works; `build` makes kernels there.
3. `launch` runs the kernels on the simulator, with arguments of the checker's own: fresh random inputs, several sizes,
   outputs full of poison.
4. `judge` compares inputs and outputs with what they should be, and the counts with the puzzle's limits.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from puzzles import catalog
from puzzles.check import gate
from puzzles.check.cases import cases
from puzzles.check.judge import judge, notes
from puzzles.check.outcome import Outcome
from puzzles.check.sandbox import Workers
from puzzles.check.sandbox.job import Job
from puzzles.errors import PuzzleError
from puzzles.source import same_program, skeleton
from puzzles.spec import Puzzle
from puzzles.text_file import Unreadable, read
from puzzles.verdict import Launched, Predicted, Reason, Score, Verdict

__all__ = ["Reason", "Verdict", "Workers", "check_file", "check_kernel", "check_text"]

TIME_LIMIT = 60.0
"""Seconds a file may take, as a backstop: endless loops end earlier, at the simulator's step limit."""


def check_kernel(kernel: Any, puzzle: Puzzle, seed: int | None = None) -> Verdict:
    """Check a kernel that is already at hand, for instance in a notebook: in this process, without a sandbox.

    For a puzzle with several kernels, `kernel` maps their names to them.
    `seed` repeats an earlier check; by default every check draws new inputs and sizes.
    """
    from puzzles.check.launch import outcomes  # loads the simulator

    seed = _fresh_seed() if seed is None else seed
    kernels = kernel if isinstance(kernel, Mapping) else dict.fromkeys(puzzle.kernels, kernel)
    return _judged(puzzle, "", seed, outcomes(kernels, cases(puzzle, seed)))


def check_file(
    path: Path, seed: int | None = None, time_limit: float = TIME_LIMIT, workers: Workers | None = None
) -> Verdict:
    """Check the file of a learner. Whatever is wrong with it, the answer is a verdict and no exception.

    `workers` run its kernels; without any, one is started for this file.
    """
    try:
        text = read(path)
    except Unreadable as error:
        return Verdict("", str(path), seed or 0, (Reason("file", str(error)),))
    return check_text(text, str(path), seed, time_limit, workers)


def check_text(
    text: str,
    file: str = "",
    seed: int | None = None,
    time_limit: float = TIME_LIMIT,
    workers: Workers | None = None,
) -> Verdict:
    """Check the text of a learner's file; `file` is its name for messages."""
    seed = _fresh_seed() if seed is None else seed
    name = gate.claimed_id(text)
    predicted = None
    try:
        tree = gate.parse(text)
        name = gate.puzzle_id(tree) or ""
        puzzle = _named_puzzle(name)
        _agrees(Path(file).stem, puzzle)
        debugged = gate.debug_seed(tree)
        if debugged is None:
            predicted, start = Predicted.of(puzzle, gate.prediction(tree)), skeleton(puzzle, catalog.number(puzzle))
        else:
            predicted, start = _named(puzzle, debugged, gate.prediction(tree))
        if same_program(text, start):
            what, how = ("hole", "empty") if debugged is None else ("defect", "there")
            told = f"the {what} in {file} is still {how}."
            reason = Reason("untouched", told)
            return Verdict(name, file, seed, (reason,), predicted=predicted)
        gate.inspect_file(tree, tuple(puzzle.kernels))
    except (gate.Refused, PuzzleError) as refusal:
        reason = Reason("file", str(refusal), line=getattr(refusal, "line", None))
        return Verdict(name, file, seed, (reason,), predicted=predicted)
    on_gpu = workers is not None and workers.on_gpu
    job = Job(text, tuple(puzzle.kernels), tuple(cases(puzzle, seed)), on_gpu)
    report = _run(job, time_limit, workers)
    if report.failure:
        reason = Reason("file" if report.refused else "sandbox", report.failure, line=report.line)
        return Verdict(name, file, seed, (reason,), printed=report.printed, predicted=predicted)
    verdict = _judged(puzzle, file, seed, report.outcomes, report.printed, predicted)
    if debugged is None or predicted is None or predicted.right or not verdict.passed:
        return verdict
    told = f"the kernel is right again; now name the lines that made it wrong. {predicted.question}"
    return replace(verdict, reasons=(Reason("prediction", told),))


def _named(puzzle: Puzzle, seed: int, given: str) -> tuple[Predicted, str]:
    """The lines that a learner names as those of a planted defect, and the file as it was written."""
    from puzzles.debug.planted import QUESTION, plant  # plants, and so runs kernels of ours

    planted = plant(puzzle.id, seed)
    lines = tuple(map(int, re.findall(r"\d+", given)))
    answer = " and ".join(map(str, planted.answer))
    return Predicted(QUESTION, given, planted.is_named(lines), answer, f"{planted.what}."), planted.text


def _run(job: Job, time_limit: float, workers: Workers | None) -> Any:
    if workers is not None:
        return workers.run(job, time_limit)
    own = Workers()
    try:
        return own.run(job, time_limit)
    finally:
        own.end()


def _judged(
    puzzle: Puzzle,
    file: str,
    seed: int,
    outcomes: Iterable[Outcome],
    printed: str = "",
    predicted: Predicted | None = None,
) -> Verdict:
    """Judge case by case, up to the first that is rejected."""
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
    score = None if reasons else _score(puzzle, first)
    report = "" if reasons else _report(puzzle, seed, first)
    told = tuple(reasons), tuple(remarks), tuple(launched)
    return Verdict(puzzle.id, file, seed, *told, printed, predicted, score, report)


def _score(puzzle: Puzzle, first: Outcome | None) -> Score | None:
    """How an optimisation puzzle's counter stands at the first size."""
    if puzzle.par is None or first is None or not first.counters:
        return None
    size = puzzle.sizes[0]
    return Score(puzzle.par.counter, size, *puzzle.par.values(size), puzzle.par.measured(first.counters))


def _report(puzzle: Puzzle, seed: int, first: Outcome | None) -> str:
    """What a puzzle says about the results at its first size, beside those of the reference."""
    if puzzle.report is None or first is None:
        return ""
    expected = puzzle.expected(next(cases(puzzle, seed)).arguments)
    return puzzle.report({name: first.arrays[name] for name in expected}, expected)


def _fresh_seed() -> int:
    return secrets.randbelow(10**9)


def _agrees(stem: str, puzzle: Puzzle) -> None:
    """Raises Refused if a file has the name that `start` gives to another puzzle's."""
    number, _, rest = stem.partition("_")
    other = rest.replace("_", "-")
    if number.isdecimal() and other != puzzle.id and other in catalog.ids():
        raise gate.Refused(f"The file is called {stem}, but its line PUZZLE says {puzzle.id!r}.")


def _named_puzzle(name: str) -> Puzzle:
    if not name:
        raise gate.Refused('The file does not say which puzzle it solves; add a line such as PUZZLE = "map".')
    try:
        return catalog.load(name)
    except catalog.UnknownPuzzle as unknown:
        raise gate.Refused(f"The file's line PUZZLE is wrong: {unknown}") from None
