"""Run numba-cuda's tests, translated, on numba-cuda-mlir with gpusim as the GPU."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from conformance.mlir.translate import PACKAGE, translate
from conformance.numba_tests import PLUGIN, Outcomes, outcomes, tests_folder

# What these are about is not in the package, so that they cannot be imported.
ABSENT = (
    "cudadrv/test_nvvm_driver.py",
    "cudapy/test_dispatcher.py",
    "cudapy/test_extending.py",
    "cudapy/test_launch_config_sensitive.py",
    "cudasim",
    "nrt/test_nrt.py",
)


def run(files: Sequence[str] = ()) -> Outcomes:
    """The outcomes of all test files, or of some (such as "cudapy/test_sync.py")."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = translate(tests_folder(), Path(scratch))
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join((str(PLUGIN), scratch)),
            "GPUSIM_CONFORMANCE": "numba_cuda_mlir.cuda",
        }
        left_out = [f"--ignore={folder / name}" for name in ABSENT]
        return outcomes(folder, files, environment, ["-o", f"package={PACKAGE}", *left_out])
