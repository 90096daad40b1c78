"""What a small program costs: CPU seconds of a whole process, and milliseconds of a launch that is not the first.

    python benchmarks/first_second.py [--json OUT]

`small_script.py` is run by `python -m gpusim run` with all checks on, by Numba's own simulator, and `from numba import
cuda` alone is timed beside them, in turn, round after round. CPU seconds are user and system time of the process and
what it waits for; they need an operating system that counts those of child processes (not Windows). Modules are
compiled to bytecode, and the simulator's loops to machine code, by a first run that is not counted. Writes
benchmarks/results/first_second.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import small

import gpusim

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "first_second.json"
ROUNDS = 7
LAUNCHES = 200

SCRIPT = str(HERE / "small_script.py")
PROGRAMS = {
    "gpusim": [sys.executable, "-m", "gpusim", "run", "--quiet", SCRIPT],
    "numba_simulator": [sys.executable, SCRIPT],
    "import_numba_cuda": [sys.executable, "-c", "from numba import cuda"],
}


def run(name: str, *arguments: str) -> str:
    """What a program prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if name == "numba_simulator":
        environment["NUMBA_ENABLE_CUDASIM"] = "1"
    command = [*PROGRAMS[name], *arguments]
    return subprocess.run(command, check=True, env=environment, capture_output=True, encoding="utf-8").stdout


def cpu_seconds(name: str) -> float:
    """User and system time of one run."""
    before = os.times()
    run(name)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def simulate_ms() -> float:
    """Milliseconds of `gpusim.simulate(kernel)[grid, block](...)` with a kernel that it knows."""
    kernel = small.new_kernel()
    a = np.ones((3, 3), dtype=np.float32)
    c = np.zeros_like(a)
    seconds = []
    for _ in range(LAUNCHES + 1):
        start = time.perf_counter()
        gpusim.simulate(kernel)[1, (3, 3)](c, a, a)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:]) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="OUT")
    options = parser.parse_args()
    for name in PROGRAMS:
        run(name)
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name in PROGRAMS:
            seconds[name].append(cpu_seconds(name))
    cpu = {name: statistics.median(times) for name, times in seconds.items()}
    launches = {
        "gpusim.simulate": simulate_ms(),
        **{name: float(run(name, str(LAUNCHES)).split()[0]) for name in ("gpusim", "numba_simulator")},
    }
    ratio = cpu["gpusim"] / cpu["numba_simulator"]
    for name, value in cpu.items():
        print(f"{name:20} {value:6.2f} CPU s")
    print(f"a whole process: {ratio:.2f} times the CPU time of Numba's simulator")
    for name, value in launches.items():
        print(f"{name:20} {value:6.2f} ms for a launch that is not the first")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    result = {"cpu_s": cpu, "times_numba_simulator": ratio, "launch_ms": launches}
    options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
