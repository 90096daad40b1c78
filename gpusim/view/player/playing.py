"""From a run to a player: its recording, and that of another order of threads in which a race matters."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from functools import partial
from typing import Any

import numpy as np

from gpusim.errors import GpusimError
from gpusim.findings import Finding
from gpusim.memory.buffer import Array
from gpusim.observe.element import index_words
from gpusim.observe.recording.packing import HARD_LIMIT, PICTURE_LIMIT, Recording, pack
from gpusim.observe.recording.recorder import Recorder
from gpusim.observe.recording.spots import LAST
from gpusim.view import draw
from gpusim.view.player import Player

ORDERS = 32
"""Orders of threads that are tried to show what a race can do."""


def play(run: Any) -> Player:
    """The player of a `Run`. Raises `GpusimError` when the launch was neither recorded nor small."""
    return Player(tuple(_recordings(run)), partial(_still, run))


def _still(run: Any) -> str:
    """A picture of block 0, where there is one to draw."""
    try:
        return "" if run.trace is None else draw(run).svg
    except GpusimError:
        return ""


def _recordings(run: Any) -> Iterator[Recording]:
    if run.recorder is not None:
        yield recording_of(run, HARD_LIMIT)
    elif run.again is not None:
        with redirect_stdout(io.StringIO()):  # what the kernel prints has been printed
            followed, _ = run.again(None, True)
        yield recording_of(followed, PICTURE_LIMIT)
    else:
        raise GpusimError(
            f"the launch of {run.kernel} was not recorded, and it is too large to be run again unasked: "
            f"run it with gpusim.simulate({run.kernel}, trace=True)"
        )
    if run.again is not None and any(f.tool == "racecheck" and f.severity == "error" for f in run.findings):
        yield from _other_order(run)


def recording_of(run: Any, limit: int, title: str = "", results: Sequence[Finding] = ()) -> Recording:
    """The recording of a run that was followed. `results` are shown as its findings are, and before them."""
    findings = [*results, *run.findings]
    facts = {
        "title": title,
        "kernel": run.kernel,
        "one_by_one": run.one_by_one,
        "sources": [[block.name, block.file, block.first_line, list(block.lines)] for block in run.sources],
        "findings": [finding.to_dict() for finding in findings],
    }
    return pack(run.recorder, findings, facts, limit)


def _other_order(run: Any) -> Iterator[Recording]:
    """The first order of threads that gives other results, if there is one."""
    with redirect_stdout(io.StringIO()):
        _, usual = run.again(None, False)
        for seed in range(ORDERS):
            _, memory = run.again(seed, False)
            for array, now in memory.items():
                if (now != usual[array]).any():
                    followed, _ = run.again(seed, True)
                    result = _result(followed, array, usual[array], now)
                    yield recording_of(followed, PICTURE_LIMIT, f"another order (seed {seed})", result)
                    return


def _result(run: Any, array: Array, usual: np.ndarray, now: np.ndarray) -> list[Finding]:
    """What this order has changed in an array (bytes, uint8), and which thread has written it last."""
    recorder: Recorder = run.recorder
    element = int(np.flatnonzero(usual != now)[0]) // array.dtype.itemsize
    writer = recorder.last_writer(array, element)
    if writer is None:
        return []
    before, after = (memory.view(array.dtype)[element] for memory in (usual, now))
    name = array.name + index_words(array, element)
    return [
        Finding(
            tool="racecheck",
            kind=LAST,
            severity="error",
            message=f"in this order of threads {name} ends as {after}, and not as {before}",
            space=array.space,
            array=array.name,
            kernel=run.kernel,
            **writer,
        )
    ]
