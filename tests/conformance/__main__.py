"""`make conformance`: numba-cuda's tests on its own simulator and on gpusim, as one table.

python tests/conformance [--modes MODE ...] [--only FILE ...] [--results FOLDER]

Where numba-cuda is not installed, these are the tests of the `numba.cuda` that comes with Numba.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

from numba_tests import MODES, Outcomes, run
from reasons import reason

from gpusim.kernel.dialects import IN_NUMBA, NUMBA

RESULTS = Path(__file__).parent / "results"


def summary(outcomes: dict[str, Outcomes]) -> dict[str, Any]:
    """Counts by file and mode, and every failure with its reason, JSON-ready."""
    files: dict[str, dict[str, Counter[str]]] = {}
    failures: dict[str, dict[str, str]] = {mode: {} for mode in outcomes}
    for mode, tests in outcomes.items():
        for test, (outcome, error) in tests.items():
            file = test.partition("::")[0]
            files.setdefault(file, {m: Counter() for m in outcomes})[mode][outcome] += 1
            if outcome == "failed":
                failures[mode][test] = reason(mode, test, error) or f"unexplained: {error[:200]}"
    return {
        "versions": {name: version(name) for name in dict.fromkeys(("numba", NUMBA.distribution, "numpy"))},
        "files": {file: {mode: dict(count) for mode, count in files[file].items()} for file in sorted(files)},
        "failures": failures,
    }


def table(found: dict[str, Any]) -> str:
    """The summary as text: one line per file, totals, and the failures by reason."""
    modes = list(found["failures"])
    width = max(map(len, found["files"]))
    head = f"{'passed / failed / skipped':{width}}" + "".join(f"{MODES[mode]:>22}" for mode in modes)
    lines = [head, "-" * len(head)]
    totals: dict[str, Counter[str]] = {mode: Counter() for mode in modes}
    for file, counts in found["files"].items():
        lines.append(f"{file:{width}}" + "".join(f"{_cell(counts[mode]):>22}" for mode in modes))
        for mode in modes:
            totals[mode].update(counts[mode])
    lines += ["-" * len(head), f"{'total':{width}}" + "".join(f"{_cell(totals[mode]):>22}" for mode in modes), ""]
    for mode in modes:
        by_reason: dict[str, list[str]] = {}
        for test, why in found["failures"][mode].items():
            by_reason.setdefault(why, []).append(test)
        lines += [f"{MODES[mode]}: {len(found['failures'][mode])} tests fail", ""]
        for why, tests in sorted(by_reason.items(), key=lambda item: -len(item[1])):
            lines += [f"  {len(tests):4} {why}", *(f"         {test}" for test in tests[:200]), ""]
    return "\n".join(lines)


def _cell(counts: dict[str, int]) -> str:
    return " / ".join(str(counts.get(outcome, 0)) for outcome in ("passed", "failed", "skipped"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modes", nargs="*", default=list(MODES), choices=MODES, help="the columns (default: all)")
    parser.add_argument("--only", nargs="*", default=[], metavar="FILE", help="test files such as cudapy/test_sync.py")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the table, as .txt and .json")
    given = parser.parse_args()
    found = summary({mode: run(mode, given.only) for mode in given.modes})
    given.results.mkdir(parents=True, exist_ok=True)
    name = "in_numba" if NUMBA is IN_NUMBA else "table"
    (given.results / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (given.results / f"{name}.txt").write_text(table(found), encoding="utf-8")
    print(table(found))


if __name__ == "__main__":
    main()
