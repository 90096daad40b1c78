"""What NVIDIA's GPUs are made of: limits by compute capability, and sizes and speeds of some products.

Sources of the limits: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability" and
"Throughput of Native Arithmetic Instructions"; granularities from cuda_occupancy.h of the CUDA Toolkit,
the occupancy calculator as code. All values are the hardware's own maxima, because the time model asks
how fast a launch could be at best.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpusim.errors import GpusimError

KB, MB = 1 << 10, 1 << 20

WARP_THREADS = 32
MAX_THREADS_PER_BLOCK = 1024
MAX_REGISTERS_PER_THREAD = 255
PARTITIONS = 4
"""Parts of a multiprocessor; each has a quarter of its registers and one warp scheduler, which issues up to
one instruction per clock (the same for 7.0 to 12.0: the architecture whitepapers from Volta to Blackwell)."""


@dataclass(frozen=True)
class Limits:
    """What a multiprocessor (SM) of a compute capability can hold. Sizes in bytes, registers of 32 bits.

    `reserved_shared` is what the driver takes for every block, from compute capability 8.0 on.
    `fp32_lanes`: single-precision multiply-adds per clock.
    """

    cc: str
    max_warps: int
    max_blocks: int
    shared_per_sm: int
    shared_per_block: int
    reserved_shared: int
    shared_granularity: int
    fp32_lanes: int
    registers: int = 64 * 1024
    registers_per_block: int = 64 * 1024
    register_granularity: int = 256  # registers are given to whole warps, in units of this many


def _limits(cc: str, warps: int, blocks: int, shared_kb: int, lanes: int) -> Limits:
    ampere = float(cc) >= 8.0
    reserved = KB if ampere else 0
    return Limits(
        cc=cc,
        max_warps=warps,
        max_blocks=blocks,
        shared_per_sm=shared_kb * KB,
        shared_per_block=shared_kb * KB - reserved,
        reserved_shared=reserved,
        shared_granularity=128 if ampere else 256,
        fp32_lanes=lanes,
    )


LIMITS = {
    limits.cc: limits
    for limits in (
        _limits("7.0", warps=64, blocks=32, shared_kb=96, lanes=64),
        _limits("7.5", warps=32, blocks=16, shared_kb=64, lanes=64),
        _limits("8.0", warps=64, blocks=32, shared_kb=164, lanes=64),
        _limits("8.6", warps=48, blocks=16, shared_kb=100, lanes=128),
        _limits("8.7", warps=48, blocks=16, shared_kb=164, lanes=128),
        _limits("8.9", warps=48, blocks=24, shared_kb=100, lanes=128),
        _limits("9.0", warps=64, blocks=32, shared_kb=228, lanes=128),
        _limits("10.0", warps=64, blocks=32, shared_kb=228, lanes=128),
        _limits("12.0", warps=48, blocks=24, shared_kb=100, lanes=128),
    )
}


@dataclass(frozen=True)
class Device:
    """A product. `clock` is the highest boost clock in Hz, `dram_bandwidth` in bytes per second.

    `l2_bytes_per_clock` is what the L2 cache can read per clock: NVIDIA's number where there is one;
    otherwise what the ports of the multiprocessors can take, which is more than the cache can give.
    """

    name: str
    cc: str
    sms: int
    clock: float
    dram_bandwidth: float
    l2_bytes: int
    l2_bytes_per_clock: int

    @property
    def limits(self) -> Limits:
        return LIMITS[self.cc]

    @property
    def peak_fp32(self) -> float:
        """Single-precision operations per second without tensor cores, a multiply-add being two."""
        return 2.0 * self.limits.fp32_lanes * self.sms * self.clock


SM_PORT_BYTES = 64
"""What one multiprocessor can receive from the L2 cache per clock (Jia, Maggioni, Staiger & Scarpazza 2018,
"Dissecting the NVIDIA Volta GPU architecture via microbenchmarking"; later ones were not seen to exceed it)."""

L2_SLICE_BYTES = 64
"""What one slice of an L2 cache reads per clock: the A100's 5120 bytes divided by its 80 slices."""

DEVICES = (
    # "NVIDIA T4" datasheet: 8.1 TFLOPS, 320 GB/s; "NVIDIA Turing GPU Architecture" whitepaper (TU104): L2.
    Device("T4", "7.5", 40, 1.590e9, 320e9, 4 * MB, 40 * SM_PORT_BYTES),
    # "NVIDIA Tesla V100 GPU Architecture" whitepaper, V100 SXM2; bytes per clock: A100 whitepaper, comparison.
    Device("V100", "7.0", 80, 1.530e9, 900e9, 6 * MB, 2048),
    # "NVIDIA A100 Tensor Core GPU Architecture" whitepaper, and the datasheet of the 80 GB SXM module: 2039 GB/s.
    Device("A100", "8.0", 108, 1.410e9, 2039e9, 40 * MB, 80 * L2_SLICE_BYTES),
    # "NVIDIA H100 Tensor Core GPU Architecture" whitepaper, H100 SXM5: ten 512-bit memory controllers with
    # eight slices each; datasheet: 67 TFLOPS, 3.35 TB/s.
    Device("H100", "9.0", 132, 1.980e9, 3350e9, 50 * MB, 80 * L2_SLICE_BYTES),
    # H200 datasheet: 67 TFLOPS, 4.8 TB/s; six memory stacks: twelve controllers; L2 as cudaDeviceProp reports it.
    Device("H200", "9.0", 132, 1.980e9, 4800e9, 60 * MB, 96 * L2_SLICE_BYTES),
    # Blackwell datasheet (HGX B200, eighths): 75 TFLOPS, 8 TB/s; Blackwell Tuning Guide: 126 MB of L2.
    Device("B200", "10.0", 148, 1.965e9, 8000e9, 126 * MB, 148 * SM_PORT_BYTES),
    # "NVIDIA Ada GPU Architecture" whitepaper, RTX 4090: 82.6 TFLOPS, 1008 GB/s, 73,728 KB of L2.
    Device("RTX 4090", "8.9", 128, 2.520e9, 1008e9, 72 * MB, 128 * SM_PORT_BYTES),
)


def find_device(name: str) -> Device:
    """The device with this name: "h200", "rtx4090", or what a driver says, "NVIDIA A100-SXM4-80GB".

    Raises `GpusimError`, naming the known ones, when there is none.
    """
    words = re.findall(r"[a-z]*\d+", name.lower())
    for device in DEVICES:
        known = device.name.lower()
        if known.replace(" ", "") in words or known.split()[-1] in words:
            return device
    raise GpusimError(f"no GPU '{name}' is known; there are {', '.join(device.name for device in DEVICES)}")


def limits_of(cc: str) -> Limits:
    """The limits of a compute capability ("9.0"); raises `GpusimError` for one that is not in the table."""
    if cc not in LIMITS:
        raise GpusimError(f"no limits are known for compute capability '{cc}'; there are {', '.join(LIMITS)}")
    return LIMITS[cc]
