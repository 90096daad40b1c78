"""Learners' files for the tests: solutions, solutions with something replaced, and kernels written out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from puzzles import catalog
from puzzles.check import Reason, Verdict, Workers, check_file, check_kernel, gate
from puzzles.check.build import build
from puzzles.source import solution

Edit = Callable[..., str]
Check = Callable[..., Verdict]


@pytest.fixture(scope="session")
def edited() -> Edit:
    """edited(id, (old, new), ...): the text of a puzzle's solution, with every `old` replaced."""

    def edit(name: str, *replacements: tuple[str, str]) -> str:
        puzzle = catalog.load(name)
        text = solution(puzzle, catalog.number(puzzle))
        for old, new in replacements:
            assert old in text, f"the solution of {name} has no {old!r}"
            text = text.replace(old, new)
        return text

    return edit


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Processes for the kernels of all tests."""
    started = Workers()
    yield started
    started.end()


@pytest.fixture
def check_text(tmp_path: Path, workers: Workers) -> Check:
    """check_text(text): the verdict on a file with this text, gate and sandbox included."""

    def check(text: str, **options: Any) -> Verdict:
        path = tmp_path / "answer.py"
        path.write_text(text, encoding="utf-8")
        return check_file(path, **{"workers": workers, **options})

    return check


@pytest.fixture
def judge_text(tmp_path: Path) -> Check:
    """judge_text(id, text): the verdict on the kernel in this text, without a sandbox, which is faster."""

    def check(name: str, text: str, seed: int = 1) -> Verdict:
        path = tmp_path / "answer.py"
        path.write_text(text, encoding="utf-8")
        puzzle = catalog.load(name)
        try:
            kernels = build(text, str(path), list(puzzle.kernels))
        except gate.Refused as refusal:
            return Verdict(name, str(path), seed, (Reason("file", str(refusal), line=refusal.line),))
        return check_kernel(kernels, puzzle, seed)

    return check
