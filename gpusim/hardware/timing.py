"""The time model: what a launch would take at best on a GPU of the table.

Four resources work at the same time, and the launch cannot be faster than the slowest of them (a
roofline; Williams, Waterman & Patterson 2009, "Roofline: an insightful visual performance model"):

    DRAM    bytes that no L2 cache of this size can save  /  memory bandwidth
    L2      bytes that it must send to the multiprocessors, or take from them  /  its bandwidth
    L1      wavefronts of shared and global memory on the busiest multiprocessor, one per clock
    issue   arithmetic instructions there, one per clock and scheduler

It is a lower bound for a program with these accesses: latencies, barriers, address arithmetic and the
launch itself (some microseconds) come on top. The caches start empty. A compiler that merges or removes
accesses of the source can be faster in L1 and L2.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, prod
from typing import Any

import numpy as np

from gpusim.codegen.compile import compile
from gpusim.codegen.signature import numba_types
from gpusim.errors import GpusimError
from gpusim.hardware import cache
from gpusim.hardware.arithmetic import arithmetic_instructions
from gpusim.hardware.devices import PARTITIONS, SM_PORT_BYTES, WARP_THREADS, Device, find_device
from gpusim.hardware.occupancy import Occupancy, occupancy
from gpusim.hardware.work import Work
from gpusim.kernel.dialects import package_of
from gpusim.observe.footprint import SECTOR_BYTES

RETURN_BYTES = 128
"""What a multiprocessor's load/store unit gives to registers per clock: 4 bytes for each lane of a warp."""

TAG_SECTORS = 16
"""Sectors whose tags the L1 cache looks up per clock: 4 lines of 4 sectors. It takes one instruction per
clock (G. Smith of NVIDIA in the developer forum, threads 312884 and 273699)."""


@dataclass(frozen=True)
class Roof:
    """One resource: an amount of work, in `unit`s, and the seconds that it takes at best."""

    seconds: float
    amount: float
    unit: str


@dataclass(frozen=True, repr=False)
class LowerBound:
    """What a launch takes at least on a GPU: the highest of four roofs.

    `registers` per thread are None when they are not known; `occupancy` then leaves them out. `waves` is
    how many times the GPU is filled with blocks, the last time perhaps in part. `busiest_share` is the part
    of the work that one of its `sms` multiprocessors must do.
    """

    kernel: str
    gpu: str
    roofs: dict[str, Roof]
    occupancy: Occupancy
    registers: int | None
    blocks: int
    waves: float
    sms: int
    busiest_share: float

    @property
    def bound_by(self) -> str:
        """The resource whose roof is the highest: "DRAM", "L2", "L1" or "issue"."""
        return max(self.roofs, key=lambda name: self.roofs[name].seconds)

    @property
    def seconds(self) -> float:
        return self.roofs[self.bound_by].seconds

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "kernel": self.kernel,
            "gpu": self.gpu,
            "lower_bound_seconds": self.seconds,
            "bound_by": self.bound_by,
            "roofs": {
                name: {"seconds": roof.seconds, "amount": roof.amount, "unit": roof.unit}
                for name, roof in self.roofs.items()
            },
            "occupancy": self.occupancy.to_dict(),
            "registers": self.registers,
            "blocks": self.blocks,
            "waves": self.waves,
            "sms": self.sms,
            "busiest_share": self.busiest_share,
        }

    def __repr__(self) -> str:
        known = "registers unknown" if self.registers is None else f"{self.registers} registers per thread"
        return "\n".join(
            (
                f"{self.kernel} on {self.gpu}: at least {_time(self.seconds)}, bound by {self.bound_by} "
                "(a lower bound, from empty caches)",
                *(
                    f"  {name:<10}{_time(roof.seconds):>10}  {roof.amount:,.0f} {roof.unit}"
                    for name, roof in self.roofs.items()
                ),
                f"  occupancy  {self.occupancy}; {known}",
                f"  waves      {self.waves:.2f}; {self.blocks:,} block{'s' * (self.blocks != 1)} on {self.sms} SMs, "
                f"of which one must do {self.busiest_share:.1%} of the work ({1 / self.sms:.1%} if all did the same)",
            )
        )


