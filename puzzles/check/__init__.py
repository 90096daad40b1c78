"""The checker: gate, sandbox, launches, judge.

A learner's file passes through four stages, and each can reject it:

1. `gate` reads the text: syntax, a `kernel`, and nothing that would act on the host when imported.
2. `sandbox` executes it in a process with limits on time and memory (`child` is that process).
3. `launch` runs the kernel on the simulator, with arguments of the checker's own: fresh random inputs,
   several sizes, outputs full of poison.
4. `judge` compares inputs and outputs with what they should be, and the counts with the puzzle's limits.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path
from typing import Any

from puzzles import catalog
from puzzles.check import gate, sandbox
from puzzles.check.cases import cases
from puzzles.check.judge import judge, notes
from puzzles.check.outcome import Outcome
from puzzles.check.verdict import Launched, Reason, Verdict
from puzzles.source import same_program, skeleton
from puzzles.spec import Puzzle

__all__ = ["Reason", "Verdict", "check_file", "check_folder", "check_kernel"]

TIME_LIMIT = 60.0
"""Seconds a file may take, as a backstop: endless loops end earlier, at the simulator's step limit."""


def check_kernel(kernel: Any, puzzle: Puzzle, seed: int | None = None) -> Verdict:
    """Check a kernel that is already at hand, for instance in a notebook: in this process, without a sandbox.

    For a puzzle with several kernels, `kernel` maps their names to them.
    `seed` repeats an earlier check; by default every check draws new inputs and sizes.
    """
    from puzzles.check.launch import outcomes

    seed = _fresh_seed() if seed is None else seed
    kernels = kernel if isinstance(kernel, Mapping) else dict.fromkeys(puzzle.kernels, kernel)
    return _judged(puzzle, "", seed, outcomes(kernels, cases(puzzle, seed)))


def check_file(path: Path, seed: int | None = None, time_limit: float = TIME_LIMIT) -> Verdict:
    """Check the file of a learner. Whatever is wrong with it, the answer is a verdict and no exception."""
    seed = _fresh_seed() if seed is None else seed
    name = ""
    try:
        text = _read(path)
        tree = gate.parse(text)
        name = gate.puzzle_id(tree) or ""
        puzzle = _named_puzzle(name)
        if same_program(text, skeleton(puzzle, catalog.number(puzzle))):
            reason = Reason("untouched", f"the hole in {path} is still empty.")
            return Verdict(name, str(path), seed, (reason,))
        gate.inspect_file(tree)
    except gate.Refused as refusal:
        return Verdict(name, str(path), seed, (Reason("file", str(refusal), line=refusal.line),))
    report = sandbox.run(text, str(path), name, seed, time_limit)
    if report.failure:
        reason = Reason("sandbox", report.failure, line=report.line)
        return Verdict(name, str(path), seed, (reason,), printed=report.printed)
    return _judged(puzzle, str(path), seed, report.outcomes, report.printed)


def check_folder(path: Path, seed: int | None = None, time_limit: float = TIME_LIMIT) -> list[Verdict]:
    """Check every file of a folder that names a puzzle or that is not even Python, in the order of names."""
    files = [file for file in sorted(path.glob("*.py")) if _claims_a_puzzle(file)]
    with ThreadPoolExecutor(cpu_count()) as pool:
        return list(pool.map(lambda file: check_file(file, seed, time_limit), files))


def _judged(puzzle: Puzzle, file: str, seed: int, outcomes: Iterable[Outcome], printed: str = "") -> Verdict:
    """Judge launch by launch, up to the first that is rejected."""
    launched: list[Launched] = []
    remarks: dict[str, None] = {}
    reasons: list[Reason] = []
    delivered = iter(outcomes)
    for case in cases(puzzle, seed):
        outcome = next(delivered, None) or Outcome(error="The process that runs the kernel left out this launch.")
        one, reasons = judge(puzzle, case, outcome)
        launched.append(one)
        remarks |= dict.fromkeys(notes(outcome))
        if reasons:
            break
    return Verdict(puzzle.id, file, seed, tuple(reasons), tuple(remarks), tuple(launched), printed)


def _fresh_seed() -> int:
    return secrets.randbelow(10**9)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise gate.Refused("This file is not text in UTF-8; save it as plain Python source.") from None
    except OSError as error:
        raise gate.Refused(f"Cannot read the file: {error.strerror}.") from None


def _named_puzzle(name: str) -> Puzzle:
    if not name:
        raise gate.Refused('The file does not say which puzzle it solves; add a line such as PUZZLE = "map".')
    try:
        return catalog.load(name)
    except catalog.UnknownPuzzle as unknown:
        raise gate.Refused(f"The file's line PUZZLE is wrong: {unknown}") from None


def _claims_a_puzzle(file: Path) -> bool:
    try:
        return gate.puzzle_id(gate.parse(_read(file))) is not None
    except gate.Refused:
        return True
