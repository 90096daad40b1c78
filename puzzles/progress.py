"""How far a learner has come: `.puzzles.json` beside the files, read and written whole.

    {"schema": 1, "passed": {"map": {"best": 8}}, "skipped": ["guard"], "predicted": {"map": true}}
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from puzzles.errors import PuzzleError
from puzzles.verdict import Verdict

NAME = ".puzzles.json"


@dataclass
class Progress:
    """`passed`: puzzle id -> the best score of an optimisation puzzle, or None; `skipped`: ids; `predicted`: id ->
    whether the first answer to its question was right."""

    folder: Path
    passed: dict[str, int | None] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    predicted: dict[str, bool] = field(default_factory=dict)

    @staticmethod
    def of(folder: Path) -> Progress:
        """What the folder's file says; nothing is done where there is none. Raises PuzzleError for a broken one."""
        path = folder / NAME
        if path.exists() and not path.is_file():
            raise PuzzleError(f"{path} is not a file; remove it")
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            passed = {str(name): _best(entry) for name, entry in record["passed"].items()}
            predicted = {str(name): bool(right) for name, right in record.get("predicted", {}).items()}
            return Progress(folder, passed, [str(name) for name in record["skipped"]], predicted)
        except FileNotFoundError:
            return Progress(folder)
        except OSError as error:
            raise PuzzleError(f"cannot read {path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise PuzzleError(f"{path} is damaged; delete it, and check the folder to make it anew") from None

    def note(self, verdict: Verdict) -> bool:
        """Take note of a verdict; whether that changed anything. What has passed stays passed."""
        if not verdict.passed:
            return False
        score = verdict.score.measured if verdict.score else None
        known = self.passed.get(verdict.puzzle, MISSING)
        best = score if known is MISSING or known is None else known if score is None else min(score, known)
        self.passed[verdict.puzzle] = best
        self.skipped = [name for name in self.skipped if name != verdict.puzzle]
        return bool(best != known)

    def answered(self, name: str, right: bool) -> bool:
        """Take note of an answer to a puzzle's question; whether it was the first one, which counts."""
        if name in self.predicted:
            return False
        self.predicted[name] = right
        return True

    def save(self) -> None:
        """Write the file whole. Raises PuzzleError."""
        path = self.folder / NAME
        passed = {name: {"best": best} for name, best in self.passed.items()}
        record = {"schema": 1, "passed": passed, "skipped": self.skipped, "predicted": self.predicted}
        text = json.dumps(record, indent=2)
        beside = path.with_name(f"{NAME}.{os.getpid()}")
        try:
            beside.write_text(text + "\n", encoding="utf-8")
            os.replace(beside, path)
        except OSError as error:
            raise PuzzleError(f"cannot write {path}: {error.strerror}") from None


MISSING: Any = object()


def _best(entry: Any) -> int | None:
    best = entry["best"]
    return None if best is None else int(best)
