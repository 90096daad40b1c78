"""The same launch on the simulator and on a GPU, and whether both leave the same behind."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numba import cuda

import gpusim
from gpusim.report.run import Run
from on_gpu.launches import Launch


@dataclass(frozen=True)
class Agreement:
    """How one launch ended. `elements` of all array arguments, of which `different` disagree."""

    launch: str
    elements: int
    different: int
    largest_difference: float
    problem: str = ""

    @property
    def agrees(self) -> bool:
        return not self.different and not self.problem

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "agrees": self.agrees}


def compare(launch: Launch) -> Agreement:
    """Run the launch on both."""
    try:
        _, here = on_simulator(launch)
        there = on_gpu(launch)
    except Exception as error:  # whatever a driver, a compiler or a kernel says is the result
        return Agreement(launch.name, 0, 0, 0.0, problem=" ".join(str(error).split()) or type(error).__name__)
    return agreement(launch, here, there)


def on_simulator(launch: Launch, check: str = "all") -> tuple[Run, list[np.ndarray]]:
    """The run, and the array arguments after it."""
    arguments = launch.arguments()
    run = gpusim.simulate(launch.kernel, check=check)[launch.grid, launch.block, 0, launch.dynamic](*arguments)
    return run, [a for a in arguments if isinstance(a, np.ndarray)]


def on_gpu(launch: Launch) -> list[np.ndarray]:
    """The array arguments after the launch; through Numba, on the device that `numba.cuda` has."""
    arguments = [cuda.to_device(a) if isinstance(a, np.ndarray) else a for a in launch.arguments()]
    launch.kernel[launch.grid, launch.block, 0, launch.dynamic](*arguments)
    cuda.synchronize()
    return [a.copy_to_host() for a in arguments if hasattr(a, "copy_to_host")]


def agreement(launch: Launch, ours: list[np.ndarray], theirs: list[np.ndarray]) -> Agreement:
    """Compare arrays: floating-point numbers within the launch's tolerance, NaN equal to NaN, others exactly."""
    elements = different = 0
    largest = 0.0
    for a, b in zip(ours, theirs, strict=True):
        elements += a.size
        if a.dtype.kind in "fc":
            equal = np.isclose(b, a, rtol=launch.tolerance, atol=launch.tolerance, equal_nan=True)
            with np.errstate(invalid="ignore"):
                apart = np.abs(np.asarray(a, np.complex128) - np.asarray(b, np.complex128))
            largest = max(largest, float(np.nanmax(apart[np.isfinite(apart)], initial=0.0)))
        else:
            equal = a == b
            largest = max(largest, float(np.max(np.abs(a.astype(np.float64) - b.astype(np.float64)), initial=0.0)))
        different += int(np.sum(~equal))
    return Agreement(launch.name, elements, different, largest)
