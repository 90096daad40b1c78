"""The commands on macOS and Windows, as far as Linux can show it: `support.elsewhere`.

PATH is empty, so that there is no sandbox; the locale is ASCII, and the output goes to what encodes cp1252.
"""

from __future__ import annotations

import json
import sys

import pytest
from support.elsewhere import SYSTEMS, System

from gpusim.kernel.dialects import IN_NUMBA, NUMBA
from puzzles import catalog
from puzzles.source import solution

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the packages are linked into another folder")

SPAWNED = """
import multiprocessing
import numpy as np
from numba import cuda

@cuda.jit
def add(a):
    a[cuda.grid(1)] += 1

def work(n):
    a = np.zeros(n)
    add[1, 4](a)
    return a.sum()

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn", force=True)
    with multiprocessing.Pool(1) as pool:
        print(pool.map(work, [4, 5]))
        try:
            pool.apply(work, (3,))
        except IndexError as error:
            print("the pool says:", error)
"""

SEEN = """
import numpy as np
from numba import cuda
import gpusim

@cuda.jit
def kernel(a):
    a[cuda.grid(1)] += 1

run = gpusim.simulate(kernel, trace=True)[2, 4](np.zeros(8))
print(run)
run.draw().save("seen.svg")
run.play().save("seen.html")
"""


@pytest.fixture(scope="module", params=SYSTEMS)
def system(request, tmp_path_factory):
    if request.param == "macos" and NUMBA is not IN_NUMBA:
        pytest.skip("numba-cuda has no wheels for macOS, and refuses to be imported there: `make test-plain-fast`")
    with System.made(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


def answer(system, name, *replacements):
    """A file with the solution of the puzzle map, changed."""
    text = solution(catalog.load("map"), 1)
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    (system.here / name).write_text(text, encoding="utf-8")
    return name


def test_the_simulator_follows_processes(system):
    (system.here / "script.py").write_text(SPAWNED, encoding="utf-8")
    done = system.run("-m", "gpusim", "run", "--json", "out.json", "script.py")
    assert done.returncode == 3, done.stderr
    first, second = done.stdout.splitlines()[:2]
    assert first == "[np.float64(4.0), np.float64(4.0)]"
    assert second.startswith("the pool says: ") and "index 3 of global array 'a'" in second
    report = json.loads((system.here / "out.json").read_text(encoding="utf-8"))
    assert len(report["launches"]) == 3


def test_the_course_starts(system):
    done = system.run("-m", "puzzles", "start", "mine")
    assert done.returncode == 0, done.stderr
    assert len(list((system.here / "mine").glob("*.py"))) == len(catalog.puzzles()) + 1
    done = system.run("-m", "puzzles", "show", "map", "--svg", "map.svg")
    assert done.returncode == 0, done.stderr
    assert (system.here / "map.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_report_a_picture_and_the_player(system):
    (system.here / "seen.py").write_text(SEEN, encoding="utf-8")
    done = system.run("seen.py")
    assert done.returncode == 0, done.stderr
    assert "kernel  grid 2, block 4" in done.stdout and "-----" in done.stdout  # in place of a line that cp1252 lacks
    assert (system.here / "seen.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "<script" in (system.here / "seen.html").read_text(encoding="utf-8")


def test_right_wrong_and_endless(system):
    """In a folder; whatever a kernel prints. Files may come from an editor that ends lines with CR and LF."""
    folder = system.here / "answers"
    folder.mkdir()
    line = "    i = cuda.threadIdx.x\n"
    right = answer(system, "answers/1.py")
    (folder / "2.py").write_bytes(b"\xef\xbb\xbf" + (system.here / right).read_bytes().replace(b"\n", b"\r\n"))
    answer(system, "answers/3.py", (line, f'{line}    print("thread", i)\n'), ("+ 1", "+ 2"))
    answer(system, "answers/4.py", (line, f"{line}    while i > -1:\n        i += 1\n"))
    done = system.run("-m", "puzzles", "check", "answers")
    assert done.returncode == 1 and not done.stderr
    assert [line[:11] for line in done.stdout.splitlines() if line.startswith(("passed", "failed"))] == [
        *("passed  map",) * 2,
        *("failed  map",) * 2,
    ]
    assert "should be" in done.stdout and "thread 1\n" in done.stdout
    assert "is still running in thread (0, 0, 0)" in done.stdout
    limits = {"macos": "time and files", "windows": "time"}[system.name]
    assert f"sandbox: none works here; a process with limits on {limits}\n" in done.stdout


def test_a_file_as_it_was_written_is_open(system):
    """Text files get CR and LF on Windows."""
    system.run("-m", "puzzles", "start", "fresh")
    path = system.here / "fresh" / "02_zip.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    done = system.run("-m", "puzzles", "check", "fresh/02_zip.py")
    assert done.stdout.startswith("open    zip: the hole in fresh/02_zip.py is still empty")


def test_a_job_ends_when_its_time_is_over(system):
    done = system.run("-m", "puzzles", "check", answer(system, "slow.py"), "--time-limit", "0.001")
    assert done.returncode == 1 and not done.stderr
    assert "Not finished after 0.001 seconds." in done.stdout


def test_a_sandbox_is_named_that_is_not_there(system):
    done = system.run("-m", "puzzles", "check", answer(system, "walled.py"), "--require-sandbox")
    assert done.returncode == 1 and not done.stdout
    assert "no sandbox works here (bubblewrap, or user namespaces for `unshare`)" in done.stderr
