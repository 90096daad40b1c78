"""gpusim with all checks on and with counters only, beside Numba's own simulator and the same loops compiled with njit.

    python benchmarks/simulator.py [--quick] [--json OUT]

Every case is run by all of them in turn, round after round, on the same machine in the same minutes;
the table shows medians and ratios of medians. Writes benchmarks/results/simulator.json, and the table
into benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import small
from cases import CASES
from cases.case import Case
from report import table, write_table

import gpusim

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "simulator.json"


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def on_gpusim(case: Case, check: Literal["all", "none"]) -> float:
    arguments = case.arguments()
    seconds = timed(lambda: gpusim.simulate(case.kernel, check)[case.grid, case.block](*arguments))
    np.testing.assert_allclose(arguments[0], case.expected(*arguments), rtol=1e-4)
    return seconds


def on_loops(case: Case) -> float:
    arguments = case.arguments()
    seconds = timed(lambda: case.loops(*arguments))
    np.testing.assert_allclose(arguments[0], case.expected(*arguments), rtol=1e-4)
    return seconds


def on_numba_simulator(case: Case, repeats: int) -> list[float]:
    command = [sys.executable, str(HERE / "numba_simulator.py"), case.name, str(repeats)]
    environment = {**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    result: list[float] = json.loads(done.stdout.splitlines()[-1])
    return result


def measure(case: Case, rounds: int) -> dict[str, Any]:
    """Medians in seconds, and ratios; `rounds` of each."""
    arguments = case.arguments()
    run = gpusim.simulate(case.kernel)[case.grid, case.block](*arguments)
    loads = sum(run.counts[space]["loads"] for space in ("global", "shared", "local"))
    assert loads == case.loads, (loads, case.loads)
    case.loops(*arguments)
    ours: list[float] = []
    counted: list[float] = []
    compiled: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        ours += [on_gpusim(case, "all") for _ in range(5)]
        counted += [on_gpusim(case, "none") for _ in range(5)]
        compiled += [on_loops(case) for _ in range(5)]
        if not case.slow:
            theirs += on_numba_simulator(case, 1)
    result: dict[str, Any] = {
        "case": case.name,
        "loads": loads,
        "gpusim_s": statistics.median(ours),
        "counters_only_s": statistics.median(counted),
        "njit_s": statistics.median(compiled),
        "numba_simulator_s": statistics.median(theirs) if theirs else None,
    }
    result["loads_per_s"] = loads / result["gpusim_s"]
    result["counters_only_loads_per_s"] = loads / result["counters_only_s"]
    result["times_numba_simulator"] = statistics.median(theirs) / result["gpusim_s"] if theirs else None
    result["times_slower_than_njit"] = result["gpusim_s"] / result["njit_s"]
    return result


def latency(repeats: int) -> dict[str, float]:
    """Milliseconds for a 3x3 matmul: a new kernel in a warm process, and a whole new process."""
    a = np.ones((3, 3), dtype=np.float32)
    warm = []
    for _ in range(repeats):
        kernel = small.new_kernel()
        warm.append(timed(lambda kernel=kernel: gpusim.simulate(kernel)[1, (3, 3)](np.zeros_like(a), a, a)))
    command = [sys.executable, "-c", "import small; small.main()"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent)])}
    cold = [timed(lambda: subprocess.run(command, check=True, env=environment)) for _ in range(5)]
    return {"warm_ms": statistics.median(warm) * 1e3, "cold_ms": statistics.median(cold) * 1e3}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round instead of three")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="OUT")
    options = parser.parse_args()
    rows = []
    for case in CASES:
        rows.append(measure(case, 1 if options.quick else 3))
        print(table(rows[-1:]).splitlines()[-1], flush=True)
    ratios = [row["times_numba_simulator"] for row in rows if row["times_numba_simulator"]]
    summary = {
        "geometric_mean_times_numba_simulator": statistics.geometric_mean(ratios),
        "latency_3x3": latency(20),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()},
    }
    print("\n" + table(rows))
    print(f"\ngeometric mean: {summary['geometric_mean_times_numba_simulator']:,.0f} times Numba's simulator")
    times = summary["latency_3x3"]
    print(f"3x3 matmul: {times['warm_ms']:.1f} ms in a warm process, {times['cold_ms']:.0f} ms as a new process")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"cases": rows, **summary}, indent=1) + "\n")
    if options.json == RESULTS:
        write_table(HERE / "README.md", rows)


if __name__ == "__main__":
    main()
