"""The process on the inner side of the wall: `python -m puzzles.worker`.

It imports the simulator once, and then takes jobs from standard input, one after the other. Each job runs in a fork of
its own, in a session of its own, with limits; when it ends, everything that it started is killed. The answer goes to
standard output: {"status", "timed_out", "flooded", "printed"}, and the job's own message as one array of bytes.

Without fork (Windows) or where forking is not safe (macOS), the process does one job by itself and ends; threads of its
own watch the time and the output.
"""

from __future__ import annotations

import contextlib
import io
import os
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO, NoReturn

import numpy as np

from puzzles.check.build import build
from puzzles.check.cases import Case
from puzzles.check.launch import run_case
from puzzles.check.sandbox import wire
from puzzles.check.sandbox.job import Job
from puzzles.check.sandbox.limits import FORKS, limit_resources
from puzzles.check.sandbox.program_job import ProgramJob
from puzzles.check.sandbox.replay_job import ReplayJob
from puzzles.check.sandbox.work import Work
from puzzles.spec import Launch

PRINTED = 4_000
"""Bytes of a kernel's output that are kept."""

FLOOD = 1 << 20
"""Bytes of output after which a job is ended: some hundred prints of each thread of a large puzzle."""

KINDS: dict[str, type[Work]] = {kind.kind: kind for kind in (Job, ProgramJob, ReplayJob)}


def main() -> None:
    """Answer jobs until standard input ends."""
    jobs, answers = _private_streams()
    _warm_up()
    while True:
        try:
            value, arrays = wire.read(jobs.read)
        except EOFError:
            return
        if not FORKS:
            _here(value, arrays, answers)
        answers.write(_forked(value, arrays))
        answers.flush()


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output under other numbers, so that nothing printed can be taken for an answer."""
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nothing, number)
    return jobs, answers


def _warm_up() -> None:
    """Import all that jobs need, and load the compiled loops, before the first fork."""
    text = (
        "from numba import cuda, float32\n"
        "@cuda.jit\n"
        "def kernel(out, a):\n"
        "    tile = cuda.shared.array(64, float32)\n"
        "    i = cuda.threadIdx.x\n"
        "    tile[i] = a[i]\n"
        "    cuda.syncthreads()\n"
        "    if i < 63:\n"
        "        out[i] = tile[i + 1]\n"
    )
    kernels = build(text, "warm_up.py", ["kernel"])
    for order in (None, 0):
        arguments = {"out": np.zeros(64, np.float32), "a": np.zeros(64, np.float32)}
        run_case(kernels, Case({}, arguments, (Launch((1,), (64,), arguments=("out", "a")),), order))


def _do(value: Any, arrays: list[Any]) -> bytes:
    return KINDS[value["kind"]].unpacked(value, arrays).do()


def _forked(value: Any, arrays: list[Any]) -> bytes:
    """Do a job in a child, and answer with what it left behind."""
    result, result_end = os.pipe()
    printed, printed_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(lambda: _do(value, arrays), value["seconds"], value["on_gpu"], result_end, printed_end)
    os.close(result_end)
    os.close(printed_end)
    found, shown, state = _collect(result, printed, time.monotonic() + value["seconds"])
    status = _end(pid)
    os.close(result)
    os.close(printed)
    return _answer(found, {"status": status, "printed": shown.decode(errors="replace"), **state})


def _child(work: Callable[[], bytes], seconds: float, on_gpu: bool, result: int, printed: int) -> None:
    """The rest of a child's life. It never returns."""
    status = 1
    try:
        os.setsid()
        os.dup2(printed, 1)
        os.dup2(printed, 2)
        kept = os.dup2(result, 3, inheritable=False)
        os.closerange(4, 1 << 12)
        limit_resources(seconds, everything=not on_gpu)
        answer = memoryview(work())
        sys.stdout.flush()
        while answer:
            answer = answer[os.write(kept, answer) :]
        status = 0
    except BaseException as error:
        os.write(1, f"{type(error).__name__}: {error}"[:500].encode())
    finally:
        os._exit(status)


def _collect(result: int, printed: int, deadline: float) -> tuple[bytes, bytes, dict[str, bool]]:
    """Read both pipes until the result's end, the deadline, or too much of either."""
    found, shown, flood = io.BytesIO(), io.BytesIO(), 0
    with selectors.DefaultSelector() as waiting:
        waiting.register(result, selectors.EVENT_READ)
        waiting.register(printed, selectors.EVENT_READ)
        while result in waiting.get_map():
            left = deadline - time.monotonic()
            events = waiting.select(left) if left > 0 else []
            if not events:
                return found.getvalue(), shown.getvalue(), {"timed_out": True, "flooded": False}
            for key, _ in events:
                part = os.read(key.fd, 1 << 16)
                if not part:
                    waiting.unregister(key.fd)
                elif key.fd == result:
                    found.write(part)
                else:
                    shown.write(part[: PRINTED - shown.tell()])
                    flood += len(part)
            if flood > FLOOD or found.tell() > wire.JSON_BYTES + wire.ARRAY_BYTES:
                return b"", shown.getvalue(), {"timed_out": False, "flooded": True}
    return found.getvalue(), shown.getvalue(), {"timed_out": False, "flooded": False}


def _end(pid: int) -> int:
    """Kill a child with its whole group, and, as the first process of a namespace, whatever else is left."""
    for kill in (os.killpg, os.kill):  # it may not have come to having a group
        _kill(kill, pid)
    _, status = os.waitpid(pid, 0)
    if os.getpid() == 1:
        _kill(os.kill, -1)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, 0):
                pass
    return os.waitstatus_to_exitcode(status)


def _kill(kill: Callable[[int, int], None], pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        kill(pid, signal.SIGKILL)


def _here(value: Any, arrays: list[Any], answers: BinaryIO) -> NoReturn:
    """The rest of this process's life: one job, one answer, whichever thread has it first."""
    shown = io.BytesIO()
    answered = threading.Lock()

    def end(found: bytes, status: int = 0, timed_out: bool = False, flooded: bool = False) -> NoReturn:
        answered.acquire()  # for good
        state = {"status": status, "timed_out": timed_out, "flooded": flooded}
        answers.write(_answer(found, {**state, "printed": shown.getvalue().decode(errors="replace")}))
        answers.flush()
        os._exit(0)

    def listen() -> None:
        flood = 0
        while part := os.read(printed, 1 << 16):
            shown.write(part[: PRINTED - shown.tell()])
            flood += len(part)
            if flood > FLOOD:
                end(b"", flooded=True)

    printed, printed_end = os.pipe()
    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    threading.Timer(value["seconds"], end, (b"",), {"timed_out": True}).start()
    _redirect(printed_end)
    found, status = b"", 0
    try:
        limit_resources(value["seconds"], everything=not value["on_gpu"])
        found = _do(value, arrays)
        sys.stdout.flush()
    except BaseException as error:
        status = 1
        os.write(1, f"{type(error).__name__}: {error}"[:500].encode())
    _redirect(os.open(os.devnull, os.O_WRONLY))  # and so the pipe ends
    listener.join()
    end(found, status)


def _redirect(target: int) -> None:
    """Send what is printed to a file descriptor, which is closed."""
    for number in (1, 2):
        os.dup2(target, number)
    os.close(target)


def _answer(found: bytes, value: dict[str, Any]) -> bytes:
    return wire.pack(value, [np.frombuffer(found, dtype=np.uint8)])
