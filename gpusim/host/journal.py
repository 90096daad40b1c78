"""What child processes did: each appends its launches and findings to a file of its own."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpusim.findings import Finding

Entry = tuple[dict[str, Any], Sequence[Finding]]
"""A launch's summary and its findings."""


@dataclass(frozen=True)
class Journal:
    """A folder that the processes of a program share; `owner` is the process that reads it."""

    folder: Path
    owner: int

    @property
    def is_own(self) -> bool:
        return os.getpid() == self.owner

    def write(self, entry: Entry) -> None:
        """Keep an entry at once: pools of processes end their workers without a warning."""
        # A child can outlive the report, and with it the folder.
        with suppress(FileNotFoundError), (self.folder / str(os.getpid())).open("ab") as file:
            file.write(pickle.dumps(entry))

    def read(self) -> Iterator[Entry]:
        """All entries, by process in the order of their numbers."""
        for path in sorted(self.folder.iterdir(), key=lambda path: int(path.name)):
            with path.open("rb") as file, suppress(EOFError, pickle.UnpicklingError):  # at the end, or ended in writing
                while True:
                    yield pickle.load(file)
