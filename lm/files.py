"""Writing files whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lm.errors import LMError


def write_file(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all; makes its folder.  Raises LMError when it cannot be written."""
    partial = _beside(path)
    try:
        partial.write_bytes(data)
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise LMError(f"{path} cannot be written: {error.strerror}") from None


def check_writable(path: Path) -> None:
    """Before long work: raises LMError where `write_file` would, as far as can be known.  Makes the folder."""
    partial = _beside(path)
    try:
        partial.touch()
        partial.unlink()
    except OSError as error:
        raise LMError(f"{path} cannot be written: {error.strerror}") from None


def _beside(path: Path) -> Path:
    """Where the file is written first, in its folder, which is made.  Raises LMError where there can be no file."""
    if path.is_dir():
        raise LMError(f"{path} cannot be written: it is a directory; give a file name")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise LMError(f"{path} cannot be written: {path.parent} is no directory") from None
    except OSError as error:
        raise LMError(f"{path} cannot be written: {error.strerror}") from None
    return path.with_name(f"{path.name}.{os.getpid()}.part")
