"""benchmarks/gpu.py, as far as it goes without a GPU: with the simulator as the GPU."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import gpu as script
import numpy as np
import pytest
from on_gpu import agreement, sanitizer, speed, tables
from on_gpu.launches import Launch, normal, of_language_model, undefined
from on_gpu.profiler import Comparison
from support.gpu_launches import launch

import gpusim
import puzzles
from gpusim.host.gpu import GPU
from lm.kernels.softmax import SOFTMAX_ONLINE

ROOT = Path(script.__file__).parents[1]


@pytest.fixture
def simulated():
    """The simulator in the GPU's place."""
    with gpusim.install("none"):
        yield


def timed(shape=(40, 30)) -> speed.Timed:
    x, out = normal(*shape), undefined(*shape)
    grid, block = SOFTMAX_ONLINE.launch(out, x)
    one = Launch("softmax", SOFTMAX_ONLINE.kernel, grid, block, lambda: (undefined(*shape), normal(*shape)))
    return speed.Timed(one, speed.torch_softmax)


def test_timing_a_launch_and_torch(simulated):
    flushed = []
    timing = speed.measure(timed(), "NVIDIA H200", lambda: flushed.append(1), rounds=3)
    assert len(flushed) == 6
    assert timing.lower_bound is not None
    assert timing.of_bound == timing.seconds / timing.lower_bound > 1
    assert timing.torch_difference < 1e-6
    assert timing.to_dict()["of_bound"] == timing.of_bound


def test_timing_without_a_model_or_torch(simulated):
    timing = speed.measure(speed.Timed(timed().launch), "a GPU of the future", lambda: None, rounds=1)
    assert (timing.lower_bound, timing.of_bound, timing.torch_seconds) == (None, None, None)
    assert "no GPU 'a GPU of the future' is known" in timing.bound_by


def test_what_is_timed():
    launches = speed.timed_launches()
    assert len({one.launch.name for one in launches}) == len(launches)
    assert sum(one.torch is not None for one in launches) >= 6
    for one in launches:
        assert one.launch.kernel.__name__ in one.launch.name or one.torch is None


@pytest.mark.parametrize("name", ["layer_norm", "gelu", "attention", "matmul_tiled"])
def test_torchs_functions_at_small_sizes(name):
    (one,) = [x for x in of_language_model() if x.kernel.__name__ == name]
    function = {
        "layer_norm": speed.torch_layer_norm,
        "gelu": speed.torch_gelu,
        "attention": speed.torch_attention,
        "matmul_tiled": speed.torch_matmul,
    }[name]
    arguments = list(one.arguments())
    if name == "matmul_tiled":
        arguments[3:] = [speed.ONE, speed.ZERO]
    gpusim.simulate(one.kernel)[one.grid, one.block](*arguments)
    expected = function(*speed.on_torch(arguments[1:])).cpu().numpy()
    np.testing.assert_allclose(arguments[0], expected, rtol=1e-4, atol=1e-5)


def test_without_a_gpu_it_says_so(capsys, monkeypatch):
    monkeypatch.setattr(script, "why_no_gpu", lambda: "there is no NVIDIA driver on this machine")
    assert script.main([]) == 1
    said = capsys.readouterr()
    assert said.err == "benchmarks/gpu.py needs an NVIDIA GPU, and there is no NVIDIA driver on this machine\n"
    assert said.out == ""


def test_rendering_without_results(capsys, tmp_path):
    assert script.main(["--render", "--json", str(tmp_path / "gpu.json")]) == 1
    assert capsys.readouterr().err.startswith("there are no results in")


def test_an_unknown_part(capsys):
    with pytest.raises(SystemExit) as ended:
        script.main(["--only", "speed"])
    assert ended.value.code == 2
    assert "there is no part 'speed'; there are agreements, counters, times, defects" in capsys.readouterr().err


@pytest.fixture
def small_script(simulated, monkeypatch):
    """The program on a machine whose GPU is the simulator, with few launches and no tools."""
    monkeypatch.setattr(script, "why_no_gpu", lambda: None)
    monkeypatch.setattr(script, "require_gpu", lambda: GPU("NVIDIA H200", (9, 0)))
    monkeypatch.setattr(script, "every_launch", lambda: [launch("first"), launch("second", 64)])
    monkeypatch.setattr(speed, "timed_launches", lambda: [timed()])
    monkeypatch.setattr(speed, "flusher", lambda: lambda: None)
    monkeypatch.setattr(script.shutil, "which", lambda name: None)


