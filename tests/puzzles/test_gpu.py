"""`--device gpu`: results only, by the same judge. Numba's own simulator stands in for the GPU here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gpusim.host.gpu import find_gpu
from puzzles import cli

CODE = """
from puzzles import catalog
from puzzles.check.cases import cases
from puzzles.check.gpu import run_case
from puzzles.check.judge import judge

for name in ("guard", "gemm-tiled-6x6"):
    puzzle = catalog.load(name)
    for case, given in zip(cases(puzzle, 1), cases(puzzle, 1)):
        launched, reasons = judge(puzzle, case, run_case(puzzle.kernels, given))
        assert launched.passed and not reasons, reasons
        break
wrong = catalog.load("add-bias")
case, given = next(cases(wrong, 1)), next(cases(wrong, 1))
outcome = run_case(wrong.kernels, given)
outcome.arrays["x"][0, 0] += 1
print([reason.kind for reason in judge(wrong, case, outcome)[1]])
"""


def test_results_are_judged_without_counters():
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.strip() == "['result']", done.stderr


@pytest.mark.skipif(find_gpu() is not None, reason="there is a GPU here")
def test_without_a_gpu_it_is_one_sentence(tmp_path, capsys):
    (tmp_path / "x.py").write_text('PUZZLE = "map"\n', encoding="utf-8")
    assert cli.main(["check", str(tmp_path / "x.py"), "--device", "gpu"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("puzzles check: ") and told.count("\n") == 1
