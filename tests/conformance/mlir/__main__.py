"""numba-cuda's tests on numba-cuda-mlir, with gpusim as the GPU, beside the same tests on numba-cuda.

python -m conformance.mlir [--only FILE ...] [--results FOLDER]     (in the folder tests)
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

from conformance.mlir.reasons import reason
from conformance.mlir.run import run
from conformance.numba_tests import Outcomes

RESULTS = Path(__file__).parent.parent / "results"
NUMBA = "numba-cuda"
MLIR = "numba-cuda-mlir"


def summary(outcomes: Outcomes, on_numba: dict[str, dict[str, int]]) -> dict[str, Any]:
    """Counts by file, and every failure with its reason, JSON-ready; `on_numba` has the counts on numba-cuda."""
    counts: dict[str, Counter[str]] = {}
    for test, (outcome, _) in outcomes.items():
        counts.setdefault(test.partition("::")[0], Counter())[outcome] += 1
    failed = {test: error for test, (outcome, error) in outcomes.items() if outcome == "failed"}
    return {
        "versions": {name: version(name) for name in (NUMBA, MLIR, "numpy")},
        "files": {file: {NUMBA: on_numba.get(file, {}), MLIR: dict(counts[file])} for file in sorted(counts)},
        "failures": {test: reason(test, error) or f"unexplained: {error[:120]}" for test, error in failed.items()},
    }


def table(found: dict[str, Any]) -> str:
    """The summary as text: one line per file, totals, and the number of failures for each reason."""
    width = max(map(len, found["files"]))
    head = f"{'passed / failed / skipped':{width}}" + "".join(f"{package:>22}" for package in (NUMBA, MLIR))
    lines = [head, "-" * len(head)]
    totals = {NUMBA: Counter[str](), MLIR: Counter[str]()}
    for file, counts in found["files"].items():
        lines.append(f"{file:{width}}" + "".join(f"{_cell(counts[package]):>22}" for package in totals))
        for package, total in totals.items():
            total.update(counts[package])
    lines += ["-" * len(head), f"{'total':{width}}" + "".join(f"{_cell(total):>22}" for total in totals.values()), ""]
    reasons = Counter(found["failures"].values())
    lines += [f"{count:5} {why}" for why, count in reasons.most_common()]
    return "\n".join(lines) + "\n"


def _cell(counts: dict[str, int]) -> str:
    return " / ".join(str(counts.get(outcome, 0)) for outcome in ("passed", "failed", "skipped"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[], metavar="FILE", help="test files such as cudapy/test_sync.py")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for mlir.txt and mlir.json")
    given = parser.parse_args()
    on_numba = json.loads((RESULTS / "table.json").read_text())["files"]
    found = summary(run(given.only), {file: modes["installed"] for file, modes in on_numba.items()})
    given.results.mkdir(parents=True, exist_ok=True)
    (given.results / "mlir.json").write_text(json.dumps(found, indent=1) + "\n")
    (given.results / "mlir.txt").write_text(table(found))
    print(table(found))


if __name__ == "__main__":
    main()
