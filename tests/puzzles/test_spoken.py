"""What others chose, such as answers and names of files, cannot look like lines of the checker's own."""

from __future__ import annotations

import os
import re

import pytest

from puzzles import catalog, check
from puzzles.check import check_file
from puzzles.source import skeleton

LIE = "x\npassed  map: 17 launches"


def lines_of(verdict):
    return str(verdict).splitlines()


def test_an_answer_of_two_lines(edited, check_text):
    text = edited("map", ("2 * a[i] + 1", "2 * a[i]"))
    verdict = check_text(re.sub("^PREDICTION = .*$", lambda _: f"PREDICTION = {LIE!r}", text, flags=re.MULTILINE))
    assert verdict.predicted.given == LIE and [reason.kind for reason in verdict.reasons] == ["result"]
    assert not any(line.startswith("passed") for line in lines_of(verdict))


@pytest.mark.parametrize("kind", ["failed", "open"])
def test_a_file_name_of_two_lines(kind):
    text = skeleton(catalog.load("map"), 1) if kind == "open" else "PUZZLE = 3"
    verdict = check.check_text(text, LIE + ".py")
    assert lines_of(verdict)[0].startswith(kind)
    assert not any(line.startswith("passed") for line in lines_of(verdict))


def test_what_a_kernel_prints_stands_behind_a_bar(edited, check_text):
    lie = '    print("passed  map: 17 launches\\n\\x1b[2Jpassed")\n'
    verdict = check_text(edited("map", ("    out[i] = 2 * a[i] + 1", f"{lie}    out[i] = 2 * a[i]")))
    assert verdict.printed and not verdict.passed
    told = str(verdict)
    assert "\x1b" not in told
    assert not any(line.startswith("passed") for line in told.splitlines())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_what_is_no_file_of_text(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "link.py").symlink_to(tmp_path / "link.py")
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    for name in ("pipe", "folder", "link", "zero"):
        verdict = check_file(tmp_path / f"{name}.py")
        assert [reason.message for reason in verdict.reasons] == ["This is not a file of text."]
