"""Is there a GPU that Numba can use?"""

from __future__ import annotations

from dataclasses import dataclass

from numba.cuda.cudadrv import driver as numba_driver
from numba.cuda.cudadrv import nvvm
from numba.cuda.cudadrv.error import CudaSupportError

from gpusim.cuda.host.installation import original
from gpusim.errors import GpusimError


@dataclass(frozen=True)
class GPU:
    """A GPU that Numba can run kernels on."""

    name: str
    compute_capability: tuple[int, int]


def find_gpu() -> GPU | None:
    """The first GPU of this machine, or None; `gpusim.install()` does not change the answer."""
    return None if why_no_gpu() else _first()


def require_gpu() -> GPU:
    """The first GPU of this machine; raises `GpusimError` with a sentence that says what is missing."""
    reason = why_no_gpu()
    if reason:
        raise GpusimError(f"{reason}: use the simulator instead")
    return _first()


def why_no_gpu() -> str | None:
    """What is missing to run on a GPU, in a few words; None when nothing is."""
    driver = original(numba_driver, "driver")
    try:
        if not driver.is_available or not driver.get_device_count():
            return "there is no NVIDIA driver on this machine"
    except (CudaSupportError, numba_driver.CudaAPIError) as error:
        text = " ".join(str(error).split())
        return f"there is no usable NVIDIA GPU on this machine ({text})"
    if not nvvm.is_available():
        return "there is a GPU, but not the CUDA libraries that Numba needs (pip install 'numba-cuda[cu13]')"
    return None


def _first() -> GPU:
    device = original(numba_driver, "driver").get_device(0)
    name = device.name.decode() if isinstance(device.name, bytes) else str(device.name)
    return GPU(name, tuple(device.compute_capability))
