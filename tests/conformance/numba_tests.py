"""Run the tests of the installed `numba.cuda` on one of three simulators, and collect the outcome of each test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gpusim.kernel.dialects import IN_NUMBA, NUMBA

PLUGIN = Path(__file__).parent / "plugin"

MODES = {
    "numba": "Numba's simulator",
    "gpusim": "gpusim in its place",
    "installed": "gpusim as the GPU",
}

Outcomes = dict[str, tuple[str, str]]
"""By test: (passed, xfailed, skipped or failed; the first line of the error)."""


def tests_folder() -> Path:
    """Where the installed `numba.cuda` keeps its tests (found without importing it)."""
    code = "import numba.cuda, pathlib; print(pathlib.Path(numba.cuda.__file__).parent / 'tests')"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return Path(found.stdout.strip())


def run(mode: str, files: Sequence[str] = ()) -> Outcomes:
    """The outcomes in a mode, of all test files or of some (such as "cudapy/test_sync.py").

    Raises `RuntimeError` when the tests cannot be collected.
    """
    folder = tests_folder()
    environment = os.environ | {"PYTHONPATH": str(PLUGIN)}
    environment.pop("NUMBA_ENABLE_CUDASIM", None)
    if mode != "installed":
        environment["NUMBA_ENABLE_CUDASIM"] = "1"
    if mode == "numba":
        environment["GPUSIM_CONFORMANCE"] = "off"
    # Numba runs its tests with unittest: functions that are called test_... are kernels.
    options = ("-o", "python_functions=_") if NUMBA is IN_NUMBA else ()
    return outcomes(folder, files, environment, options)


def outcomes(
    folder: Path, files: Sequence[str], environment: Mapping[str, str], options: Sequence[str] = ()
) -> Outcomes:
    """What pytest says of the tests in a folder, or in some files of it.

    Raises `RuntimeError` when the tests cannot be collected.
    """
    targets = [str(folder / file) for file in files] or [str(folder)]
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "outcomes.json"
        command = [
            *(sys.executable, "-m", "pytest", "-c", str(PLUGIN / "pytest.ini"), f"--rootdir={folder}", *options),
            *("-q", "--tb=line", f"--ignore={folder / 'benchmarks'}", f"--outcomes={report}", *targets),
        ]
        done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True)
        if done.returncode not in (0, 1) or not report.exists():
            raise RuntimeError(f"the tests in {folder} did not run:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return {test: (outcome, error) for test, (outcome, error) in json.loads(report.read_text()).items()}
