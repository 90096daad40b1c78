"""What a check costs: seconds of `python -m puzzles check FILE` at the second run, and CPU seconds behind them.

    python benchmarks/checking.py [--json OUT] [ID ...]

Each puzzle's solution is checked by the command, with the process that is kept ready, once without counting and then
three times. `seconds` are those that a learner waits (the median), and only mean something on an idle machine: the load
is written beside them. `command_cpu` is the CPU time of the command itself, and `check_cpu` that of a check in a worker
that has started, both of processes that have ended (not on Windows). Writes benchmarks/results/checking.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from puzzles import catalog
from puzzles.check import Workers, check_text
from puzzles.check.sandbox import walls
from puzzles.source import solution

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "checking.json"
ROUNDS = 3
CHOSEN = ("map", "gemm-tiled-6x6", "ordered-blending", "sampling", "attention-tiled", "language-model", "five-steps")


def children_cpu() -> float:
    """User and system time of processes that have ended, and of what they waited for."""
    times = os.times()
    return times.children_user + times.children_system


def command(path: Path) -> tuple[float, float]:
    """(seconds, CPU seconds) of one `puzzles check`."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])}
    started, before = time.perf_counter(), children_cpu()
    subprocess.run([sys.executable, "-m", "puzzles", "check", path], check=True, env=environment, capture_output=True)
    return time.perf_counter() - started, children_cpu() - before


def workers_cpu(text: str, rounds: int) -> float:
    """CPU seconds of a worker that checks a text so often, its start included."""
    before, workers = children_cpu(), Workers(walls.NONE)  # a sandbox would keep the account to itself
    for _ in range(rounds):
        verdict = check_text(text, workers=workers)
        assert verdict.passed, verdict
    workers.end()
    return children_cpu() - before


def measured(name: str, folder: Path) -> dict[str, float]:
    """The three numbers of one puzzle."""
    puzzle = catalog.load(name)
    text = solution(puzzle, catalog.number(puzzle))
    path = folder / f"{puzzle.id}.py"
    path.write_text(text, encoding="utf-8")
    command(path)
    runs = [command(path) for _ in range(ROUNDS)]
    check_cpu = (workers_cpu(text, 1 + ROUNDS) - workers_cpu(text, 1)) / ROUNDS
    seconds, command_cpu = (statistics.median(column) for column in zip(*runs, strict=True))
    return {"seconds": round(seconds, 2), "command_cpu": round(command_cpu, 2), "check_cpu": round(check_cpu, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("puzzles", metavar="ID", nargs="*", default=CHOSEN)
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="OUT")
    options = parser.parse_args()
    load = getattr(os, "getloadavg", lambda: (None,))()[0]
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.puzzles:
            found[name] = measured(name, Path(folder))
            print(f"{name:24}", *(f"{key} {value:5.2f}" for key, value in found[name].items()), flush=True)
    options.json.write_text(json.dumps({"load": load, "cores": os.cpu_count(), "puzzles": found}, indent=1) + "\n")
    print(f"load {load}; wrote {options.json}")


if __name__ == "__main__":
    main()
