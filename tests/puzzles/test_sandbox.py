"""The second wall: whatever ran in a job's process, it ends, leaves nothing behind, and is not simply believed.

No learner's Python runs there; these tests put the worst into the place of the job itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from puzzles import catalog
from puzzles.check import check_text
from puzzles.check.cases import cases
from puzzles.check.sandbox import Worker, Workers, _report, walls, wire, worker
from puzzles.check.sandbox.job import Job
from puzzles.source import solution

forks = pytest.mark.skipif(not worker.FORKS, reason="jobs are forks on Linux only")

MAP = catalog.load("map")


def answer(monkeypatch, payload, seconds: float = 3.0):
    """What a worker says of a job that runs `payload` in place of kernels."""
    monkeypatch.setattr(worker, "_do", lambda value, arrays: payload())
    pieces = [worker._forked({"seconds": seconds, "on_gpu": False}, [])]

    def source(count: int) -> bytes:
        part, pieces[0] = pieces[0][:count], pieces[0][count:]
        return part

    value, (found,) = wire.read(source)
    return value, bytes(found)


@forks
def test_an_endless_job_is_ended(monkeypatch):
    def loop():
        while True:
            pass

    started = time.monotonic()
    value, found = answer(monkeypatch, loop, seconds=1)
    assert value["timed_out"] and not found
    assert time.monotonic() - started < 10


@forks
def test_a_sleeping_job_is_ended_though_it_takes_no_cpu_time(monkeypatch):
    value, found = answer(monkeypatch, lambda: time.sleep(100), seconds=0.5)
    assert value["timed_out"] and not found


@forks
def test_memory_is_limited(monkeypatch):
    value, found = answer(monkeypatch, lambda: bytes(bytearray(1 << 36)))
    assert not found and "MemoryError" in value["printed"]


@forks
def test_files_cannot_be_written(monkeypatch, tmp_path):
    def write():
        (tmp_path / "left").write_bytes(b"x" * 100)
        return b"done"

    value, found = answer(monkeypatch, write)
    assert not found and value["status"] != 0
    assert not (tmp_path / "left").exists() or (tmp_path / "left").stat().st_size == 0


@forks
def test_open_files_are_limited(monkeypatch):
    value, found = answer(monkeypatch, lambda: [os.open("/dev/null", os.O_RDONLY) for _ in range(1000)])
    assert not found and "Too many open files" in value["printed"]


@forks
def test_output_is_cut_and_a_flood_ends_the_job(monkeypatch):
    def flood():
        while True:
            os.write(1, b"x" * 65536)

    value, found = answer(monkeypatch, flood, seconds=30)
    assert value["flooded"] and not found
    assert len(value["printed"]) == worker.PRINTED


def state_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


@forks
def test_a_job_s_own_processes_end_with_it(monkeypatch):
    def spawn():
        try:
            process = os.fork()
        except OSError:  # not more than one process: better still
            return b"alone"
        if process == 0:
            time.sleep(100)
        return str(process).encode()

    _, found = answer(monkeypatch, spawn)
    if found != b"alone":
        time.sleep(0.2)
        assert state_of(int(found)) in ("gone", "Z"), "neither dead nor waiting to be buried"


@forks
def test_nothing_of_the_parent_is_open_in_a_job(monkeypatch, tmp_path):
    secret = (tmp_path / "secret").open("w", encoding="utf-8")
    number = secret.fileno()

    def peek():
        os.fstat(number)
        return b"seen"

    value, found = answer(monkeypatch, peek)
    secret.close()
    assert not found and "Bad file descriptor" in value["printed"]


def test_a_worker_inherits_no_environment(monkeypatch):
    monkeypatch.setenv("PUZZLES_SECRET", "42")
    started = Worker(walls.NONE)
    try:
        if sys.platform == "linux":
            environment = open(f"/proc/{started._process.pid}/environ", "rb").read()  # noqa: SIM115
            assert b"PUZZLES_SECRET" not in environment and b"PYTHONPATH" in environment
    finally:
        started.end()


def test_the_sandbox_is_tried_before_it_is_used():
    wall = walls.best()
    assert wall.name
    if wall.is_sandbox:
        command = [*wall.prefix, sys.executable, "-I", "-S", "-c", "print(1)"]
        assert subprocess.run(command, capture_output=True, check=True).stdout.strip() == b"1"
    assert not walls._works(("sh", "-c", 'exec "$0" "$@"')), "a command that isolates nothing is no sandbox"
    assert not walls._works(("no-such-command",))


def test_a_trial_that_can_write_leaves_nothing_behind(tmp_path, monkeypatch):
    """What one trial left would make the next believe that it cannot write."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", walls._TRIAL, str(tmp_path)], capture_output=True, check=False
        )
        assert done.returncode == 1 and done.stderr.strip() == b"can write"
    assert not list(tmp_path.iterdir())


def test_every_wall_gives_the_same_verdict():
    text = solution(MAP, 1)
    for wall in {walls.NONE, walls.best()}:
        workers = Workers(wall)
        try:
            verdict = check_text(text, "answer.py", seed=7, workers=workers)
            assert verdict.passed, verdict
        finally:
            workers.end()


def job() -> Job:
    return Job(solution(MAP, 1), ("kernel",), tuple(cases(MAP, 3)))


