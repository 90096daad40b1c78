"""The launches of benchmarks/gpu.py: all kernels, and what counts as agreement."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter

import cases
import numpy as np
import pytest
from numba import typeof
from on_gpu import agreement, patterns
from on_gpu.launches import Launch, every_launch, of_patterns, undefined
from on_gpu.profiler import COUNTERS
from support.gpu_launches import doubled, launch

import gpusim
import lm
import puzzles
from gpusim.kernel.source import is_dispatcher


@pytest.fixture
def simulated():
    """The simulator in the GPU's place."""
    with gpusim.install("none"):
        yield


def kernels_of(package) -> dict[str, object]:
    """Every kernel (not device function) in the modules of a package."""
    found = {}
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if is_dispatcher(value) and value.targetoptions.get("device") is False:
                found[f"{module.name}.{name}"] = value
    return found


def test_every_kernel_of_the_repository_is_launched():
    launched = {id(one.kernel) for one in every_launch()}
    kernels = {**kernels_of(lm), **kernels_of(puzzles), **kernels_of(cases)}
    assert len(kernels) >= 35
    assert [name for name, kernel in kernels.items() if id(kernel) not in launched] == []


def test_launches_have_names_of_their_own_and_fresh_arguments():
    launches = every_launch()
    assert len({one.name for one in launches}) == len(launches) > 200
    for one in launches:
        if "4M" in one.name:
            continue
        for first, second in zip(one.arguments(), one.arguments(), strict=True):
            if isinstance(first, np.ndarray):
                np.testing.assert_array_equal(first, second)
                assert not np.shares_memory(first, second)


def test_the_simulator_agrees_with_itself(simulated):
    for one in every_launch():
        if "4M" not in one.name:
            result = agreement.compare(one)
            assert result.agrees, result
            assert result.largest_difference == 0
            assert result.elements > 0


@pytest.mark.parametrize(
    ("theirs", "different", "largest"),
    [
        ([1.0, 2.0, np.nan, -np.inf], 0, 0),
        ([1.0, 2.00001, np.nan, -np.inf], 0, 1e-5),
        ([1.0, 2.5, np.nan, -np.inf], 1, 0.5),
        ([1.0, 2.0, 3.0, -np.inf], 1, 0),
        ([1.0, 2.0, np.nan, np.inf], 1, 0),
    ],
)
def test_what_counts_as_agreement(theirs, different, largest):
    ours = np.array([1.0, 2.0, np.nan, -np.inf], np.float32)
    result = agreement.agreement(launch(), [ours], [np.array(theirs, np.float32)])
    assert (result.elements, result.different) == (4, different)
    assert result.largest_difference == pytest.approx(largest, abs=2e-6)
    assert result.agrees == (different == 0)


def test_integers_must_be_equal():
    result = agreement.agreement(launch(), [np.array([1, 2, 3])], [np.array([1, 2, 4])])
    assert (result.different, result.largest_difference) == (1, 1)


def test_a_launch_that_fails_is_a_result(simulated):
    result = agreement.compare(Launch("bad", doubled, 4, 32, lambda: (undefined(3),)))
    assert not result.agrees
    assert "2 arguments" in result.problem


@pytest.mark.parametrize("stride", range(1, patterns.LARGEST_STRIDE + 1))
def test_bank_patterns_have_the_conflicts_of_their_stride(stride):
    (one,) = [p for p in patterns.patterns() if p.name == f"banks, stride {stride}"]
    run = gpusim.simulate(one.kernel)[one.grid, one.block](*one.arguments())
    expected = 0
    for warp in np.arange(patterns.BLOCK).reshape(-1, 32):
        expected += np.bincount(warp * stride % 32).max()
    assert run.counts["shared"]["load_wavefronts"] == run.counts["shared"]["store_wavefronts"] == one.grid * expected


def test_patterns_are_clean_and_cover_every_counter():
    seen = dict.fromkeys([counter.name for counter in COUNTERS], 0)
    for one in of_patterns():
        run, _ = agreement.on_simulator(one)
        assert run.findings == []
        for counter in COUNTERS:
            seen[counter.name] += counter.of_run(run.counts)
    assert all(seen.values()), seen


@pytest.mark.numba_cuda("compiling for a GPU")
def test_a_compiler_neither_merges_nor_removes_the_accesses_of_a_pattern():
    """In the real code for compute capability 9.0 there is one instruction for each access in the source."""
    seen = set()
    for one in patterns.patterns():
        signature = tuple(typeof(argument) for argument in one.arguments())
        if (one.kernel, signature) in seen:
            continue
        seen.add((one.kernel, signature))
        code = gpusim.compile(one.kernel, signature, "9.0").ptx
        found = Counter(re.findall(r"\b(ld|st|atom|red)\.(?:\w+\.)*?(global|shared)", code))
        expected = {
            "strided": {("ld", "global"): 1, ("st", "global"): 1},
            "gathered": {("ld", "global"): 2, ("st", "global"): 1},
            "transposed": {("ld", "global"): 1, ("st", "global"): 1},
            "half_a_warp": {("ld", "global"): 1, ("st", "global"): 1},
            "counted": {("ld", "global"): 1, ("atom", "global"): 1},
            "banks": {("ld", "shared"): 1, ("st", "shared"): 1, ("st", "global"): 1},
            "tile_down_its_columns": {
                ("ld", "global"): 1, ("st", "shared"): 1, ("ld", "shared"): 1, ("st", "global"): 1,
            },
        }[one.kernel.__name__]  # fmt: skip
        twice = 2 if one.note else 1
        assert found == {access: twice * number for access, number in expected.items()}, one.name
