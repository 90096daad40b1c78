"""Cooperative launches: how many blocks the simulated GPU holds at the same time."""

from __future__ import annotations

from gpusim.errors import KernelError
from gpusim.hardware.occupancy import occupancy
from gpusim.machine.attributes import ATTRIBUTES, COMPUTE_CAPABILITY

_CC = "{}.{}".format(*COMPUTE_CAPABILITY)


def resident_blocks(threads: int, shared_bytes: int) -> int:
    """Blocks of so many threads and bytes of shared memory that are there at once, if registers allow it.

    Source: cudaOccupancyMaxActiveBlocksPerMultiprocessor, times the number of multiprocessors (CUDA C++ Programming
    Guide, "Grid Synchronization").
    """
    return occupancy(_CC, threads, None, shared_bytes).blocks * ATTRIBUTES["MULTIPROCESSOR_COUNT"]


def check_cooperative(kernel: str, blocks: int, threads: int, shared_bytes: int) -> None:
    """Raises `KernelError` for a launch that waits for blocks which cannot all be there, as CUDA refuses it."""
    most = resident_blocks(threads, shared_bytes)
    if blocks > most:
        raise KernelError(
            f"launch of '{kernel}': {blocks:,} blocks are too many for a kernel that synchronises the grid: of blocks "
            f"of {threads:,} threads and {shared_bytes:,} bytes of shared memory, the device holds {most:,} at once; "
            "launch no more than these, and let each loop over its part "
            "(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE)"
        )
