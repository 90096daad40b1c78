"""Learners' files as text: regular files of bounded size, in UTF-8."""

from __future__ import annotations

from pathlib import Path

BYTES = 400_000


class Unreadable(Exception):
    """The file cannot be read as text; the message says why in one sentence."""


def read(path: Path) -> str:
    """The text of a file. Raises Unreadable for devices, pipes, large files, and other encodings."""
    try:
        if not path.is_file():
            raise Unreadable("This is not a file of text.")
        with path.open("rb") as file:
            data = file.read(BYTES + 1)
    except OSError as error:
        raise Unreadable(f"Cannot read the file: {error.strerror}.") from None
    if len(data) > BYTES:
        raise Unreadable(f"The file is larger than {BYTES:,} bytes, too large for a puzzle file.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("This file is not text in UTF-8; save it as plain Python source.") from None


def claims_a_puzzle(path: Path) -> bool:
    """Whether a file has a line `PUZZLE = ...`, or cannot be read."""
    try:
        return any(line.startswith("PUZZLE") and "=" in line for line in read(path).splitlines())
    except Unreadable:
        return True


def files_of(folder: Path) -> list[Path]:
    """The files of a folder that name a puzzle, or that cannot be read, in the order of names."""
    return [file for file in sorted(folder.glob("*.py")) if file.is_file() and claims_a_puzzle(file)]
