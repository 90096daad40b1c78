"""benchmarks/gpu.py and NVIDIA's tools: what they print, read back; here programs that only talk."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from on_gpu import agreement, profiler, sanitizer
from on_gpu.launches import Launch
from on_gpu.profiler import COUNTERS, Comparison, ProfilerError
from support.gpu_launches import launch

import gpusim


@pytest.fixture
def simulated():
    """The simulator in the GPU's place."""
    with gpusim.install("none"):
        yield


def report(rows: list[tuple[int, str, str, str]]) -> str:
    """What ncu --csv prints, with its own messages around it."""
    head = '"ID","Process ID","Kernel Name","Section Name","Metric Name","Metric Unit","Metric Value"'
    body = [f'"{n}","77","{name}","Command line profiler metrics","{m}","","{v}"' for n, name, m, v in rows]
    return "\n".join(["==PROF== Connected to process 77", head, *body, "==PROF== Disconnected"])


def test_parsing_the_profilers_csv():
    text = report(
        [(0, "mod::first(int)", "a.sum", "1,024"), (0, "mod::first(int)", "b.sum", "n/a"), (1, "x", "a.sum", "3")]
    )
    assert profiler.parse(text) == [
        {"name": "mod::first(int)", "metrics": {"a.sum": 1024}},
        {"name": "x", "metrics": {"a.sum": 3}},
    ]
    assert profiler.parse("==ERROR== no GPU") == []


def tool(folder: Path, name: str, output: str, status: int = 0) -> str:
    """A program that prints `output` and ends."""
    (folder / "said").write_text(output)
    path = folder / name
    path.write_text(f"#!{sys.executable}\nprint(open({str(folder / 'said')!r}).read())\nraise SystemExit({status})\n")
    path.chmod(0o755)
    return str(path)


def counted(one: Launch, number: int, change: str = "") -> list[tuple[int, str, str, str]]:
    """ncu's rows for a launch, as the simulator counts it, `change` being one too many."""
    counts = agreement.on_simulator(one)[0].counts
    rows = []
    for counter in COUNTERS:
        for k, metric in enumerate(counter.metrics):
            value = counter.of_run(counts) * (k == 0) + (counter.name == change and k == 0)
            rows.append((number, f"test::{one.kernel.__name__}[abi:v1](Array)", metric, f"{value:,}"))
    return rows


def test_counters_beside_the_profilers(tmp_path):
    launches = [launch("first"), launch("second", 64)]
    output = report(counted(launches[0], 0) + counted(launches[1], 1, change="global load_sectors"))
    rows = profiler.profile(tool(tmp_path, "ncu", output), launches, ["true"])
    assert len(rows) == 2 * len(COUNTERS)
    assert [(row.launch, row.counter) for row in rows if not row.equal] == [("second", "global load_sectors")]
    (different,) = [row for row in rows if not row.equal]
    assert different.ncu == different.simulator + 1
    assert different.to_dict()["why"]


def test_a_metric_that_the_profiler_lacks_is_left_out(tmp_path):
    rows = [row for row in counted(launch(), 0) if "_red" not in row[2]]
    names = [row.counter for row in profiler.profile(tool(tmp_path, "ncu", report(rows)), [launch()], ["true"])]
    assert "global atomic_requests" not in names
    assert len(names) == len(COUNTERS) - 1


@pytest.mark.parametrize(
    ("output", "status", "message"),
    [
        (
            "==ERROR== ERR_NVGPUCTRPERM - no permission",
            1,
            "exit status 1 and 0 kernels for 1 launches: ERROR.*NVGPUCTRPERM",
        ),
        (report([(0, "doubled", "a", "1"), (1, "doubled", "a", "1")]), 0, "2 kernels for 1 launches"),
        (report([(0, "something_else", "a", "1")]), 0, "'something_else' where 'doubled' was launched"),
    ],
)
def test_a_profiler_that_does_not_count(tmp_path, output, status, message):
    with pytest.raises(ProfilerError, match=message) as caught:
        profiler.profile(tool(tmp_path, "ncu", output, status), [launch()], ["true"])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("counter", "ours", "theirs", "reason"),
    [
        ("global load_requests", 8, 2, "merges"),
        ("global load_requests", 2, 8, "splits"),
        ("divergent branches", 2, 0, "predicates"),
        ("global load_requests", 2, 2, "^$"),
    ],
)
def test_differences_have_a_usual_reason(counter, ours, theirs, reason):
    assert re.search(reason, Comparison("x", counter, ours, theirs).why)
    noted = Comparison("x", counter, ours, theirs, "known").why
    assert noted == ("known" if ours != theirs else "")


@pytest.mark.parametrize(
    ("output", "count"),
    [
        ("========= ERROR SUMMARY: 0 errors", 0),
        ("========= ERROR SUMMARY: 1 error", 1),
        ("========= RACECHECK SUMMARY: 3 hazards displayed (2 errors, 1 warning)", 3),
        ("========= RACECHECK SUMMARY: 0 hazards displayed (0 errors, 0 warnings)", 0),
        ("Segmentation fault", None),
    ],
)
def test_what_the_sanitizer_reports(output, count):
    assert sanitizer.reported(output) == count


def test_defects_beside_the_sanitizers(tmp_path):
    pair = sanitizer.defects()[0]
    quiet = tool(tmp_path, "compute-sanitizer", "========= RACECHECK SUMMARY: 0 hazards displayed\n")
    (row, *_) = sanitizer.inspect(quiet, pair, ["true"])
    assert row.gpusim
    assert not row.sanitizer
    assert row.to_dict()["defect"] == pair.name
    broken = tool(tmp_path, "compute-sanitizer", "oops", 255)
    assert sanitizer.inspect(broken, pair, ["true"])[0].note == "no summary; exit status 255"


def test_a_defect_that_never_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(sanitizer, "SECONDS", 0.2)
    path = tmp_path / "compute-sanitizer"
    path.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    path.chmod(0o755)
    row = sanitizer.inspect(str(path), sanitizer.defects()[0], [])[0]
    assert not row.sanitizer
    assert row.note.startswith("not finished after")


def test_defects_can_be_launched(simulated):
    sanitizer.launch(sanitizer.defects()[0].name)
