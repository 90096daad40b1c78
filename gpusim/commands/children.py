"""Child processes of a program: each has a simulated GPU as well, and one report is of all."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import spawn
from pathlib import Path
from typing import Any

from gpusim.host import install
from gpusim.host.journal import Journal
from gpusim.host.session import Session
from gpusim.simulator import Check

_PREPARATION = "get_preparation_data"


@contextmanager
def followed(session: Session) -> Iterator[None]:
    """Simulate in processes that `multiprocessing` starts meanwhile, and add what they did to the session.

    Forked processes have the session already; what others get before they import the program starts one.
    """
    journal = Journal(Path(tempfile.mkdtemp(prefix="gpusim-")), os.getpid())
    session.journal = journal
    prepare = getattr(spawn, _PREPARATION)
    setattr(spawn, _PREPARATION, _preparing(prepare, _Start(session.check, journal)))
    try:
        yield
    finally:
        setattr(spawn, _PREPARATION, prepare)
        if journal.is_own:
            _wait()
            for launch, findings in journal.read():
                session.keep(launch, findings)
            shutil.rmtree(journal.folder, ignore_errors=True)


class _Start:
    """Starts a session where it is unpickled."""

    def __init__(self, check: Check, journal: Journal) -> None:
        self._arguments = check, journal

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Check, Journal]]:
        return _start, self._arguments


def _start(check: Check, journal: Journal) -> None:
    session = install(check)
    session.journal = journal
    # Processes that this one starts.
    setattr(spawn, _PREPARATION, _preparing(getattr(spawn, _PREPARATION), _Start(check, journal)))


def _preparing(prepare: Callable[[str], dict[str, Any]], start: _Start) -> Callable[[str], dict[str, Any]]:
    return lambda name: {**prepare(name), "gpusim": start}


def _wait() -> None:
    """Python waits for child processes at its end; the report is made before."""
    for process in multiprocessing.active_children():
        if not process.daemon:
            process.join()
