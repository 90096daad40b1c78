"""The plugin in a pytest of its own, on a project that knows nothing of ours but the fixture."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = """
import numpy as np
import pytest
from numba import cuda, float32


@cuda.jit
def shift(out, a, barrier):
    tile = cuda.shared.array(64, float32)
    i = cuda.threadIdx.x
    tile[i] = a[i]
    if barrier:
        cuda.syncthreads()
    out[i] = tile[(i + 1) % 64]


@cuda.jit
def beyond(out):
    out[cuda.threadIdx.x + 1] = 1


@cuda.jit
def twice(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1


def arrays():
    return np.zeros(64, np.float32), np.arange(64, dtype=np.float32)


@pytest.mark.gpusim(max_global_loads=64, max_barriers=1)
def test_right(simulate):
    out, a = arrays()
    run = simulate(shift)[1, 64](out, a, True)
    assert run.counts.global_.loads == 64
    assert out[0] == 1


def test_race(simulate):
    simulate(shift)[1, 64](*arrays(), False)


@pytest.mark.gpusim(check="none")
def test_race_unchecked(simulate):
    simulate(shift)[1, 64](*arrays(), False)


@pytest.mark.gpusim(max_global_loads=63)
def test_limit(simulate):
    simulate(shift)[1, 64](*arrays(), True)


def test_bounds(simulate):
    simulate(beyond)[1, 64](np.zeros(64, np.float32))


@pytest.mark.gpusim(max_speed=1)
def test_option(simulate):
    pass


def test_puzzle(assert_kernel):
    assert_kernel(twice, "map")


def test_other_puzzle(assert_kernel):
    assert_kernel(twice, "guard")
"""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("project")
    (folder / "test_mine.py").write_text(PROJECT, encoding="utf-8")
    root = Path(__file__).parents[2]
    options = ["-p", "puzzles.pytest_plugin", "--strict-markers", "-rA", "-q", str(folder)]
    command = [sys.executable, "-m", "pytest", *options]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", ["test_right", "test_race_unchecked", "test_puzzle"])
def test_what_is_right_passes(outcome, name):
    assert f"PASSED test_mine.py::{name}\n" in outcome


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test_race", "race on shared array 'tile'"),
        ("test_limit", "shift: global loads: 64, but the limit is 63"),
        ("test_bounds", "out of bounds"),
        ("test_other_puzzle", "failed  guard"),
    ],
)
def test_what_is_wrong_fails_with_its_reason(outcome, name, words):
    assert f"FAILED test_mine.py::{name} - " in outcome
    assert words in outcome


def test_an_unknown_option_is_told(outcome):
    assert "has no option 'max_speed'" in outcome


def test_the_plugin_imports_nothing_heavy():
    heavy = ("numpy", "numba", "gpusim.simulator")
    code = f"import sys, puzzles.pytest_plugin; print([m for m in {heavy} if m in sys.modules])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "[]"
