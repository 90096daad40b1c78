"""The planted defects of the test suite under NVIDIA's compute-sanitizer, beside what gpusim says of them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from numba import cuda
from support.pairs import Pair, Undefined, all_pairs, findings_of, marked

DEFECTS = Path(__file__).parents[2] / "tests" / "gpusim" / "defects"

SECONDS = 120
"""How long one defect may run: some of them never end."""


@dataclass(frozen=True)
class Inspection:
    """What both say of one defect, with one tool. `gpusim` and `sanitizer`: reported or not."""

    defect: str
    tool: str
    gpusim: bool
    sanitizer: bool
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def defects() -> list[Pair]:
    """The pairs of the test suite."""
    return all_pairs(DEFECTS)


def inspect(sanitizer: str, pair: Pair, program: Sequence[str]) -> list[Inspection]:
    """Run a defect under each tool that should report it; `program` is the command that launches it."""
    found = {finding.tool for finding in findings_of(pair.defect, pair, pair.arguments())}
    rows = []
    for tool in sorted({tool for tool, _, _ in marked(pair.defect)}):
        command = [sanitizer, "--tool", tool, *program]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            rows.append(Inspection(pair.name, tool, tool in found, False, f"not finished after {SECONDS} seconds"))
            continue
        count = reported(done.stdout + done.stderr)
        note = "" if count is not None else f"no summary; exit status {done.returncode}"
        rows.append(Inspection(pair.name, tool, tool in found, bool(count), note))
    return rows


def reported(output: str) -> int | None:
    """How many errors and hazards a run of compute-sanitizer reports; None when it did not come to a summary."""
    counts = re.findall(r"ERROR SUMMARY: (\d+) error|RACECHECK SUMMARY: (\d+) hazard", output)
    return sum(int(errors or hazards) for errors, hazards in counts) if counts else None


def launch(name: str) -> None:
    """Launch the defect of this name on the GPU."""
    pair = next(pair for pair in defects() if pair.name == name)
    arguments = [_on_device(argument) for argument in pair.arguments()]
    pair.defect[pair.grid, pair.block, 0, pair.dynamic](*arguments)
    cuda.synchronize()


def _on_device(argument: Any) -> Any:
    if isinstance(argument, Undefined):
        host = argument.__array__()
        return cuda.device_array(host.shape, host.dtype)
    return cuda.to_device(argument) if hasattr(argument, "dtype") and argument.ndim else argument
