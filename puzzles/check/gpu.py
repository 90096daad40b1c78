"""The launches of a case on a real GPU: results only, since nothing counts there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import cuda

from puzzles.check.cases import Case
from puzzles.check.outcome import Outcome


def run_case(kernels: Mapping[str, Any], case: Case) -> Outcome:
    """Launch the kernels as the case says; the outcome has arrays, or an error, and no counters."""
    arrays = {name: value for name, value in case.arguments.items() if np.ndim(value)}
    try:
        on_device = {name: cuda.to_device(value) for name, value in arrays.items()}
        for launch in case.launches:
            values = [
                on_device.get(name, case.arguments[name]) if isinstance(name, str) else name
                for name in launch.arguments or ()
            ]
            kernels[launch.kernel][launch.grid, launch.block, 0, launch.shared](*values)
        cuda.synchronize()
        for name, value in on_device.items():
            value.copy_to_host(arrays[name])
    except Exception as error:  # of the driver, or of Numba's compiler
        return Outcome(arrays, error=f"The GPU cannot run this kernel ({type(error).__name__}: {error}).")
    return Outcome(arrays)
