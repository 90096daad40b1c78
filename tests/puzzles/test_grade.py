"""Grading a small class: right, wrong, open, looping, unreadable, late and missing submissions."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from puzzles import catalog, cli
from puzzles.errors import PuzzleError
from puzzles.grade import records, reports
from puzzles.grade.records import Records, statuses
from puzzles.grade.submissions import collect
from puzzles.source import file_name, skeleton, solution

NAMES = ("map", "guard")


def hand_in(folder: Path, **texts: str) -> None:
    folder.mkdir(parents=True)
    for name, text in texts.items():
        puzzle = catalog.load(name)
        (folder / file_name(puzzle, catalog.number(puzzle))).write_text(text, encoding="utf-8")


def right(name: str) -> str:
    puzzle = catalog.load(name)
    return solution(puzzle, catalog.number(puzzle))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class, and what `grade` made of it."""
    root = tmp_path_factory.mktemp("class")
    inbox, out = root / "in", root / "out"
    hand_in(inbox / "ann", map=right("map"), guard=right("guard"))
    hand_in(inbox / "bob", map=right("map").replace("+ 1", "+ 2"), guard=skeleton(catalog.load("guard"), 1))
    endless = right("map").replace("    out[i]", "    while True:\n        pass\n    out[i]")
    hand_in(inbox / "eve", map=endless, guard=right("guard"))
    (inbox / "eve" / "notes.py").write_bytes(b"\xff\xfe")
    (inbox / "eve" / "link.py").symlink_to(inbox / "ann" / "01_map.py")
    hand_in(inbox / "=cmd|calc", guard=right("guard"))
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()
    for path in inbox.rglob("*.py"):
        if not path.is_symlink():
            os.utime(path, (noon, noon + 3600 * (path.parent.name == "bob")))
    roster = root / "roster.txt"
    roster.write_text("ann\nbob\neve\nzoe\n", encoding="utf-8")
    arguments = [str(inbox), "--out", str(out / "grades.csv"), "--junit", str(out / "junit.xml")]
    arguments += ["--gradescope", str(out / "gradescope"), "--result", str(out / "result.json")]
    arguments += ["--due", "2026-11-01T12:30+00:00", "--roster", str(roster), "--jobs", "2"]
    return inbox, out, arguments, cli.main(["grade", *arguments])


def rows(out: Path) -> dict[str, dict[str, str]]:
    table = csv.DictReader(io.StringIO((out / "grades.csv").read_text(encoding="utf-8")))
    return {row["submission"]: row for row in table}


def test_the_table(course):
    _, out, _, status = course
    assert status == 0
    found = rows(out)
    assert [(name, row["map"], row["guard"]) for name, row in found.items()] == [
        ("'=cmd|calc", "missing", "passed"),
        ("ann", "passed", "passed"),
        ("bob", "failed", "open"),
        ("eve", "failed", "passed"),
        ("zoe", "missing", "missing"),
    ]
    assert [row["passed"] for row in found.values()] == ["1", "2", "0", "1", "0"]
    assert [name for name, row in found.items() if row["late"]] == ["bob"]
    assert found["zoe"]["remarks"] == "missing"
    assert "unreadable link.py: This is a link" in found["eve"]["remarks"]
    assert "unreadable notes.py: This file is not text in UTF-8" in found["eve"]["remarks"]


def test_junit(course):
    _, out, _, _ = course
    suites = ElementTree.parse(out / "junit.xml").getroot()
    found = {suite.get("name"): suite for suite in suites}
    assert found["ann"].get("failures") == "0" and found["bob"].get("failures") == "2"
    (failure,) = found["eve"].iter("failure")
    assert "never ends" in (failure.text or "")


def test_gradescope_and_result(course):
    _, out, _, _ = course
    ann = json.loads((out / "gradescope" / "ann" / "results.json").read_text(encoding="utf-8"))
    assert [(test["name"], test["score"]) for test in ann["tests"]] == [("map", 1.0), ("guard", 1.0)]
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert {one["submission"]: one["score"] for one in result["submissions"]}["ann"] == 2


def test_a_second_run_checks_only_what_changed(course, monkeypatch, capsys):
    inbox, out, arguments, _ = course
    before = (out / "grades.csv").read_text(encoding="utf-8")
    checked = []
    original = records.check_text

    def noted(text, file, *rest):
        checked.append(file)
        return original(text, file, *rest)

    monkeypatch.setattr(records, "check_text", noted)
    assert cli.main(["grade", *arguments]) == 0
    assert not checked and (out / "grades.csv").read_text(encoding="utf-8") == before
    late = inbox / "bob" / "01_map.py"
    late.write_text(right("map"), encoding="utf-8")
    assert cli.main(["grade", *arguments]) == 0
    assert sorted(checked) == sorted(path.name for path in (inbox / "bob").iterdir())
    assert rows(out)["bob"]["map"] == "passed"
    assert "4 of 4 submissions were checked before" in capsys.readouterr().err


def test_a_record_is_found_by_content_and_not_for_another_checker(tmp_path):
    hand_in(tmp_path / "in" / "ann", map=right("map"))
    (one,) = collect(tmp_path / "in")
    kept = Records(tmp_path / "records", "today")
    assert kept.find(one) is None
    kept.keep(one, {"submission": "ann", "checks": []})
    assert kept.find(one) is not None
    assert Records(tmp_path / "records", "tomorrow").find(one) is None
    (tmp_path / "records" / f"{one.digest}.json").write_text("{", encoding="utf-8")
    assert kept.find(one) is None, "a broken record is no record"


def test_a_single_submission(tmp_path):
    hand_in(tmp_path / "mine", map=right("map"))
    (one,) = collect(tmp_path / "mine")
    assert one.name == "mine" and one.puzzles == ["map"]


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_nothing_to_grade_is_a_sentence(tmp_path, make):
    make(tmp_path / "in")
    with pytest.raises(PuzzleError):
        collect(tmp_path / "in")


def test_the_best_of_several_files_counts():
    checks = [{"puzzle": "map", "status": status, "file": "f", "output": ""} for status in ("open", "passed", "failed")]
    record = {"submission": "ann", "checks": checks}
    assert statuses(record, ["map", "guard"]) == {"map": "passed", "guard": "missing"}
    assert reports.remarks(record, ["map"]) == ["several files for map"]


def test_output_that_xml_cannot_hold():
    checks = [{"puzzle": "map", "status": "failed", "file": "f", "output": "bell \x07 and \ud800"}]
    text = reports.junit([{"submission": "a\x00b", "checks": checks}], ["map"])
    assert "bell ? and ?" in text
    ElementTree.fromstring(text)
