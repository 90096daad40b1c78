"""What only a real GPU can say: one command for a machine that has one.

    python benchmarks/gpu.py [--only agreements,counters,times,defects] [--json FILE]
    python benchmarks/gpu.py --render            # the tables of the results file, as Markdown

A bare checkout with numba-cuda, NumPy and torch is enough. Four parts:

agreements  every kernel of the repository leaves the same on the GPU as on the simulator
counters    the simulator's counters equal Nsight Compute's, if `ncu` is on the PATH
times       measured times, beside the time model's lower bound and beside torch
defects     the planted defects of the tests under NVIDIA's checker, if `compute-sanitizer` is on the PATH

Writes benchmarks/results/gpu.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE.parent / "tests")]

from numba.core.errors import NumbaWarning  # noqa: E402
from on_gpu import agreement, profiler, sanitizer, speed, tables  # noqa: E402
from on_gpu.launches import Launch, every_launch  # noqa: E402

from gpusim.host.gpu import require_gpu, why_no_gpu  # noqa: E402  (the checkout is on the path now)

RESULTS = HERE / "results" / "gpu.json"
PROGRAM = [sys.executable, str(HERE / "gpu.py")]

Rows = list[dict[str, Any]]


class Skipped(Exception):
    """Why a part was not measured."""


def agreements() -> Rows:
    rows = []
    for launch in every_launch():
        result = agreement.compare(launch)
        print(f"  {'same' if result.agrees else 'DIFFERENT':<10}{launch.name}  {result.problem}", flush=True)
        rows.append(result.to_dict())
    return rows


def counters() -> Rows:
    ncu = _tool("ncu")
    launches = profiled()
    try:
        rows = profiler.profile(ncu, launches, [*PROGRAM, "--launch", "profiled"])
    except profiler.ProfilerError as error:
        raise Skipped(str(error)) from None
    print(f"  {sum(row.equal for row in rows)} of {len(rows)} counters are equal", flush=True)
    return [row.to_dict() for row in rows]


def profiled() -> list[Launch]:
    """The patterns, the benchmarks, the language model's operations, and one size of each puzzle."""
    return [x for x in every_launch() if not x.name.startswith("puzzle") or x.name.endswith(" 0")]


def times() -> Rows:
    gpu = require_gpu().name
    flush = speed.flusher()
    rows = []
    for timed in speed.timed_launches():
        timing = speed.measure(timed, gpu, flush)
        bound = f"{timing.of_bound:.2f} times the bound" if timing.of_bound else timing.bound_by
        print(f"  {timing.seconds * 1e6:10.1f} µs  {timing.launch}  ({bound})", flush=True)
        rows.append(timing.to_dict())
    return rows


def defects() -> Rows:
    command = _tool("compute-sanitizer")
    rows = []
    for pair in sanitizer.defects():
        for inspection in sanitizer.inspect(command, pair, [*PROGRAM, "--launch", pair.name]):
            both = f"gpusim {inspection.gpusim}, compute-sanitizer {inspection.sanitizer}"
            print(f"  {inspection.tool:<10}{inspection.defect}: {both}  {inspection.note}", flush=True)
            rows.append(inspection.to_dict())
    return rows


PARTS: dict[str, Callable[[], Rows]] = {
    "agreements": agreements,
    "counters": counters,
    "times": times,
    "defects": defects,
}


def measure(parts: list[str]) -> dict[str, Any]:
    """The results file's content: rows of each part, or the reason why there are none."""
    gpu = require_gpu()
    results: dict[str, Any] = {
        "device": {"name": gpu.name, "cc": ".".join(map(str, gpu.compute_capability))},
        "versions": {name: _version(name) for name in ("numba-cuda", "numba", "numpy", "torch")},
        "missing": {},
    }
    for part in parts:
        print(part, flush=True)
        try:
            results[part] = PARTS[part]()
        except Skipped as reason:
            print(f"  {reason}", flush=True)
            results["missing"][part] = str(reason)
    return results


def launch(what: str) -> None:
    """Make the launches that a profiler or checker around this process looks at: "profiled", or one defect."""
    if what == "profiled":
        for one in profiled():
            agreement.on_gpu(one)
    else:
        sanitizer.launch(what)


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise Skipped(f"Not measured yet: {name} was not on the PATH.")
    return path


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _parts(text: str) -> list[str]:
    parts = text.split(",")
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no part '{unknown[0]}'; there are {', '.join(PARTS)}")
    return parts


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=_parts, default=list(PARTS), metavar="PARTS", help="some of the parts")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="the results file")
    parser.add_argument("--render", action="store_true", help="print the tables of the results file, and no more")
    parser.add_argument("--launch", help=argparse.SUPPRESS)  # what this program runs under other tools
    options = parser.parse_args(arguments)
    if options.render:
        if not options.json.exists():
            print(
                f"there are no results in {options.json}: run benchmarks/gpu.py on a machine with a GPU",
                file=sys.stderr,
            )
            return 1
        print(tables.render(json.loads(options.json.read_text(encoding="utf-8"))), end="")
        return 0
    reason = why_no_gpu()
    if reason:
        print(f"benchmarks/gpu.py needs an NVIDIA GPU, and {reason}", file=sys.stderr)
        return 1
    warnings.simplefilter("ignore", NumbaWarning)  # of small grids, which leave most of a GPU idle
    if options.launch:
        launch(options.launch)
        return 0
    results = measure(options.only)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print("\n" + tables.render(results), end="")
    return 0 if all(row["agrees"] for row in results.get("agreements", [])) else 1


if __name__ == "__main__":
    sys.exit(main())
