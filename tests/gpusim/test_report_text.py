"""Runs, source and findings as text for a terminal."""

import re

import numpy as np
import pytest
from numba import cuda

import gpusim
from gpusim.findings import Finding
from gpusim.findings.accounts import account, accounts, quote
from gpusim.observe.tools import ADVICE
from gpusim.report import text


@cuda.jit
def add(out, a, b):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] + b[i]


@pytest.fixture(scope="module")
def run():
    ones = np.ones(10, np.float32)
    return gpusim.simulate(add)[3, 4](np.zeros(10, np.float32), ones, ones.copy())


def line_of(code):
    with open(__file__, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if line.strip() == code)


def finding(**changes):
    fields = {
        "tool": "memcheck",
        "kind": "out-of-bounds",
        "severity": "error",
        "message": "b[10] is outside b, whose shape is (10,)",
        "file": __file__,
        "line": line_of("out[i] = a[i] + b[i]"),
        "array": "b",
        "kernel": "add",
        "block": (2, 0, 0),
        "thread": (2, 0, 0),
    }
    return Finding(**{**fields, **changes})


def test_a_summary_has_the_launch_the_arrays_and_their_counts(run):
    shown = text.summary(run, color=False)
    assert "add  grid 3, block 4 (3 blocks of 4 threads)" in shown
    assert re.search(r"^a +global +10 +float32 +10", shown, re.MULTILINE)
    assert "branches 3 (1 divergent)" in shown
    assert shown.endswith("no findings")


def test_plain_text_has_no_escape_codes_and_colours_change_nothing_else(run):
    for render in (text.summary, text.source):
        plain, coloured = render(run, color=False), render(run, color=True)
        assert "\x1b" not in plain and "\x1b[" in coloured
        bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
        assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()


def test_a_run_shows_itself(run):
    assert repr(run) == text.summary(run, color=False)


def test_source_has_counts_before_each_line(run):
    shown = text.source(run, color=False)
    line = next(line for line in shown.splitlines() if "out[i] = a[i]" in line)
    assert line.split()[:2] == ["20", "10"]


def test_a_line_with_a_finding_gets_an_arrow(run, monkeypatch):
    monkeypatch.setattr(run, "findings", [finding()])
    marked = [line for line in text.source(run, color=False).splitlines() if line.startswith("→")]
    assert len(marked) == 1 and "out[i] = a[i] + b[i]" in marked[0]


def test_a_finding_points_at_its_array_and_says_what_helps():
    shown = text.findings([finding(count=6)], color=False).splitlines()
    assert shown[0] == "error memcheck: out-of-bounds  ×6"
    assert shown[1].endswith(f"test_report_text.py:{finding().line}  in add, block (2, 0, 0), thread (2, 0, 0)")
    code, marks = shown[2], shown[3]
    assert code.startswith(f"  → {finding().line} │ out[i]")
    assert code[marks.index("^") : marks.rindex("^") + 1] == "b[i]"
    assert shown[4].strip() == finding().message
    assert shown[5].strip().startswith("Fix: ")


def test_a_race_quotes_both_lines():
    other = {"line": line_of("if i < out.size:"), "block": (0, 0, 0), "thread": (1, 0, 0)}
    shown = text.findings([finding(tool="racecheck", kind="race", other=other)], color=False)
    assert "→" in shown and "if i < out.size:" in shown and "cuda.syncthreads()" in shown


def test_a_race_points_at_both_accesses_of_one_line():
    @cuda.jit
    def smooth(a):
        i = cuda.grid(1)
        if 0 < i < a.size - 1:
            a[i] = a[i - 1] + a[i + 1]

    found = gpusim.simulate(smooth)[4, 16](np.zeros(60)).findings[0]
    first, second = account(found, ADVICE).quotes
    pointed = {q.text[q.start : q.stop] for q in (first, second)}
    assert pointed == {"a[i]", "a[i + 1]"} or pointed == {"a[i]", "a[i - 1]"}
    assert "text" not in found.to_dict()


def test_errors_come_before_warnings_and_notes():
    severities = ["note", "error", "warning", "error"]
    ordered = [
        item.finding.severity
        for item in accounts((finding(severity=s, array=f"a{i}") for i, s in enumerate(severities)), ADVICE)
    ]
    assert ordered == ["error", "error", "warning", "note"]


def test_findings_of_buffers_that_take_turns_are_one_account():
    fields = {"tool": "racecheck", "kind": "read-after-write", "text": "out[i]", "space": "global"}
    found = [
        finding(**fields, array="even", count=3),
        finding(**fields, array="odd", count=2000),
        finding(**fields, array="third"),
        finding(**fields, array="even", severity="warning"),
        finding(**{**fields, "text": "a[i]"}, array="odd"),
    ]
    first, another, mild = accounts(found, ADVICE)
    assert [f.array for f in first.alike] == ["odd", "third"]
    assert (another.alike, mild.alike) == ((), ())
    told = text.findings(found)
    assert told.count("error") == 2
    assert "The same on 'odd' (×2,000), 'third'.\n" in told


def test_accesses_without_text_are_told_apart_by_their_arrays():
    assert len(accounts([finding(array="a"), finding(array="b")], ADVICE)) == 2


def test_a_finding_in_a_file_that_is_gone_is_still_told():
    shown = text.findings([finding(file="gone.py", line=3)], color=False)
    assert "gone.py:3" in shown and finding().message in shown


def test_no_findings_is_a_sentence():
    assert text.findings([], color=False) == "no findings"


@pytest.mark.parametrize(
    ("line", "array", "pointed"),
    [
        ("    total += a[i, k] * b[k, j]\n", "b", "b[k, j]"),
        ("x = aa[0] + a[b[c[1]], 2]\n", "a", "a[b[c[1]], 2]"),
        ("tile[x] = a[i]  # a[i]\n", None, "tile[x] = a[i]"),
        ("tile[x] = a[i]\n", "missing", "tile[x] = a[i]"),
        ("x = a[i +\n", "a", "a[i +"),
    ],
)
def test_quotes_point_at_the_subscript(line, array, pointed):
    q = quote(line, 7, array)
    assert q.text[q.start : q.stop] == pointed


def test_quotes_point_at_the_access_itself():
    q = quote("    result[i] = sh[tx] + sh[tx - 1]\n", 7, "sh", "sh[tx - 1]")
    assert q.text[q.start : q.stop] == "sh[tx - 1]"
    q = quote("    view[0] = q[tx]\n", 7, "argument", "view[0]")
    assert q.text[q.start : q.stop] == "view[0]"


@pytest.mark.parametrize("tool", ["memcheck", "racecheck", "initcheck", "synccheck"])
def test_every_tool_has_advice(tool):
    assert account(finding(tool=tool), ADVICE).fix.endswith(".")
