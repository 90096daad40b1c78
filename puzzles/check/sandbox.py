"""Runs a learner's file in a process of its own, with limits on time, memory and output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import gpusim
import puzzles
from puzzles.check.outcome import Outcome

PRINTED = 1000
"""How many characters of a file's output are kept."""


@dataclass(frozen=True)
class Report:
    """What came out of the sandbox: an outcome for each launch, or why there is none."""

    outcomes: tuple[Outcome, ...] = ()
    failure: str = ""
    line: int | None = None
    printed: str = ""


def run(text: str, file: str, puzzle: str, seed: int, time_limit: float) -> Report:
    """Execute the file's text and launch its kernel for the puzzle; `time_limit` in seconds."""
    with tempfile.TemporaryDirectory(prefix="puzzle-") as name:
        folder = Path(name)
        job = {"text": text, "file": file, "puzzle": puzzle, "seed": seed}
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        failure = _execute(folder, time_limit)
        printed = (folder / "printed").read_text(encoding="utf-8", errors="replace")[:PRINTED].strip()
        if failure:
            return Report(failure=failure, printed=printed)
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        if "refused" in result:
            return Report(failure=result["refused"], line=result["line"], printed=printed)
        outcomes = tuple(Outcome(**record) for record in result["outcomes"])
        with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
            for key in arrays.files:
                index, _, parameter = key.partition(".")
                outcomes[int(index)].arrays[parameter] = arrays[key]
        return Report(outcomes, printed=printed)


def _execute(folder: Path, time_limit: float) -> str:
    """Run the child in `folder`; the empty string, or what went wrong in one sentence."""
    with (folder / "printed").open("wb") as printed:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "puzzles.check.child", str(folder)],
                cwd=folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                timeout=time_limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return (
                f"Not finished after {time_limit:g} seconds. Is there a loop that never ends? "
                "(--time-limit allows for more.)"
            )
    if not (folder / "result.json").exists():
        return f"The process that runs the kernel ended with exit status {done.returncode} and without a result."
    return ""


def _environment() -> dict[str, str]:
    """This process's environment with our packages importable, and without Numba's own simulator."""
    roots = dict.fromkeys(str(Path(str(package.__file__)).parent.parent) for package in (puzzles, gpusim))
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_ENABLE_CUDASIM"}
    path = [*roots, *filter(None, [kept.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"}
