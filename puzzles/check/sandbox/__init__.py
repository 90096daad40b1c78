"""Runs a learner's kernels in a process of their own, behind limits and, where one works, a sandbox.

The outer side of the wall: it starts workers, gives them jobs, and believes nothing that comes back before it has
looked at its size, shapes and types. `worker` and the jobs are the inner side.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gpusim
import puzzles
from puzzles.check.sandbox import walls, wire
from puzzles.check.sandbox.limits import FORKS
from puzzles.check.sandbox.work import Work

LINES = 12
COLUMNS = 200
"""Of a kernel's output that are shown."""

GRACE = 20.0
"""Seconds that a worker has beyond a job's own time limit, above all for its start."""

KEPT = ("SYSTEMROOT", "TEMP", "TMP")
"""Environment variables without which Python does not start on Windows; no others are passed on."""


@dataclass(frozen=True)
class Report:
    """What came out of the sandbox: the job's outcome, or why there is none."""

    outcome: Any = None
    failure: str = ""
    line: int | None = None
    printed: str = ""
    refused: bool = False


class Worker:
    """One process that does jobs, one at a time; where it cannot fork, a single one."""

    def __init__(self, wall: walls.Wall, on_gpu: bool = False) -> None:
        command = [*wall.prefix, sys.executable, "-B", "-s", "-m", "puzzles.worker"]
        self._process = subprocess.Popen(
            command,
            cwd=os.path.abspath(os.sep),
            env={**os.environ, **_environment()} if on_gpu else _environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def run(self, job: Work, seconds: float) -> Report:
        """Do a job within some seconds; whatever happens, the answer is a report. A worker that fails is ended."""
        overdue = threading.Timer(seconds + GRACE, self.end)
        overdue.start()
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(job.packed(seconds))
            self._process.stdin.flush()
            answer, (found,) = wire.read(self._process.stdout.read)
            return _report(answer, bytes(found), job, seconds)
        except (OSError, EOFError, ValueError, TypeError, LookupError):
            self.end()
            return Report(failure="The process that runs the kernel ended without an answer.")
        finally:
            overdue.cancel()
            if not FORKS:
                self.end()

    @property
    def is_alive(self) -> bool:
        """Whether it can take another job."""
        return self._process.poll() is None

    def end(self) -> None:
        """Kill the process, and on POSIX all of its session."""
        try:
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        except (ProcessLookupError, PermissionError):
            pass
        self._process.wait()


class Workers:
    """Workers that wait for jobs; as many at a time as there are jobs at a time. `wall` is what surrounds them.

    Those for a GPU (`on_gpu`) have no sandbox, and the environment of this process, since the driver needs both.
    """

    def __init__(self, wall: walls.Wall | None = None, on_gpu: bool = False) -> None:
        self.wall = walls.best() if wall is None and not on_gpu else wall or walls.NONE
        self.on_gpu = on_gpu
        self._idle: list[Worker] = []
        self._lock = threading.Lock()

    def run(self, job: Work, seconds: float) -> Report:
        """Do a job in the next free worker."""
        with self._worker() as worker:
            return worker.run(job, seconds)

    def prepare(self) -> None:
        """Start a worker before there is a job."""
        with self._worker():
            pass

    def end(self) -> None:
        """End all workers that wait."""
        with self._lock:
            workers, self._idle = self._idle, []
        for worker in workers:
            worker.end()

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is None or not worker.is_alive:
            worker = Worker(self.wall, self.on_gpu)
        try:
            yield worker
        except BaseException:
            worker.end()
            raise
        with self._lock:
            if worker.is_alive:
                self._idle.append(worker)


def _report(answer: dict[str, object], found: bytes, job: Work, seconds: float) -> Report:
    """What a worker's answer says. Raises wire.BadMessage for one that cannot be."""
    printed = _shown(str(answer["printed"]))
    if answer["timed_out"]:
        return Report(failure=_too_long(job, seconds), printed=printed)
    if answer["flooded"]:
        return Report(failure="The kernel prints more than anybody reads; the check was ended.", printed=printed)
    if not found:
        return Report(failure=_ended(answer["status"], job, seconds), printed=printed)
    head, rest = found[: wire.HEAD.size], found[wire.HEAD.size :]
    length, _ = wire.HEAD.unpack(head)
    value, arrays = wire.unpack(rest[:length], rest[length:])
    if isinstance(value, dict) and "refused" in value:
        return Report(failure=str(value["refused"]), line=value["line"], printed=printed, refused=True)
    return Report(job.outcome(value, arrays), printed=printed)


def _too_long(job: Work, seconds: float) -> str:
    return f"Not finished after {seconds:g} seconds. {job.overdue} (--time-limit allows for more.)"


def _ended(status: object, job: Work, seconds: float) -> str:
    if hasattr(signal, "SIGXCPU") and status == -signal.SIGXCPU:
        return _too_long(job, seconds)
    return f"The process that runs the kernel ended with exit status {status} and without a result."


def _shown(printed: str) -> str:
    """The first lines of a kernel's output, shortened."""
    lines = printed.strip().splitlines()
    shown = [line[:COLUMNS] for line in lines[:LINES]]
    if len(lines) > LINES:
        shown.append("... and more")
    return "\n".join(shown)


def _environment() -> dict[str, str]:
    """What a worker gets: our packages' place, and nothing of this process's environment but what Windows needs."""
    roots = dict.fromkeys(str(Path(str(package.__file__)).parent.parent) for package in (puzzles, gpusim))
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(roots), "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"}