def lower_bound(run: Work, gpu: str, registers: int | None = None) -> LowerBound:
    """The least time that the launch of `run` takes on `gpu` ("h200").

    registers: per thread; None compiles the kernel for the GPU, and leaves them out of account when
    that is not possible (NVIDIA's compiler libraries are not installed, say).

    Raises `GpusimError` for a GPU that is not in the table, and for a block that it cannot hold.
    """
    device = find_device(gpu)
    threads = prod(run.block)
    if registers is None:
        registers = compiled_registers(run, device.cc)
    resident = occupancy(device.cc, threads, registers, run.static_shared + run.dynamic_shared)
    if resident.blocks == 0:
        raise GpusimError(
            f"kernel '{run.kernel}' cannot run on {device.name}: a multiprocessor has no room for one block of "
            f"{threads:,} threads; what does not fit: {' and '.join(resident.limited_by)}"
        )
    blocks = prod(run.grid)
    busiest = busiest_share(block_weights(run), device.sms)
    return LowerBound(
        kernel=run.kernel,
        gpu=device.name,
        roofs=_roofs(run, device, resident, busiest),
        occupancy=resident,
        registers=registers,
        blocks=blocks,
        waves=blocks / (resident.blocks * device.sms),
        sms=device.sms,
        busiest_share=busiest,
    )


def _roofs(run: Work, device: Device, resident: Occupancy, busiest: float) -> dict[str, Roof]:
    """The roofs; `busiest` is the part of the launch's work that the busiest multiprocessor does."""
    blocks = prod(run.grid)
    per_sm = ceil(blocks / device.sms)
    waves = ceil(blocks / (resident.blocks * device.sms))
    footprint = run.footprint
    dram = cache.dram_bytes_read(footprint, device.l2_bytes, waves)
    dram += cache.dram_bytes_written(footprint, device.l2_bytes)
    sent = cache.bytes_to_multiprocessors(footprint, per_sm)
    taken = run.counts["global"]["store_sectors"] * SECTOR_BYTES
    l2_rate = min(device.l2_bytes_per_clock, SM_PORT_BYTES * min(blocks, device.sms))
    wavefronts = lsu_wavefronts(run)
    arithmetic = arithmetic_instructions(run)
    warps_there = min(resident.blocks, per_sm) * ceil(prod(run.block) / WARP_THREADS)
    return {
        "DRAM": Roof(dram / device.dram_bandwidth, dram, "bytes"),
        "L2": Roof(max(sent, taken) / (l2_rate * device.clock), max(sent, taken), "bytes"),
        "L1": Roof(wavefronts * busiest / device.clock, wavefronts, "wavefronts"),
        "issue": Roof(
            arithmetic * busiest / (min(PARTITIONS, warps_there) * device.clock), arithmetic, "warp instructions"
        ),
    }


def lsu_wavefronts(run: Work) -> int:
    """Clocks that the load/store units need at least, summed over all multiprocessors.

    Shared memory: the wavefronts that are counted. Global memory: each line's requests, or more if they
    bring more than 128 bytes to the registers or look up more than 16 sectors.
    """
    shared = run.counts["shared"]
    total = shared["load_wavefronts"] + shared["store_wavefronts"] + shared["atomic_requests"]
    for line in run.lines.values():
        for op in ("load", "store"):
            total += max(
                line[f"global_{op}_requests"],
                -(-line[f"global_{op}_bytes"] // RETURN_BYTES),
                -(-line[f"global_{op}_sectors"] // TAG_SECTORS),
            )
        total += line["global_atomic_requests"]
    return int(total)


def block_weights(run: Work) -> np.ndarray:
    """How much of the launch's work each block does, judged by its accesses: float64 (blocks), sum 1."""
    work = np.zeros(prod(run.grid))
    for space in ("global", "shared"):
        for counter in ("loads", "stores", "atomics"):
            if run.counts[space][counter]:
                work += run.per_thread(space, counter).sum(axis=1)
    return work / work.sum() if work.any() else np.full(len(work), 1 / len(work))


def busiest_share(weights: np.ndarray, sms: int) -> float:
    """The part of the work that some multiprocessor must do, however the blocks are dealt out.

    Of the j n + 1 heaviest blocks, one of n multiprocessors gets j + 1 (the pigeonhole bound of
    scheduling on identical machines; Graham 1969, "Bounds on multiprocessing timing anomalies"). For
    equal blocks it is the quantisation into whole blocks: ceil(blocks / n) / blocks.
    """
    heaviest_first = np.sort(weights)[::-1]
    share = float(weights.sum()) / sms
    for first in range(0, len(weights), sms):
        lightest = heaviest_first[max(0, first - first // sms) : first + 1]
        share = max(share, float(lightest.sum()))
    return share


def compiled_registers(run: Work, cc: str) -> int | None:
    """Registers per thread of the kernel's real code; None when it cannot be made here."""
    package = package_of(run.function)
    try:
        return compile(run.function, numba_types(run.argument_kinds, package), cc).registers
    except (GpusimError, TypeError):
        return None


def _time(seconds: float) -> str:
    """`12.3 µs`"""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
