"""Pairs of kernels: one with a planted defect, one without, and what the checks must say about them.

The defect's source marks the lines of its findings: `# <- racecheck` for an error, `# <- racecheck
warning` for a warning, several separated by commas.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import gpusim
from gpusim.kernel.source import Kernel, is_dispatcher

Verdict = tuple[str, str, int]
"""(tool, severity, line)"""


@dataclass(frozen=True)
class Pair:
    """Both kernels run as `kernel[grid, block, 0, dynamic](*arguments())`.

    `expected(*arguments)` is what the fixed kernel leaves in its first argument, from the arguments as
    they were before. Arrays that `device_array` would have left undefined are `Undefined`.
    """

    defect: Any
    fix: Any
    grid: Any
    block: Any
    arguments: Callable[[], tuple[Any, ...]]
    expected: Callable[..., Any]
    dynamic: int = 0

    @property
    def name(self) -> str:
        return str(self.defect.__name__)


class Undefined:
    """An argument in which nothing has been written yet, as `cuda.device_array` returns it."""

    def __init__(self, shape: Any, dtype: Any) -> None:
        self._gpusim_array = np.full(shape, np.nan if np.dtype(dtype).kind == "f" else -1, dtype=dtype)
        self._gpusim_owner = self._gpusim_array
        self._gpusim_written = np.zeros(self._gpusim_array.nbytes, dtype=np.bool_)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self._gpusim_array


def all_pairs(folder: Path) -> list[Pair]:
    """The `PAIRS` of every module in a folder."""
    pairs: list[Pair] = []
    for path in sorted(folder.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"defects_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        pairs += module.PAIRS
    return pairs


def marked(kernel: Any) -> set[Verdict]:
    """What the comments in the source of a kernel and of the device functions that it calls announce."""
    source = Kernel.of(kernel)
    verdicts: set[Verdict] = set()
    for name in source.function.__code__.co_names:
        callee = source.function.__globals__.get(name)
        if is_dispatcher(callee):
            verdicts |= marked(callee)
    for line, text in enumerate(source.lines, source.first_line):
        mark = re.search(r"# <- (.*)$", text)
        for words in mark.group(1).split(",") if mark else ():
            tool, severity = (*words.split(), "error")[:2]
            verdicts.add((tool, severity, line))
    return verdicts


def findings_of(kernel: Any, pair: Pair, arguments: tuple[Any, ...], **options: Any) -> list[gpusim.Finding]:
    """Run one kernel of a pair; a memory fault counts as its finding."""
    try:
        run = gpusim.simulate(kernel, **options)[pair.grid, pair.block, 0, pair.dynamic](*arguments)
    except gpusim.MemoryFault as fault:
        return [fault.finding]
    return run.findings