def test_the_whole_program(small_script, tmp_path, capsys):
    file = tmp_path / "results" / "gpu.json"
    assert script.main(["--json", str(file)]) == 0
    results = json.loads(file.read_text())
    assert results["device"] == {"name": "NVIDIA H200", "cc": "9.0"}
    assert [row["agrees"] for row in results["agreements"]] == [True, True]
    assert results["missing"] == {
        "counters": "Not measured yet: ncu was not on the PATH.",
        "defects": "Not measured yet: compute-sanitizer was not on the PATH.",
    }
    capsys.readouterr()
    assert script.main(["--render", "--json", str(file)]) == 0
    text = capsys.readouterr().out
    assert text == tables.render(results)
    assert "2 of 2 launches leave the same" in text
    assert "Not measured yet: ncu was not on the PATH." in text


def test_a_disagreement_is_a_failure(small_script, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(agreement, "on_gpu", lambda one: [np.ones(100, np.float32), normal(100)])
    monkeypatch.setattr(script, "every_launch", lambda: [launch()])
    assert script.main(["--only", "agreements", "--json", str(tmp_path / "gpu.json")]) == 1
    assert "| doubled | 100 of 200 |" in capsys.readouterr().out


def test_the_launches_that_tools_look_at(small_script, monkeypatch):
    launched = []
    monkeypatch.setattr(agreement, "on_gpu", launched.append)
    assert script.main(["--launch", "profiled"]) == 0
    assert [one.name for one in launched] == ["first", "second"]
    assert script.main(["--launch", sanitizer.defects()[0].name]) == 0


def test_the_profiled_launches_are_patterns_benchmarks_operations_and_one_of_each_puzzle():
    names = [one.name for one in script.profiled()]
    assert {name.split()[1] for name in names if name.startswith("puzzle")} == {
        puzzle.id for puzzle in puzzles.catalog.kernel_puzzles()
    }
    assert all(any(name.startswith(kind) for name in names) for kind in ("lm", "case", "pattern"))


def test_tables_of_everything():
    results = {
        "device": {"name": "GPU", "cc": "9.0"},
        "versions": {"numba": "1"},
        "missing": {},
        "agreements": [
            {"launch": "a", "elements": 3, "different": 0, "largest_difference": 0.0, "problem": "", "agrees": True}
        ],
        "counters": [
            Comparison("a", "global load_sectors", 4, 4).to_dict(),
            Comparison("b", "global load_sectors", 4, 2).to_dict(),
        ],
        "times": [
            speed.Timing("a", 2e-6, 1e-6, "DRAM", 4e-6, 0.0).to_dict(),
            speed.Timing("b", 2e-6, None, "", None, None).to_dict(),
        ],
        "defects": [
            sanitizer.Inspection("x", "racecheck", True, False, "slow").to_dict(),
            sanitizer.Inspection("y", "racecheck", True, True).to_dict(),
            sanitizer.Inspection("z", "memcheck", False, True).to_dict(),
        ],
    }
    text = tables.render(results)
    assert "1 of 1 launches" in text
    assert "| global load_sectors | 2 | 1 |" in text
    assert "| b | global load_sectors | 4 | 2 |" in text
    assert "| a | 2.0 µs | 1.0 µs | DRAM | 2.00 | 4.0 µs | 0.50 |" in text
    assert "| b | 2.0 µs |  |  |  |  |  |" in text
    assert "| racecheck | 2 | 2 | 1 |" in text
    assert "Only gpusim reports:\n\n| defect | tool | note |\n| --- | --- | --- |\n| x | racecheck | slow |" in text
    assert "Only compute-sanitizer reports:" in text
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines and all(line.endswith("|") for line in lines)


BARE = """
import os
import sys

ROOT = os.path.dirname(os.getcwd())
sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != ROOT]

MISSING = {"chalk", "planar", "rich", "safetensors", "greenlet", "matplotlib", "pytest", "hypothesis"}

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
import gpu
from on_gpu import agreement, sanitizer
launches = gpu.every_launch()
for name in ("lm attention", "puzzle gemm-any-size 0", "pattern banks, stride 2"):
    run, _ = agreement.on_simulator(next(one for one in launches if one.name == name))
    assert run.time("h200").seconds > 0
assert sanitizer.defects()
"""


def test_a_bare_checkout_is_enough():
    """Nothing but numba-cuda, NumPy and torch, and this project neither installed nor on the path."""
    done = subprocess.run(
        [sys.executable, "-c", BARE], cwd=ROOT / "benchmarks", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
