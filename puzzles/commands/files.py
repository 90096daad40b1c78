"""Files that commands write: whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from puzzles.errors import PuzzleError


def write_text(path: Path, text: str) -> None:
    """Write a file and the folders above it. Raises PuzzleError."""
    beside = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise PuzzleError(f"cannot write {path}: {error.strerror}.") from None
