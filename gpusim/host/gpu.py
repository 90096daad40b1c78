"""Is there a GPU that numba-cuda, or numba-cuda-mlir, can use?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from gpusim.errors import GpusimError
from gpusim.kernel.dialects import NUMBA, Package, package_of
from gpusim.kernel.patches import INSTALLED


@dataclass(frozen=True)
class GPU:
    """A GPU that kernels can run on."""

    name: str
    compute_capability: tuple[int, int]


def find_gpu(package: Package = NUMBA) -> GPU | None:
    """The first GPU of this machine, or None; `gpusim.install()` does not change the answer.

    `package` is the one that is to run on it; asking about numba-cuda-mlir imports it.
    """
    return None if why_no_gpu(package) else _first(package)


def require_gpu(package: Package = NUMBA) -> GPU:
    """The first GPU of this machine; raises `GpusimError` with a sentence that says what is missing."""
    reason = why_no_gpu(package)
    if reason:
        raise GpusimError(f"{reason}: use the simulator instead")
    return _first(package)


def why_no_gpu(package: Package = NUMBA) -> str | None:
    """What is missing to run on a GPU, in a few words; None when nothing is."""
    try:
        driver = _driver(package)
    except ModuleNotFoundError:
        return f"{package.distribution} is not installed ({package.install})"
    api_error = package.module("cudadrv.driver").CudaAPIError
    support_error = package.module("cudadrv.error").CudaSupportError
    try:
        if not driver.is_available or not driver.get_device_count():
            return "there is no NVIDIA driver on this machine"
    except (support_error, api_error) as error:
        text = " ".join(str(error).split())
        return f"there is no usable NVIDIA GPU on this machine ({text})"
    if not package.module("cudadrv.nvvm").is_available():
        return f"there is a GPU, but not the CUDA libraries that {package.distribution} needs ({package.install})"
    return None


def _driver(package: Package) -> Any:
    return INSTALLED.original(package.module("cudadrv.driver"), "driver")


def _first(package: Package) -> GPU:
    device = _driver(package).get_device(0)
    name = device.name.decode() if isinstance(device.name, bytes) else str(device.name)
    return GPU(name, tuple(device.compute_capability))


def arguments_for(kernel: Any, arguments: Iterable[Any]) -> list[Any]:
    """Arguments of a launch on a GPU, with device arrays of another package as those of the kernel's own.

    The memory is the same. numba-cuda-mlir takes the arrays of other libraries, but not the types that
    those of numba-cuda bring along.
    """
    package = package_of(kernel)
    if package is NUMBA:
        return list(arguments)
    adopt = import_module(package.cuda).as_cuda_array
    return [adopt(value) if hasattr(value, "__cuda_array_interface__") else value for value in arguments]