def test_a_job_holds_inputs_and_launches_and_nothing_else():
    message = job().packed(10.0)
    length, _ = wire.HEAD.unpack(message[: wire.HEAD.size])
    value = json.loads(message[wire.HEAD.size :][:length])["value"]
    assert set(value) == {"kind", "text", "kernels", "cases", "seconds", "on_gpu"}
    assert set(value["cases"][0]) == {"names", "order", "resident", "launches"}


def test_a_job_survives_the_wire():
    message = job().packed(10.0)
    length, _ = wire.HEAD.unpack(message[: wire.HEAD.size])
    rest = message[wire.HEAD.size :]
    again = Job.unpacked(*wire.unpack(rest[:length], rest[length:]))
    for mine, theirs in zip(job().cases, again.cases, strict=True):
        assert (mine.launches, mine.order) == (theirs.launches, theirs.order)
        for name, value in mine.arguments.items():
            np.testing.assert_array_equal(value, theirs.arguments[name])


def test_a_worker_that_is_killed_is_a_verdict_and_the_next_one_works():
    workers = Workers(walls.NONE)
    try:
        workers.prepare()
        workers._idle[0].end()
        assert check_text(solution(MAP, 1), "answer.py", workers=workers).passed
    finally:
        workers.end()


def three() -> Job:
    return Job(solution(MAP, 1), ("kernel",), job().cases[:3])


@pytest.fixture(scope="module")
def honest():
    """(value, arrays) that a well-behaved job leaves for the first three cases."""
    message = three().do()
    length, _ = wire.HEAD.unpack(message[: wire.HEAD.size])
    rest = message[wire.HEAD.size :]
    return wire.unpack(rest[:length], rest[length:])


def test_an_honest_answer_is_believed(honest):
    value, arrays = honest
    assert len(three().outcome(value, arrays)) == 3


def lie(value, path, new):
    copied = json.loads(json.dumps(value))
    *way, last = path
    place = copied
    for key in way:
        place = place[key]
    place[last] = new
    return copied


@pytest.mark.parametrize(
    ("path", "new"),
    [
        (("outcomes",), None),
        (("outcomes",), [{}] * 50),
        (("outcomes", 0), 5),
        (("outcomes", 0, "counters"), {}),
        (("outcomes", 0, "counters"), {"global loads": 8}),
        (("outcomes", 0, "counters"), {"global loads": -1}),
        (("outcomes", 0, "counters"), {"global loads": "54"}),
        (("outcomes", 0, "counters"), {"global loads": True}),
        (("outcomes", 0, "counters"), []),
        (("outcomes", 0, "writes"), {"out": 1.5}),
        (("outcomes", 0, "writes"), {}),
        (("outcomes", 0, "findings"), {}),
        (("outcomes", 0, "findings"), [{}] * 100),
        (("outcomes", 0, "findings"), [{"severity": "note"}]),
        (("outcomes", 0, "error_line"), "7"),
    ],
)
def test_a_lie_is_not_believed(honest, path, new):
    value, arrays = honest
    with pytest.raises(wire.BadMessage):
        three().outcome(lie(value, path, new), arrays)


def test_arrays_of_another_shape_or_type_are_not_believed(honest):
    value, arrays = honest
    for wrong in (arrays[0][:-1], arrays[0].astype(np.float32), arrays[0][None]):
        with pytest.raises(wire.BadMessage):
            three().outcome(value, [wrong, *arrays[1:]])
    with pytest.raises(wire.BadMessage):
        three().outcome(value, arrays[:1])


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (b"", b""),
        (b"[]", b""),
        (b"[" * 100_000, b""),
        (b'{"value": 1, "arrays": [["O", [1]]]}', b"x" * 8),
        (b'{"value": 1, "arrays": [["<f4", [-1]]]}', b""),
        (b'{"value": 1, "arrays": [["<f4", [1e9]]]}', b""),
        (b'{"value": 1, "arrays": [["<f4", [1000000000]]]}', b"x"),
        (b'{"value": 1, "arrays": [["<f4", [1]], ["<f4", [1]]]}', b"x" * 4),
        (b'{"value": 1, "arrays": []}', b"more"),
        (b'{"value": 1, "arrays": [["|V1000000000", [1]]]}', b"x"),
    ],
)
def test_what_is_no_message_is_refused(text, data):
    with pytest.raises(wire.BadMessage):
        wire.unpack(text, data)


def test_a_message_that_says_it_is_huge_is_refused_before_it_is_read():
    pieces = [wire.HEAD.pack(1 << 40, 0)]
    with pytest.raises(wire.BadMessage, match="bytes"):
        wire.read(lambda count: pieces.pop() if pieces else b"")


def test_without_forks_the_process_does_one_job_and_ends():
    """As on Windows and macOS."""
    code = "from puzzles.check.sandbox import worker; worker.FORKS = False; worker.main()"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code], input=three().packed(30.0), capture_output=True, env=environment, check=True
    )
    pieces = [done.stdout]

    def source(count: int) -> bytes:
        part, pieces[0] = pieces[0][:count], pieces[0][count:]
        return part

    value, (found,) = wire.read(source)
    assert not pieces[0] and value["status"] == 0
    assert len(_report(value, bytes(found), three(), 30.0).outcome) == 3


def test_a_job_without_a_result_is_a_sentence():
    ended = {"status": 1, "printed": "", "timed_out": False, "flooded": False}
    assert "exit status 1" in _report(ended, b"", job(), 5.0).failure
