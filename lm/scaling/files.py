"""Writing files whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lm.errors import LMError


def write_file(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all.  Raises LMError when it cannot be written."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise LMError(f"{path} cannot be written: {error.strerror}") from None
