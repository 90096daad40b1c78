"""Occupancy: how many blocks of a kernel a multiprocessor holds at once, and what limits it.

The rules are those of NVIDIA's occupancy calculator, cuda_occupancy.h of the CUDA Toolkit
(cudaOccMaxActiveBlocksPerMultiprocessor): registers go to whole warps in units of 256 and lie in the
four partitions of a multiprocessor; shared memory goes to blocks in units of 256 bytes, or 128 bytes
with 1 KB in reserve for each block from compute capability 8.0 on; the carve-out is the largest one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gpusim.errors import GpusimError
from gpusim.hardware.devices import (
    MAX_REGISTERS_PER_THREAD,
    MAX_THREADS_PER_BLOCK,
    PARTITIONS,
    WARP_THREADS,
    Limits,
    limits_of,
)


@dataclass(frozen=True)
class Occupancy:
    """Blocks and warps that one multiprocessor holds at the same time.

    `limits` says how many blocks each resource would allow ("threads", "blocks", "registers", "shared
    memory"; a resource that the kernel does not use, or whose use is not known, is left out), and
    `limited_by` names those that allow the fewest.
    """

    cc: str
    blocks: int
    warps: int
    max_warps: int
    limits: dict[str, int]

    @property
    def fraction(self) -> float:
        """Warps that are there, of those that there could be."""
        return self.warps / self.max_warps

    @property
    def limited_by(self) -> tuple[str, ...]:
        return tuple(resource for resource, blocks in self.limits.items() if blocks == self.blocks)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "cc": self.cc,
            "blocks_per_sm": self.blocks,
            "warps_per_sm": self.warps,
            "max_warps_per_sm": self.max_warps,
            "fraction": self.fraction,
            "limits": dict(self.limits),
            "limited_by": list(self.limited_by),
        }

    def __str__(self) -> str:
        return (
            f"{self.fraction:.0%} ({self.warps} of {self.max_warps} warps, {self.blocks} "
            f"block{'s' * (self.blocks != 1)} on an SM; limited by {' and '.join(self.limited_by)})"
        )


def occupancy(cc: str, threads: int, registers: int | None = None, shared_bytes: int = 0) -> Occupancy:
    """The occupancy of blocks of `threads` threads for a compute capability such as "9.0".

    registers: per thread, as the compiler reports them; None leaves them out of account.
    shared_bytes: static and dynamic shared memory of a block together.

    The result has 0 blocks when not even one fits. Raises `GpusimError` for a compute capability that
    is not in the table and for numbers that no block can have.
    """
    limits = limits_of(cc)
    if threads < 1 or shared_bytes < 0 or (registers is not None and registers < 0):
        raise GpusimError(
            f"a block needs at least one thread and no negative resources, not {threads} threads, "
            f"{registers} registers and {shared_bytes} bytes of shared memory"
        )
    warps = -(-threads // WARP_THREADS)
    fitting = {
        "threads": limits.max_warps // warps if threads <= MAX_THREADS_PER_BLOCK else 0,
        "blocks": limits.max_blocks,
    }
    if registers:
        fitting["registers"] = _by_registers(limits, warps, registers)
    shared = _round_up(shared_bytes + limits.reserved_shared, limits.shared_granularity)
    if shared_bytes > limits.shared_per_block:
        fitting["shared memory"] = 0
    elif shared:
        fitting["shared memory"] = limits.shared_per_sm // shared
    blocks = min(fitting.values())
    return Occupancy(cc, blocks, blocks * warps, limits.max_warps, fitting)


def _by_registers(limits: Limits, warps: int, registers: int) -> int:
    """Blocks for whose warps there are registers."""
    per_warp = _round_up(registers * WARP_THREADS, limits.register_granularity)
    # A launch is checked as if its warps were spread evenly over the partitions.
    if registers > MAX_REGISTERS_PER_THREAD or per_warp * _round_up(warps, PARTITIONS) > limits.registers_per_block:
        return 0
    return limits.registers // PARTITIONS // per_warp * PARTITIONS // warps


def _round_up(value: int, unit: int) -> int:
    return -(-value // unit) * unit
