"""One submission checked: a record, JSON-ready, that is written whole and found again by the submission's content."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from puzzles.check import Workers, check_text
from puzzles.errors import PuzzleError
from puzzles.grade.submissions import Submission

Record = dict[str, Any]

SCHEMA = 1

SHOWN = 4_000
"""Characters of a verdict that a record keeps."""


def grade(name: str, texts: Mapping[str, str], unreadable: Mapping[str, str], time_limit: float) -> Record:
    """Check the files of a submission, each in a process of its own.

    Returns {"schema", "submission", "checks": [{"file", "puzzle", "status", "seed", "output", "score"}]}, where status
    is "passed", "failed", "open" or "unreadable".
    """
    checks = [
        {"file": file, "puzzle": "", "status": "unreadable", "seed": 0, "output": why, "score": None}
        for file, why in unreadable.items()
    ]
    for file, text in texts.items():
        verdict = check_text(text, file, None, time_limit, _workers())
        status = "passed" if verdict.passed else "open" if verdict.untouched else "failed"
        score = verdict.score.measured if verdict.score else None
        output = str(verdict)[:SHOWN]
        checks.append(
            {
                "file": file,
                "puzzle": verdict.puzzle,
                "status": status,
                "seed": verdict.seed,
                "output": output,
                "score": score,
            }
        )
    return {"schema": SCHEMA, "submission": name, "checks": checks}


@cache
def _workers() -> Workers:
    """The processes in which the kernels of this process's submissions run."""
    return Workers()


class Records:
    """A folder of records. `version` changes with the checker, so that its old records are not taken for new ones."""

    def __init__(self, folder: Path, version: str) -> None:
        self._folder = folder
        self._version = version
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PuzzleError(f"cannot write to {folder}: {error.strerror}.") from None

    def find(self, submission: Submission) -> Record | None:
        """The record of a submission with this very content, under its present name."""
        try:
            record = json.loads(self._path(submission).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(record, dict) or record.get("version") != self._version:
            return None
        return {**record, "submission": submission.name}

    def keep(self, submission: Submission, record: Record) -> Record:
        """Write a record whole, or not at all."""
        record = {**record, "version": self._version}
        path = self._path(submission)
        beside = path.with_suffix(f".{os.getpid()}")
        try:
            beside.write_text(json.dumps(record), encoding="utf-8")
            os.replace(beside, path)
        except OSError as error:
            raise PuzzleError(f"cannot write {path}: {error.strerror}.") from None
        return record

    def _path(self, submission: Submission) -> Path:
        return self._folder / f"{submission.digest}.json"


def statuses(record: Record, puzzles: list[str]) -> dict[str, str]:
    """Puzzle -> the best status among its files, or "missing"."""
    order = ("passed", "failed", "open")
    found = dict.fromkeys(puzzles, "missing")
    for check in record["checks"]:
        name, status = check["puzzle"], check["status"]
        if name in found and status in order:
            known = found[name]
            found[name] = status if known == "missing" else min(known, status, key=order.index)
    return found
