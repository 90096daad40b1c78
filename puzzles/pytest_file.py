"""`test_puzzles.py`, which `start` writes: the course as plain test functions, for pytest and editors' test panels."""

from __future__ import annotations

from collections.abc import Sequence

from puzzles.exercise import Exercise
from puzzles.source import file_name

FILE = "test_puzzles.py"

_HEAD = '''"""The puzzles of this folder as tests: `pytest` runs them all, `pytest -k map` one."""

from pathlib import Path

import pytest

from puzzles.check import check_file

HERE = Path(__file__).parent


def check(name: str) -> None:
    path = HERE / name
    if not path.exists():
        pytest.skip(f"there is no {name}; `python -m puzzles start .` writes it")
    verdict = check_file(path)
    if verdict.untouched:
        pytest.skip("still open")
    if not verdict.passed:
        pytest.fail(str(verdict), pytrace=False)
'''


def pytest_file(puzzles: Sequence[Exercise]) -> str:
    """The file's text: one function for each puzzle."""
    tests = [
        f'\n\ndef test_{puzzle.id.replace("-", "_")}() -> None:\n    check("{file_name(puzzle, number)}")\n'
        for number, puzzle in enumerate(puzzles, 1)
    ]
    return _HEAD + "".join(tests)
