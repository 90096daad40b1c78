"""Findings are folded by one rule wherever they are collected, and observers of the user's report like all others."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import cuda

import gpusim
from gpusim.findings import SEVERITIES, Finding, Findings
from gpusim.findings.accounts import accounts

ROOT = Path(__file__).parents[2]


def finding(severity="error", line=1, count=1, array="a"):
    return Finding("racecheck", "write-after-write", severity, "m; do this", "f.py", line, array=array, count=count)


@given(st.lists(st.tuples(st.sampled_from(SEVERITIES), st.integers(1, 3), st.integers(1, 9), st.sampled_from("ab"))))
def test_the_worst_severity_wins_and_counts_add_up(given):
    folded = Findings(finding(*item) for item in given)
    places = list(dict.fromkeys((line, array) for _, line, _, array in given))
    assert [(f.line, f.array) for f in folded] == places  # in order of discovery
    for found in folded:
        same = [item for item in given if (item[1], item[3]) == (found.line, found.array)]
        assert found.count == sum(count for _, _, count, _ in same)
        assert found.severity == min((item[0] for item in same), key=SEVERITIES.index)


def test_repeats_can_be_counted_without_the_finding():
    folded = Findings()
    key = folded.add(finding(count=2))
    folded.add(finding(line=2))
    folded.repeat(key, 5)
    assert [f.count for f in folded] == [7, 1]


SCRIPT = """
import numpy as np
from numba import cuda

@cuda.jit
def k(a, own):
    a[0] = cuda.threadIdx.x * own

k[1, 64](np.zeros(1, np.int32), 0)
k[1, 64](np.zeros(1, np.int32), 1)
"""


def test_a_warning_hides_no_error_of_a_later_launch(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, "-m", "gpusim", "run", "--json", "out.json", "script.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["findings"]
    assert [f["severity"] for f in found] == ["error"]
    assert done.returncode == 3


class Loads(gpusim.Observer):
    def __init__(self):
        self.lanes = 0

    def access(self, access):
        if access.op == "load":
            self.lanes += access.mask.lanes


@cuda.jit
def double(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = 2 * a[2 * i]


def test_an_observer_of_the_user_sees_what_the_counters_see():
    mine = Loads()
    run = gpusim.simulate(double, check=["racecheck", mine])[2, 32](np.zeros(50), np.ones(100))
    assert mine.lanes == run.counts["global"]["loads"] == 50


def test_the_observer_of_the_readme_works():
    text = (ROOT / "gpusim" / "observe" / "README.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(class Strided.*?)\n\nrun = ", text, re.DOTALL)[1]
    names = {"gpusim": gpusim, "np": np}
    exec(code, names)
    run = gpusim.simulate(double, check=["all", names["Strided"]])[1, 32](np.zeros(32), np.ones(64))
    assert [(f.tool, f.severity, f.array) for f in run.findings] == [("strided", "note", "a")]
    assert run.findings[0].line == double.py_func.__code__.co_firstlineno + 4


@pytest.mark.parametrize("check", [[int], ["racechek"], [3]])
def test_what_cannot_watch_is_refused(check):
    with pytest.raises(ValueError, match=r"racechek|cannot watch"):
        gpusim.simulate(double, check=check)


@cuda.jit
def without_fences(out, a, lock):
    if cuda.threadIdx.x == 0:
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        out[0] += a[cuda.blockIdx.x]
        out[1] = max(out[1], a[cuda.blockIdx.x])
        cuda.atomic.exch(lock, 0, 0)


@cuda.jit
def given_back_by_a_store(out, a, lock):
    if cuda.threadIdx.x == 0:
        while cuda.atomic.cas(lock, 0, 0, 1) != 0:
            pass
        cuda.threadfence()
        out[0] += a[cuda.blockIdx.x]
        out[1] = max(out[1], a[cuda.blockIdx.x])
        cuda.threadfence()
        lock[0] = 0


@cuda.jit
def two_sums_without_a_lock(out, a, lock):
    if cuda.threadIdx.x == 0:
        out[0] += a[cuda.blockIdx.x]
        out[1] = max(out[1], a[cuda.blockIdx.x])
        lock[cuda.blockIdx.x] = 0


@pytest.mark.parametrize(
    ("kernel", "told", "words"),
    [
        (without_fences, 1, "the lock 'lock', which is taken in line {4} and released in line {8}, lacks fences"),
        (
            given_back_by_a_store,
            1,
            "the lock 'lock', which is taken in line {4}, is given back by a plain store in line",
        ),
        (two_sums_without_a_lock, 2, "race on global array 'out'"),
    ],
)
def test_findings_with_one_cause_are_told_once(kernel, told, words):
    run = gpusim.simulate(kernel)[4, 32](np.zeros(2), np.arange(4.0), np.zeros(4, np.int32))
    first, *more = accounts(run.findings, {})
    line = kernel.py_func.__code__.co_firstlineno
    said = re.sub(r"{(\d)}", lambda match: str(line - 1 + int(match[1])), words)
    assert first.what.startswith(said)
    assert 1 + len(more) == told
    assert len(run.findings) >= 2
