"""How long a class takes: 200 submissions of ten puzzles, a tenth of the files wrong and one looping; prints a line.

    python benchmarks/grading.py [--submissions 200] [--puzzles 10]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from puzzles import catalog, cli
from puzzles.source import file_name, solution


def hand_in(folder: Path, submissions: int, puzzles: int) -> None:
    """Write the class; every file differs in a comment, so that no record serves for two."""
    chosen = catalog.kernel_puzzles()[:puzzles]
    for number in range(submissions):
        one = folder / f"student-{number:03}"
        one.mkdir(parents=True)
        for place, puzzle in enumerate(chosen, 1):
            text = solution(puzzle, place) + f"# {number}\n"
            if (number + place) % 10 == 0:
                text = text.replace("cuda.grid", "cuda.gridsize").replace("threadIdx.x", "threadIdx.y")
            if number == 7 and place == 1:
                text = text.replace("    out[i] =", "    while True:\n        pass\n    out[i] =")
            (one / file_name(puzzle, place)).write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--puzzles", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hand_in(folder / "in", options.submissions, options.puzzles)
        started = time.perf_counter()
        cli.main(["grade", str(folder / "in"), "--out", str(folder / "grades.csv")])
        seconds = time.perf_counter() - started
    checks = options.submissions * options.puzzles
    print(f"{options.submissions} submissions, {checks} checks, {os.cpu_count()} cores: {seconds:.0f} s")


if __name__ == "__main__":
    main()
