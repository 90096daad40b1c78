"""Random kernels with planted defects: findings exactly where a brute-force oracle sees a defect."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from support.planted import Program, correct, planted
from support.race_oracle import NOTHING, RaceMachine, Verdict

import gpusim

SEVERITY = ["nothing", "warning", "error"]
_numbers = itertools.count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


def kernel_of(program: Program, folder: Path) -> Any:
    """The program as a function with a source file."""
    path = folder / f"planted_{next(_numbers)}.py"
    path.write_text(program.source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.kernel


def arguments_of(program: Program) -> tuple[np.ndarray, ...]:
    values = np.random.default_rng(program.size).permutation(program.size).astype(np.float32)
    return np.zeros(program.size, np.float32), np.zeros(program.block, np.float32), values + np.float32(0.5)


def judged(program: Program, kernel: Any) -> Verdict:
    machine = RaceMachine(program.grid, program.block)
    return machine.launch(kernel, arguments_of(program), ("out", "acc", "a"))


def check(program: Program, folder: Path, scheduler: Any = "lockstep") -> None:
    kernel = kernel_of(program, folder)
    verdict = judged(program, kernel)
    event(_kind(verdict))
    try:
        run = gpusim.simulate(kernel, scheduler=scheduler)[program.grid, program.block](*arguments_of(program))
    except gpusim.MemoryFault as fault:
        assert fault.finding.line in verdict.outside, program.source
        return
    except gpusim.KernelError as error:  # single threads may really wait for ever
        assert "deadlock" in str(error) and verdict.divergent, program.source
        return
    assert not verdict.outside, program.source
    synccheck = [finding for finding in run.findings if finding.tool == "synccheck"]
    assert bool(synccheck) == verdict.divergent, program.source
    if verdict.divergent:
        return
    found: dict[str, int] = {}
    for finding in run.findings:
        if finding.tool == "racecheck":
            array = "shared0" if finding.array == "s" else finding.array
            found[array] = max(found.get(array, NOTHING), SEVERITY.index(finding.severity))
            assert (array, frozenset((finding.line, finding.other["line"]))) in verdict.pairs, program.source
    for array in verdict.races.keys() | found.keys():
        allowed = {verdict.races[array]} | ({1} if array in verdict.open_races else set())
        if array in verdict.open_races and verdict.races[array] == NOTHING:
            allowed.add(NOTHING)
        if scheduler == "threads" and verdict.races[array] == 2:
            allowed.add(1)
        assert found.get(array, NOTHING) in allowed, (array, found, dict(verdict.races), program.source)
    undefined = {finding.line for finding in run.findings if finding.tool == "initcheck"}
    assert verdict.undefined <= undefined <= verdict.undefined | verdict.open_undefined, program.source


def _kind(verdict: Verdict) -> str:
    if verdict.outside:
        return "outside"
    if verdict.divergent:
        return "divergent"
    worst = SEVERITY[max(verdict.races.values(), default=0)]
    return f"race: {worst}, undefined: {bool(verdict.undefined)}"


SEEDS = st.integers(0, 2**32)


@settings(max_examples=200, deadline=None)
@given(seed=SEEDS)
def test_findings_are_what_the_oracle_finds(folder: Path, seed: int):
    check(planted(Random(seed)), folder)


@settings(max_examples=50, deadline=None)
@given(seed=SEEDS)
def test_findings_of_single_threads_are_what_the_oracle_finds(folder: Path, seed: int):
    check(planted(Random(seed)), folder, "threads")


@settings(max_examples=50, deadline=None)
@given(seed=SEEDS)
def test_correct_kernels_are_clean(folder: Path, seed: int):
    program = correct(Random(seed))
    kernel = kernel_of(program, folder)
    assert _kind(judged(program, kernel)) == "race: nothing, undefined: False"
    run = gpusim.simulate(kernel)[program.grid, program.block](*arguments_of(program))
    assert run.findings == []
