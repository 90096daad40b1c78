"""The checker: gate, sandbox, launches, judge.

A learner's file passes through four stages, and each can reject it:

1. `gate` reads the text: syntax, kernels, words that kernels know. Nothing of the file is executed, here or later.
2. `sandbox` gives the text to a process with limits, behind a sandbox where one works; `build` makes kernels there.
3. `launch` runs the kernels on the simulator, with arguments of the checker's own: fresh random inputs, several sizes,
   outputs full of poison.
4. `judge` compares inputs and outputs with what they should be, and the counts with the puzzle's limits.

`kernels` and `programs` say what these stages are for each kind of puzzle: a program for attention runs on inputs that
are not shown, and is compiled, so that its layers can be counted.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from lm.rasp.language import Expression
from puzzles import catalog
from puzzles.check import gate, kernels, programs
from puzzles.check.cases import cases
from puzzles.check.sandbox import Workers
from puzzles.check.sandbox.work import Work
from puzzles.errors import PuzzleError
from puzzles.exercise import Exercise
from puzzles.program import ProgramPuzzle
from puzzles.source import question, same_program, skeleton
from puzzles.spec import Puzzle
from puzzles.text_file import Unreadable, read
from puzzles.verdict import Predicted, Reason, Verdict

__all__ = ["Reason", "Verdict", "Workers", "check_file", "check_kernel", "check_program", "check_text"]

TIME_LIMIT = 60.0
"""Seconds a file may take, as a backstop: endless loops end earlier, at the simulator's step limit."""


_KINDS: dict[type[Exercise], ModuleType] = {Puzzle: kernels, ProgramPuzzle: programs}
"""Each kind of puzzle has a module: `inspect` what a file may hold, the `job` for the sandbox, the outcome `judged`."""


def check_kernel(kernel: Any, puzzle: Puzzle, seed: int | None = None) -> Verdict:
    """Check a kernel that is already at hand, for instance in a notebook: in this process, without a sandbox.

    For a puzzle with several kernels, `kernel` maps their names to them.
    `seed` repeats an earlier check; by default every check draws new inputs and sizes.
    """
    from puzzles.check.launch import outcomes  # loads the simulator

    seed = _fresh_seed() if seed is None else seed
    by_name = kernel if isinstance(kernel, Mapping) else dict.fromkeys(puzzle.kernels, kernel)
    return kernels.judged(puzzle, seed, outcomes(by_name, cases(puzzle, seed)))


def check_program(output: Expression, puzzle: ProgramPuzzle, seed: int | None = None) -> Verdict:
    """Check a program for attention that is already at hand, likewise."""
    return programs.check(output, puzzle, _fresh_seed() if seed is None else seed)


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
        given = gate.prediction(tree)
        puzzle = _named_puzzle(name)
        kind = _kind(puzzle)
        _agrees(Path(file).stem, puzzle)
        debugged = gate.debug_seed(tree) if isinstance(puzzle, Puzzle) else None
        if debugged is None:
            predicted = Predicted.of(question(puzzle), given, is_secret=puzzle.defect is not None)
            start = skeleton(puzzle, catalog.number(puzzle))
        else:
            predicted, start = _named(puzzle, debugged, given)
        has_defect = debugged is not None or puzzle.defect is not None
        if same_program(text, start):
            what, how = ("defect", "there") if has_defect else ("hole", "empty")
            told = f"the {what} in {file} is still {how}."
            reason = Reason("untouched", told)
            return Verdict(name, file, seed, (reason,), predicted=predicted)
        kind.inspect(puzzle, tree)
    except (gate.Refused, PuzzleError) as refusal:
        reason = Reason("file", str(refusal), line=getattr(refusal, "line", None))
        return Verdict(name, file, seed, (reason,), predicted=predicted)
    on_gpu = workers is not None and workers.on_gpu
    report = _run(kind.job(puzzle, text, seed, on_gpu), time_limit, workers)
    if report.failure:
        reason = Reason("file" if report.refused else "sandbox", report.failure, line=report.line)
        return Verdict(name, file, seed, (reason,), printed=report.printed, predicted=predicted)
    verdict = kind.judged(puzzle, seed, report.outcome)
    verdict = replace(verdict, file=file, printed=report.printed, predicted=predicted)
    if not has_defect or predicted is None or predicted.right or not verdict.passed:
        return verdict
    told = f"the kernel is right again; now name the lines that made it wrong. {predicted.question}"
    return replace(verdict, reasons=(Reason("prediction", told),))


def _kind(puzzle: Exercise) -> Any:
    """The module that checks puzzles of this kind."""
    return next(module for kind, module in _KINDS.items() if isinstance(puzzle, kind))


def _named(puzzle: Exercise, seed: int, given: str) -> tuple[Predicted, str]:
    """The lines that a learner names as those of a planted defect, and the file as it was written."""
    from puzzles.debug.planted import QUESTION, plant  # plants, and so runs kernels of ours

    planted = plant(puzzle.id, seed)
    lines = tuple(map(int, re.findall(r"\d+", given)))
    answer = " and ".join(map(str, planted.answer))
    right = planted.is_named(lines)
    return Predicted(QUESTION, given, right, answer, f"{planted.what}.", is_secret=True), planted.text


def _run(job: Work, time_limit: float, workers: Workers | None) -> Any:
    if workers is not None:
        return workers.run(job, time_limit)
    own = Workers()
    try:
        return own.run(job, time_limit)
    finally:
        own.end()


def _fresh_seed() -> int:
    return secrets.randbelow(10**9)


def _agrees(stem: str, puzzle: Exercise) -> None:
    """Raises Refused if a file has the name that `start` gives to another puzzle's."""
    number, _, rest = stem.partition("_")
    other = rest.replace("_", "-")
    if number.isdecimal() and other != puzzle.id and other in catalog.ids():
        raise gate.Refused(f"The file is called {stem}, but its line PUZZLE says {puzzle.id!r}.")


def _named_puzzle(name: str) -> Exercise:
    if not name:
        raise gate.Refused('The file does not say which puzzle it solves; add a line such as PUZZLE = "map".')
    try:
        return catalog.load(name)
    except catalog.UnknownPuzzle as unknown:
        raise gate.Refused(f"The file's line PUZZLE is wrong: {unknown}") from None
