"""Programs of several processes: a simulated GPU in each, one report, errors that travel."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import cuda

import gpusim
from gpusim.__main__ import main
from gpusim.errors import KernelError, MemoryFault, thrown
from gpusim.findings import Finding
from gpusim.host.journal import Journal

PROGRAM = """
import multiprocessing, os, sys
import numpy as np
from numba import cuda

@cuda.jit
def add(a):
    i = cuda.grid(1)
    if i < a.size:
        a[i] += 1

@cuda.jit
def loose(a):
    a[cuda.grid(1)] += 1

def work(n):
    a = np.zeros(n)
    add[1, 32](a)
    return a.sum()

def fail(n):
    loose[1, 32](np.zeros(n))

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1], force=True)
    with multiprocessing.Pool(1) as pool:
        sums = pool.map(work, [3, 4])
        try:
            pool.apply(fail, (31,))
        except IndexError as error:
            sums.append(str(error))
    print(sums)
    multiprocessing.Process(target=work, args=(5,)).start()
"""

DIVIDED = "division by zero"
FINDING = Finding("memcheck", "out-of-bounds", "error", "out of bounds; guard it", "k.py", 3)


@pytest.fixture
def start_method():
    """What a program chooses is chosen for this process, too."""
    yield
    multiprocessing.set_start_method(None, force=True)


@pytest.mark.usefixtures("start_method")
@pytest.mark.filterwarnings("ignore:This process")
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_launches_and_findings_of_all_processes_are_in_one_report(method, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    Path("script.py").write_text(PROGRAM, encoding="utf-8")
    assert main(["run", "--json", "out.json", "script.py", method]) == 3
    printed = capfd.readouterr().out
    assert printed.startswith("[") and "out of bounds: `a[cuda.grid(1)]` uses index 31" in printed.splitlines()[0]
    report = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert sorted(launch["kernel"] for launch in report["launches"]) == ["add", "add", "add", "loose"]
    assert [finding["kernel"] for finding in report["findings"]] == ["loose"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_plain_fork_makes_no_report_of_its_own(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        PROGRAM.partition("if __name__")[0] + "child = os.fork()\nif child:\n    os.waitpid(child, 0)\nwork(3)\n"
    )
    report = tmp_path / "out.json"
    command = [sys.executable, "-m", "gpusim", "run", "--json", str(report), str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(json.loads(report.read_text())["launches"]) == 2
    assert done.stdout.count("no findings") == 1


def test_a_journal_ends_where_its_writer_was_ended(tmp_path):
    journal = Journal(tmp_path, owner=-1)
    entries = [({"kernel": "a"}, [FINDING]), ({"kernel": "b"}, [])]
    for entry in entries:
        journal.write(entry)
    with (tmp_path / str(os.getpid())).open("ab") as file:
        file.write(pickle.dumps(entries)[:-9])
    assert list(journal.read()) == entries
    assert not journal.is_own and Journal(tmp_path, os.getpid()).is_own


def test_a_child_that_outlives_the_report_is_not_disturbed(tmp_path):
    Journal(tmp_path / "gone", owner=-1).write(({}, []))


@pytest.mark.parametrize("error", [MemoryFault(FINDING), thrown(ZeroDivisionError, DIVIDED), KernelError("no")])
def test_errors_can_be_sent_to_another_process(error):
    error.run = "not sent"
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert [kind.__name__ for kind in type(copy).__mro__] == [kind.__name__ for kind in type(error).__mro__]
    assert copy.run is None
    assert getattr(copy, "finding", None) == getattr(error, "finding", None)


def test_the_error_of_a_launch_can_be_sent():
    @cuda.jit
    def local(a):
        a[cuda.grid(1)] = 1

    with pytest.raises(MemoryFault) as caught:
        gpusim.simulate(local)[1, 2](np.zeros(1))
    assert caught.value.run is not None
    assert pickle.loads(pickle.dumps(caught.value)).finding == caught.value.finding
