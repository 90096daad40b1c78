"""What was handed in: a folder for each submission, or one folder of files that is a single submission."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from puzzles.check.gate import claimed_id
from puzzles.errors import PuzzleError
from puzzles.text_file import Unreadable, claims_a_puzzle, read

FILES = 200
"""Of a submission that are looked at."""


@dataclass(frozen=True)
class Submission:
    """`texts`: file name -> text, of the files that name a puzzle; `unreadable`: file name -> why it could not be read.

    `time` is that of the latest file, in seconds since 1970.
    """

    name: str
    texts: dict[str, str]
    unreadable: dict[str, str]
    time: float = 0.0

    @property
    def digest(self) -> str:
        """A name for the content: the same files have the same."""
        digest = hashlib.sha256()
        for name, text in sorted({**self.texts, **self.unreadable}.items()):
            digest.update(f"{len(name)} {len(text)} {name} {text}".encode(errors="surrogatepass"))
        return digest.hexdigest()[:32]

    @property
    def puzzles(self) -> list[str]:
        """The puzzles that the files name."""
        return sorted({name for text in self.texts.values() if (name := claimed_id(text))})

    def is_late(self, due: datetime | None) -> bool:
        """Whether a file changed after the due time."""
        return due is not None and datetime.fromtimestamp(self.time, UTC) > due.astimezone(UTC)


def collect(folder: Path) -> list[Submission]:
    """The submissions of a folder, by name. Raises PuzzleError for a folder that cannot be read or holds none."""
    try:
        inside = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        if not inside and any(folder.glob("*.py")):
            return [_submission(folder)]
    except OSError as error:
        raise PuzzleError(f"cannot read {folder}: {error.strerror}.") from None
    if not inside:
        raise PuzzleError(f"{folder} holds no submissions: expected a folder for each, or the files of a single one.")
    return [_submission(path) for path in inside]


def _submission(folder: Path) -> Submission:
    """One folder, however deep its files lie. Links are not followed: they lead to files of somebody else."""
    texts: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    latest = 0.0
    if folder.is_symlink():
        return Submission(folder.name, {}, {".": "This is a link to another folder."})
    try:
        files = sorted(path for path in folder.rglob("*.py"))
    except OSError as error:
        return Submission(folder.name, {}, {".": f"Cannot read the folder: {error.strerror}."})
    for path in files:
        name = path.relative_to(folder).as_posix()
        if len(texts) + len(unreadable) >= FILES:
            unreadable["..."] = f"There are more than {FILES} files."
            break
        if path.is_symlink():
            unreadable[name] = "This is a link to another file."
            continue
        try:
            text = read(path)
            latest = max(latest, path.stat().st_mtime)
        except (Unreadable, OSError) as error:
            unreadable[name] = str(error)
            continue
        if claims_a_puzzle(path):
            texts[name] = text
    return Submission(folder.name, texts, unreadable, latest)
