"""versions, GPU or not, limits of the simulated device"""

from __future__ import annotations

import argparse
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from gpusim.codegen.compile import can_compile
from gpusim.host.gpu import find_gpu, why_no_gpu
from gpusim.kernel.dialects import MLIR, NUMBA, Package
from gpusim.machine.attributes import ATTRIBUTES
from gpusim.observe.tools import TOOLS

_PACKAGES = (
    *("gpusim", "numba", "numba-cuda", "numba-cuda-mlir", "numpy", "torch"),
    *("nvidia-nvvm", "nvidia-nvjitlink", "nvidia-cuda-nvrtc"),
)
_LIMITS = {
    "threads per block": "MAX_THREADS_PER_BLOCK",
    "threads per warp": "WARP_SIZE",
    "static shared bytes per block": "MAX_SHARED_MEMORY_PER_BLOCK",
    "dynamic shared bytes per block": "MAX_SHARED_MEMORY_PER_BLOCK_OPTIN",
    "constant bytes": "TOTAL_CONSTANT_MEMORY",
    "blocks in x": "MAX_GRID_DIM_X",
    "blocks in y and z": "MAX_GRID_DIM_Y",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print as JSON")


def run(options: argparse.Namespace) -> int:
    """Print what is installed and what the simulated device allows."""
    facts = _facts()
    if options.json:
        print(json.dumps(facts))
        return 0
    for title, group in facts.items():
        print(title)
        for name, value in group.items():
            print(f"  {name:<32}{value}")
    return 0


def _facts() -> dict[str, dict[str, Any]]:
    gpu = find_gpu()
    here = f"{gpu.name}, compute capability {gpu.compute_capability[0]}.{gpu.compute_capability[1]}" if gpu else None
    return {
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in _PACKAGES}},
        "gpu": {"here": here or f"none: {why_no_gpu()}"},
        "kernels written for": {package.distribution: _uses(package, gpu is not None) for package in (NUMBA, MLIR)},
        "checks": {"tools": ", ".join(TOOLS)},
        "limits": {name: ATTRIBUTES[attribute] for name, attribute in _LIMITS.items()},
    }


def _uses(package: Package, gpu: bool) -> str:
    """What can be done here with kernels of a package."""
    if _version(package.distribution) == "not installed":
        return f"nothing: {package.install}"
    compiled = ["compile for a GPU"] if can_compile() else []
    run = ["run on the GPU"] if gpu and find_gpu(package) else []
    return ", ".join(["simulate", *compiled, *run])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
