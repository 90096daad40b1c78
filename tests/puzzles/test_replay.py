"""The launch that a file failed, recorded in the sandbox: it is believed only as far as it can be looked at."""

from __future__ import annotations

import numpy as np
import pytest

from gpusim.observe.recording.packing import HARD_LIMIT
from puzzles import catalog
from puzzles.check import check_text
from puzzles.check.failure import failure
from puzzles.check.replay import case_of
from puzzles.check.sandbox import wire
from puzzles.check.sandbox.replay_job import ReplayJob
from puzzles.cli import main
from puzzles.verdict import Verdict

NAME = "gemm-tiled-6x6"


@pytest.fixture
def wrong(edited):
    return edited(NAME, ("b_tile[k, x]", "b_tile[x, k]"))


def test_what_the_sandbox_records_is_what_the_verdict_is_about(wrong, workers):
    verdict = check_text(wrong, "mine.py", seed=3, workers=workers)
    found = failure(wrong, verdict, workers, 30)
    assert found is not None and found.player is not None
    (difference,) = found.differences
    first = f"should be {difference.expected[0, 0]:.6g} but is {difference.got[0, 0]:.6g}"
    assert first in verdict.reasons[0].message
    assert found.player.recordings[0].data[:1] == b"\x78"  # a zlib stream
    assert not found.player.at_finding


def test_nothing_is_recorded_of_what_did_not_fail_in_a_launch(edited, workers):
    text = edited("map")
    assert failure(text, check_text(text, "mine.py", workers=workers), workers, 30) is None
    refused = check_text(text.replace("from numba", "import os\nfrom numba"), "mine.py", workers=workers)
    assert not refused.passed
    assert failure(text, refused, workers, 30) is None


def test_a_program_has_no_launches(workers):
    verdict = Verdict("rasp-count", "", 0, (), launches=())
    assert failure("", verdict, workers, 30) is None


@pytest.fixture
def job(wrong):
    puzzle = catalog.load_kernel(NAME)
    case = case_of(puzzle, Verdict(NAME, "", 3, ()))
    return ReplayJob(wrong, ("kernel",), case, puzzle.expected(case.arguments), puzzle.tolerance)


def test_a_job_crosses_the_wall_and_comes_back(job):
    (value, arrays) = read(job.packed(10))
    again = ReplayJob.unpacked(value, arrays)
    assert (again.text, again.kernels, again.tolerance) == (job.text, job.kernels, job.tolerance)
    np.testing.assert_array_equal(again.expected["c"], job.expected["c"])
    np.testing.assert_array_equal(again.case.arguments["a"], job.case.arguments["a"])
    found, outputs = job.outcome(*read(again.do()))
    assert len(found.recordings) == 1
    assert outputs["c"].shape == (6, 6)


@pytest.mark.parametrize("what", ["shape", "dtype", "length", "number", "missing"])
def test_answers_that_cannot_be_are_refused(job, what):
    c, data = np.zeros((6, 6), np.float32), np.zeros(4, np.uint8)
    answers = {
        "shape": [c[:5], data],
        "dtype": [c.astype(np.float64), data],
        "length": [c, np.zeros(HARD_LIMIT + 1, np.uint8)],
        "number": [c, data, data, data],
        "missing": [],
    }
    with pytest.raises((wire.BadMessage, ValueError)):
        job.outcome({"at_finding": True}, answers[what])


def test_a_folder_becomes_one_page(edited, wrong, tmp_path, capsys):
    (tmp_path / "mine.py").write_text(wrong, encoding="utf-8")
    (tmp_path / "right.py").write_text(edited("map"), encoding="utf-8")
    page = tmp_path / "new" / "report.html"
    assert main(["check", str(tmp_path), "--html", str(page)]) == 1
    html = page.read_text(encoding="utf-8")
    assert "1 of 2 passed." in html
    assert html.count("gpusimPlayer(document") == 1
    assert html.count("got − expected") == 1
    assert f"wrote {page}" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_a_sentence(edited, tmp_path, capsys):
    (tmp_path / "mine.py").write_text(edited("map"), encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["check", str(tmp_path / "mine.py"), "--html", str(tmp_path / "file" / "page.html")]) == 1
    assert "puzzles check: cannot write " in capsys.readouterr().err


def read(message: bytes):
    length, _ = wire.HEAD.unpack(message[: wire.HEAD.size])
    body = message[wire.HEAD.size :]
    return wire.unpack(body[:length], body[length:])
