"""Checks for the commands: by a process that is kept ready (`puzzles.server`) where there can be one, else here."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gpusim
import lm
import puzzles
from puzzles import catalog
from puzzles.errors import PuzzleError
from puzzles.text_file import Unreadable, read
from puzzles.verdict import Reason, Verdict

STARTED_WITHIN = 60.0
"""Seconds that a server may take to answer for the first time."""

TIME_LIMIT = 60.0
"""Seconds a file may take, as a backstop: endless loops end earlier, at the simulator's step limit."""


class Service(ABC):
    """Something that checks files; use it in a `with` block, at whose end it stops what it still does."""

    sandbox: str
    is_sandbox: bool

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def check_text(self, text: str, file: str, seed: int | None, time_limit: float) -> Verdict:
        """The verdict on the text of a file."""

    @abstractmethod
    def close(self) -> None:
        """Give up on what has not been answered."""

    def check_file(self, path: Path, seed: int | None = None, time_limit: float = TIME_LIMIT) -> Verdict:
        """The verdict on a file, whatever is wrong with it."""
        try:
            text = read(path)
        except Unreadable as error:
            return Verdict("", str(path), seed or 0, (Reason("file", str(error)),))
        return self.check_text(text, str(path), seed, time_limit)


def service(require_sandbox: bool = False, on_gpu: bool = False) -> Service:
    """The service of this machine. Raises PuzzleError if a sandbox is required and none works here."""
    found = (None if catalog.is_extended() or on_gpu else _connect()) or Here(on_gpu)
    if require_sandbox and not found.is_sandbox:
        found.close()
        raise PuzzleError(
            "no sandbox works here (bubblewrap, or user namespaces for `unshare`); leave --require-sandbox out to "
            "check with limits on a process alone"
        )
    return found


class Here(Service):
    """This process checks, and starts workers of its own."""

    def __init__(self, on_gpu: bool = False) -> None:
        from puzzles.check import Workers  # loads the simulator

        self._workers = Workers(on_gpu=on_gpu)
        self.sandbox, self.is_sandbox = self._workers.wall.name, self._workers.wall.is_sandbox

    def check_text(self, text: str, file: str, seed: int | None, time_limit: float) -> Verdict:
        from puzzles.check import check_text

        return check_text(text, file, seed, time_limit, self._workers)

    def close(self) -> None:
        self._workers.end()


class There(Service):
    """A process that is kept ready checks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: set[socket.socket] = set()
        hello = self._ask({"hello": True})
        self.sandbox, self.is_sandbox = hello["sandbox"], hello["is_sandbox"]

    def check_text(self, text: str, file: str, seed: int | None, time_limit: float) -> Verdict:
        request = {"text": text, "file": file, "seed": seed, "time_limit": time_limit}
        try:
            return Verdict.from_dict(self._ask(request)["verdict"])
        except (OSError, ValueError) as error:
            raise PuzzleError(f"the process that checks has ended ({error}); try again") from None

    def close(self) -> None:
        for connection in list(self._open):
            connection.close()

    def stop(self) -> None:
        """End the process."""
        self._ask({"stop": True})

    def _ask(self, request: dict[str, Any]) -> Any:
        with socket.socket(socket.AF_UNIX) as connection:
            self._open.add(connection)
            try:
                connection.connect(str(self._path))
                connection.sendall(json.dumps(request).encode() + b"\n")
                with connection.makefile("rb") as answers:
                    return json.loads(answers.readline())
            finally:
                self._open.discard(connection)


def _connect() -> There | None:
    """The server of this user for these very packages, started if there is none; None where there cannot be one."""
    if not hasattr(socket, "AF_UNIX") or not hasattr(os, "fork"):
        return None
    folder = _private_folder()
    if folder is None:
        return None
    path = folder / f"{stamp()}.socket"
    deadline = time.monotonic() + STARTED_WITHIN
    starting: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        try:
            return There(path)
        except (OSError, ValueError):
            if starting is None:
                path.unlink(missing_ok=True)  # of one that was killed
                starting = _start(path)
            elif starting.poll() is not None:
                return None
        time.sleep(0.02)
    return None


def _start(path: Path) -> subprocess.Popen[bytes]:
    roots = _roots([puzzles, gpusim])
    places = [*roots, *filter(None, [os.environ.get("PYTHONPATH")])]
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_ENABLE_CUDASIM"}
    environment = {**kept, "PYTHONPATH": os.pathsep.join(places)}
    return subprocess.Popen(
        [sys.executable, "-m", "puzzles.server", str(path)],
        cwd=os.path.abspath(os.sep),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _private_folder() -> Path | None:
    """A folder for sockets that nobody else can enter; None if somebody else was there first."""
    folder = Path(tempfile.gettempdir()) / f"gpusim-puzzles-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    return folder if found.st_uid == os.getuid() and found.st_mode & 0o77777 == 0o40700 else None


def stamp() -> str:
    """Changes with Python, and with every file of the packages: a server answers for the code that it has loaded."""
    digest = hashlib.sha256(sys.executable.encode())
    for package in (puzzles, lm, gpusim):
        for folder, _, files in sorted(os.walk(Path(str(package.__file__)).parent)):
            for file in sorted(files):
                if file.endswith(".py"):
                    path = os.path.join(folder, file)
                    digest.update(f"{path} {os.stat(path).st_mtime_ns}".encode())
    return digest.hexdigest()[:20]


def _roots(packages: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(str(Path(str(package.__file__)).parent.parent) for package in packages))
