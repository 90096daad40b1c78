"""What the README shows is what happens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from report import table

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_prints_what_it_says(tmp_path):
    code = re.search(r"```python\n(.*?)```", README, re.S).group(1)
    shown = re.search(r"wrong:\n\n```\n(.*?)```", README, re.S).group(1)
    (tmp_path / "sum.py").write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, "sum.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    printed = done.stdout.replace(str(tmp_path) + "/", "")
    assert " ".join(printed.split()) == " ".join(shown.split())


def test_the_commands_exist():
    for package in ("gpusim", "puzzles", "lm"):
        done = subprocess.run([sys.executable, "-m", package, "--help"], capture_output=True, text=True, check=True)
        for command in re.findall(rf"python -m {package} (\w+)", README):
            assert command in done.stdout


def test_the_benchmark_table_is_that_of_the_results():
    results = json.loads((BENCHMARKS / "results" / "simulator.json").read_text())
    assert table(results["cases"]) in (BENCHMARKS / "README.md").read_text(encoding="utf-8")


def test_the_benchmark_numbers_are_those_of_the_results():
    results = json.loads((BENCHMARKS / "results" / "simulator.json").read_text())
    mean = results["geometric_mean_times_numba_simulator"]
    tiled = next(row for row in results["cases"] if row["case"].startswith("tiled matmul 256x256"))
    said = re.search(r"geometric mean\s+([\d,]+)\s+times", README).group(1)
    assert int(said.replace(",", "")) == round(mean)
    for words, key in (("checked loads", "loads_per_s"), ("with counters only", "counters_only_loads_per_s")):
        million = re.search(rf"([\d,]+) million\s+{words}", README).group(1)
        assert int(million.replace(",", "")) == round(tiled[key] / 1e6)


def test_the_conformance_numbers_are_those_of_the_table():
    files = json.loads((ROOT / "tests" / "conformance" / "results" / "table.json").read_text())["files"].values()
    passed = {mode: sum(f[mode].get("passed", 0) for f in files) for mode in ("gpusim", "installed")}
    failed = sum(f["gpusim"].get("failed", 0) for f in files)
    assert f"passes {passed['gpusim']} of the {passed['gpusim'] + failed} tests" in README
    assert f"it passes {passed['installed']:,}." in README
    translated = json.loads((ROOT / "tests" / "conformance" / "results" / "mlir.json").read_text())["files"].values()
    assert f"{sum(f['numba-cuda-mlir'].get('passed', 0) for f in translated):,} pass." in README
