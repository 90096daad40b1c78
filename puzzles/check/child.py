"""The process inside the sandbox: `python -m puzzles.check.child FOLDER`.

Reads FOLDER/job.json, executes the learner's file (which the gate has let through), launches its
kernel, and leaves FOLDER/arrays.npz and FOLDER/result.json. The result goes through files so that
nothing the learner prints can be taken for it.
"""

from __future__ import annotations

import json
import linecache
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

GIBIBYTE = 1 << 30


def limit_resources(memory: int, written: int) -> None:
    """Bounds on the address space and on file sizes, in bytes, where the operating system has them."""
    try:
        import resource
    except ImportError:  # Windows: the time limit and the simulator's own limits remain.
        return
    for kind, wanted in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, written)):
        hard = resource.getrlimit(kind)[1]
        bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (bound, hard))


def load(text: str, file: str) -> Any:
    """Execute the learner's file and return its `kernel`."""
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    module = ModuleType("puzzle_file")
    module.__file__ = file
    sys.modules[module.__name__] = module
    exec(compile(text, file, "exec"), module.__dict__)
    return module.__dict__["kernel"]


def work(job: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result of a job, JSON-ready, and the arrays to store beside it, by "launch.parameter"."""
    from puzzles import catalog
    from puzzles.check.cases import cases
    from puzzles.check.launch import outcomes

    try:
        kernel = load(job["text"], job["file"])
    except BaseException as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == job["file"]]
        message = f"Importing the file failed: {type(error).__name__}{f': {error}' if str(error) else ''}"
        return {"refused": message, "line": lines[-1] if lines else None}, {}
    results: list[dict[str, Any]] = []
    arrays: dict[str, Any] = {}
    puzzle = catalog.load(job["puzzle"])
    for index, outcome in enumerate(outcomes({"kernel": kernel}, cases(puzzle, job["seed"]))):
        arrays |= {f"{index}.{name}": array for name, array in outcome.arrays.items()}
        outcome.arrays = {}
        results.append(asdict(outcome))
    return {"outcomes": results}, arrays


def main() -> None:
    """Do the job in the folder given on the command line."""
    limit_resources(memory=4 * GIBIBYTE, written=GIBIBYTE // 16)
    folder = Path(sys.argv[1])
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    result, arrays = work(job)
    np.savez(folder / "arrays.npz", **arrays)
    (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
