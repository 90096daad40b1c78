"""Training the trials that a folder has no record of, in processes here or on a Dask cluster.

Every record is written here as soon as it arrives, so an interrupted sweep goes on where it stopped, and workers need
no disk in common.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lm.errors import LMError
from lm.scaling.sweep.plan import Trial
from lm.scaling.sweep.records import missing, save
from lm.scaling.sweep.trial import train

Arrivals = Iterator[tuple[Trial, dict]]


def run(
    trials: list[Trial],
    folder: Path,
    processes: int = 2,
    scheduler: str | None = None,
    progress: Callable[[Trial], None] = lambda _: None,
) -> int:
    """Train what is missing and return how many trials that were.  `progress` is called after each.

    Raises LMError for fewer than one process, a scheduler that does not answer, or a folder that cannot be written.
    """
    if processes < 1:
        raise LMError(f"--processes must be 1 or more, got {processes}")
    left = missing(trials, folder)
    if not left:
        return 0
    with _dask(left, scheduler) if scheduler is not None else _pool(left, processes) as arrivals:
        for trial, record in arrivals:
            save(record, trial, folder)
            progress(trial)
    return len(left)


def _train(trial: Trial) -> tuple[Trial, dict]:
    return trial, train(trial)


@contextmanager
def _pool(trials: list[Trial], processes: int) -> Iterator[Arrivals]:
    """Records from processes of this machine, as they finish; leaving early ends the processes."""
    with multiprocessing.get_context("spawn").Pool(min(processes, len(trials))) as pool:
        yield pool.imap_unordered(_train, trials)


@contextmanager
def _dask(trials: list[Trial], scheduler: str) -> Iterator[Arrivals]:
    """Records from the workers of a Dask cluster, as they finish; leaving early cancels what is left."""
    from distributed import Client, as_completed
    from distributed.comm import get_address_host_port

    try:
        get_address_host_port(scheduler)  # a client that is given nonsense leaves a traceback behind
        client = Client(scheduler, timeout=10, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise LMError(f"the Dask scheduler {scheduler} does not answer ({error}): check the address") from None
    with client:
        futures = client.map(_train, trials, pure=False)
        try:
            yield (future.result() for future in as_completed(futures, loop=client.loop))
        finally:
            client.cancel(futures)
