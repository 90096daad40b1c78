"""Many submissions at a time: by threads here, each with a process for its kernels, or by a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed

from puzzles.errors import PuzzleError
from puzzles.grade.records import Record, grade
from puzzles.grade.submissions import Submission

Graded = Iterator[tuple[Submission, Record]]


def here(submissions: list[Submission], time_limit: float, at_a_time: int) -> Graded:
    """Grade on this machine, as many submissions at a time as given; each comes as soon as it is done."""
    pool = ThreadPoolExecutor(at_a_time)
    try:
        waiting = {
            pool.submit(Safely(grade), one.name, one.texts, one.unreadable, time_limit): one for one in submissions
        }
        for done in as_completed(waiting):
            yield waiting[done], done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def on_cluster(submissions: list[Submission], time_limit: float, address: str) -> Graded:
    """Grade on the workers of the Dask cluster whose scheduler has this address. Raises PuzzleError."""
    from distributed import Client
    from distributed import as_completed as each_when_done

    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise PuzzleError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        waiting = {
            client.submit(
                Safely(grade), one.name, one.texts, one.unreadable, time_limit, pure=False, key=f"grade-{n}"
            ): one
            for n, one in enumerate(submissions)
        }
        for done in each_when_done(waiting):
            yield waiting[done], done.result()


class Safely:
    """A function that can be sent to other processes: what goes wrong in it becomes a record of that one submission."""

    def __init__(self, work: Callable[..., Record]) -> None:
        self._work = work

    def __call__(self, name: str, texts: dict[str, str], unreadable: dict[str, str], time_limit: float) -> Record:
        try:
            return self._work(name, texts, unreadable, time_limit)
        except Exception as error:  # of this submission alone
            output = f"The checker failed: {type(error).__name__}: {error}"
            failed = {"file": "", "puzzle": "", "status": "unreadable", "seed": 0, "output": output, "score": None}
            return {"schema": 1, "submission": name, "checks": [failed]}
