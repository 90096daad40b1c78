"""Occupancy against NVIDIA's own calculator, cuda_occupancy.h, and published examples; the table of GPUs."""

from __future__ import annotations

import ctypes
import random
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from gpusim.errors import GpusimError
from gpusim.hardware.devices import DEVICES, LIMITS, find_device
from gpusim.hardware.occupancy import Occupancy, occupancy

# (compute capability, threads, registers, shared bytes, blocks on an SM, what limits them), as
# cudaOccMaxActiveBlocksPerMultiprocessor of CUDA 13.4's cuda_occupancy.h computes them.
CALCULATED = [
    ("7.0", 128, 37, 0, 12, {"registers"}),
    ("7.0", 320, 37, 0, 4, {"registers"}),
    ("7.0", 1024, 64, 0, 1, {"registers"}),
    ("7.0", 1024, 65, 0, 0, {"registers"}),
    ("7.0", 256, 32, 12288, 8, {"registers", "shared memory", "threads"}),
    ("7.0", 64, 32, 99328, 0, {"shared memory"}),
    ("7.5", 128, 32, 0, 8, {"threads"}),
    ("7.5", 32, 16, 0, 16, {"blocks"}),
    ("7.5", 256, 64, 0, 4, {"registers", "threads"}),
    ("7.5", 256, 128, 0, 2, {"registers"}),
    ("7.5", 1024, 64, 0, 1, {"registers", "threads"}),
    ("7.5", 96, 40, 4096, 10, {"threads"}),
    ("7.5", 64, 24, 16385, 3, {"shared memory"}),
    ("7.5", 512, 72, 32768, 1, {"registers"}),
    ("7.5", 128, 32, 65536, 1, {"shared memory"}),
    ("8.0", 256, 32, 0, 8, {"registers", "threads"}),
    ("8.0", 256, 33, 0, 6, {"registers"}),
    ("8.0", 256, 40, 0, 6, {"registers"}),
    ("8.0", 256, 168, 0, 1, {"registers"}),
    ("8.0", 1024, 32, 49152, 2, {"registers", "threads"}),
    ("8.0", 128, 32, 166912, 1, {"shared memory"}),
    ("8.0", 128, 32, 166913, 0, {"shared memory"}),
    ("8.0", 32, 255, 0, 8, {"registers"}),
    ("8.0", 96, 64, 10240, 10, {"registers"}),
    ("8.0", 64, 20, 3072, 32, {"blocks", "threads"}),
    ("8.6", 128, 40, 0, 12, {"registers", "threads"}),
    ("8.6", 1024, 32, 0, 1, {"threads"}),
    ("8.6", 768, 40, 0, 2, {"registers", "threads"}),
    ("8.6", 512, 48, 33792, 2, {"registers", "shared memory"}),
    ("8.6", 64, 32, 101376, 1, {"shared memory"}),
    ("8.6", 48, 96, 1, 10, {"registers"}),
    ("8.7", 256, 32, 0, 6, {"threads"}),
    ("8.7", 128, 32, 9216, 12, {"threads"}),
    ("8.7", 1024, 64, 0, 1, {"registers", "threads"}),
    ("8.7", 192, 56, 166912, 1, {"shared memory"}),
    ("8.9", 64, 32, 0, 24, {"blocks", "threads"}),
    ("8.9", 128, 40, 3073, 12, {"registers", "threads"}),
    ("8.9", 1024, 40, 0, 1, {"registers", "threads"}),
    ("8.9", 768, 42, 0, 1, {"registers"}),
    ("8.9", 384, 80, 24576, 2, {"registers"}),
    ("9.0", 256, 32, 0, 8, {"registers", "threads"}),
    ("9.0", 256, 33, 0, 6, {"registers"}),
    ("9.0", 128, 24, 0, 16, {"threads"}),
    ("9.0", 128, 168, 66560, 3, {"registers", "shared memory"}),
    ("9.0", 384, 168, 232448, 1, {"registers", "shared memory"}),
    ("9.0", 1024, 64, 102400, 1, {"registers"}),
    ("9.0", 1024, 72, 0, 0, {"registers"}),
    ("9.0", 33, 40, 0, 24, {"registers"}),
    ("9.0", 640, 48, 0, 2, {"registers"}),
    ("9.0", 64, 16, 6144, 32, {"blocks", "shared memory", "threads"}),
    ("9.0", 512, 128, 0, 1, {"registers"}),
    ("9.0", 160, 104, 0, 3, {"registers"}),
    ("10.0", 256, 64, 0, 4, {"registers"}),
    ("10.0", 128, 128, 115712, 2, {"shared memory"}),
    ("10.0", 1024, 32, 115713, 1, {"shared memory"}),
    ("10.0", 64, 255, 0, 4, {"registers"}),
    ("10.0", 224, 90, 20000, 2, {"registers"}),
    ("12.0", 64, 32, 0, 24, {"blocks", "threads"}),
    ("12.0", 128, 48, 8192, 10, {"registers"}),
    ("12.0", 1024, 48, 0, 1, {"registers", "threads"}),
    ("12.0", 512, 42, 0, 2, {"registers"}),
    ("12.0", 256, 255, 0, 1, {"registers"}),
    ("12.0", 96, 33, 101376, 1, {"shared memory"}),
    ("12.0", 32, 32, 3968, 20, {"shared memory"}),
]


@pytest.mark.parametrize(("cc", "threads", "registers", "shared", "blocks", "limiters"), CALCULATED)
def test_the_calculators_values(cc, threads, registers, shared, blocks, limiters):
    result = occupancy(cc, threads, registers, shared)
    assert result.blocks == blocks
    assert set(result.limited_by) == limiters
    assert result.warps == blocks * -(-threads // 32)


def test_the_example_of_the_best_practices_guide():
    """CUDA C++ Best Practices Guide, "Calculating Occupancy": 37 registers on compute capability 7.0."""
    small, large = occupancy("7.0", 128, 37), occupancy("7.0", 320, 37)
    assert (small.blocks, f"{small.fraction:.0%}") == (12, "75%")
    assert (large.blocks, f"{large.fraction:.1%}") == (4, "62.5%")  # the guide rounds to 63%


def test_unknown_registers_do_not_limit():
    assert "registers" not in occupancy("9.0", 256).limits
    assert occupancy("9.0", 1024).fraction == 1
    assert occupancy("9.0", 1024, 0).limits == {"threads": 2, "blocks": 32, "shared memory": 228}


def test_a_block_that_fits_nowhere():
    assert occupancy("9.0", 1025).limited_by == ("threads",)
    assert occupancy("9.0", 32, 256).limited_by == ("registers",)
    assert occupancy("7.5", 32, 16, 64 * 1024 + 1).limited_by == ("shared memory",)
    assert occupancy("9.0", 1024, 80, 300_000).limited_by == ("registers", "shared memory")


def test_text_and_dict():
    result = occupancy("8.6", 512, 48, 33 * 1024)
    assert str(result) == "67% (32 of 48 warps, 2 blocks on an SM; limited by registers and shared memory)"
    assert result.to_dict()["limits"] == {"threads": 3, "blocks": 16, "registers": 2, "shared memory": 2}
    assert isinstance(result, Occupancy)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("6.1", 32), r"no limits are known for compute capability '6.1'; there are 7.0, 7.5, .*12.0"),
        (("9.0", 0), "at least one thread"),
        (("9.0", 32, -1), "no negative resources"),
        (("9.0", 32, 1, -5), "no negative resources"),
    ],
)
def test_bad_questions(arguments, message):
    with pytest.raises(GpusimError, match=message):
        occupancy(*arguments)


CALCULATOR = """
#include <limits.h>
#include "cuda_occupancy.h"

void blocks(int major, int minor, int threads_per_sm, int shared_per_sm, int reserved, int threads, int registers,
            int fixed, int dynamic, int *out)
{
    struct cudaOccDeviceProp device = {0};
    struct cudaOccFuncAttributes kernel = {0};
    struct cudaOccDeviceState state = {0};
    struct cudaOccResult result = {0};
    device.computeMajor = major;
    device.computeMinor = minor;
    device.maxThreadsPerBlock = 1024;
    device.maxThreadsPerMultiprocessor = threads_per_sm;
    device.regsPerBlock = device.regsPerMultiprocessor = 65536;
    device.warpSize = 32;
    device.numSms = 1;
    device.sharedMemPerBlock = 49152;
    device.sharedMemPerMultiprocessor = shared_per_sm;
    device.sharedMemPerBlockOptin = shared_per_sm - reserved;
    device.reservedSharedMemPerBlock = reserved;
    kernel.maxThreadsPerBlock = 1024;
    kernel.numRegs = registers;
    kernel.sharedSizeBytes = fixed;
    kernel.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
    kernel.maxDynamicSharedSizeBytes = dynamic;
    kernel.numBlockBarriers = 1;
    state.carveoutConfig = SHAREDMEM_CARVEOUT_DEFAULT;
    cudaOccMaxActiveBlocksPerMultiprocessor(&result, &device, &kernel, &state, threads, dynamic);
    out[0] = result.activeBlocksPerMultiprocessor;
    out[1] = result.blockLimitWarps;
    out[2] = result.blockLimitBlocks;
    out[3] = result.blockLimitRegs;
    out[4] = result.blockLimitSharedMem;
}
"""


def _header() -> Path | None:
    """Where the CUDA headers that come with the compiler libraries are."""
    spec = find_spec("nvidia")
    places = list(spec.submodule_search_locations or []) if spec else []
    return next((path.parent for place in places for path in Path(place).glob("*/include/cuda_occupancy.h")), None)


@pytest.mark.skipif(not (shutil.which("cc") and _header()), reason="needs a C compiler and CUDA's headers")
def test_nvidias_calculator_agrees_on_random_blocks(tmp_path):
    source, library = tmp_path / "calculator.c", tmp_path / "calculator.so"
    source.write_text(CALCULATOR)
    subprocess.run(["cc", "-shared", "-fPIC", "-I", str(_header()), "-o", library, source], check=True)
    calculator = ctypes.CDLL(str(library))
    draw = random.Random(1)
    for _ in range(20_000):
        limits = LIMITS[draw.choice(list(LIMITS))]
        threads = draw.choice((32, 64, 128, 256, 512, 1024, draw.randint(1, 1024)))
        registers, fixed = draw.randint(1, 255), draw.choice((0, draw.randint(0, 48 * 1024)))
        dynamic = draw.choice((0, draw.randint(0, 230 * 1024)))
        out = (ctypes.c_int * 5)()
        calculator.blocks(
            *map(int, limits.cc.split(".")), limits.max_warps * 32, limits.shared_per_sm, limits.reserved_shared,
            threads, registers, fixed, dynamic, out,
        )  # fmt: skip
        result = occupancy(limits.cc, threads, registers, fixed + dynamic)
        kinds = ("threads", "blocks", "registers", "shared memory")
        mine = [result.blocks, *(result.limits.get(kind, 2**31 - 1) for kind in kinds)]
        assert mine == list(out), (limits.cc, threads, registers, fixed, dynamic)


@pytest.mark.parametrize(
    ("name", "teraflops"),
    [("T4", 8.1), ("V100", 15.7), ("A100", 19.5), ("H100", 67), ("H200", 67), ("B200", 75), ("RTX 4090", 82.6)],
)
def test_clock_lanes_and_multiprocessors_make_the_datasheets_peak(name, teraflops):
    assert find_device(name).peak_fp32 / 1e12 == pytest.approx(teraflops, rel=0.01)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("h200", "H200"),
        ("NVIDIA H200", "H200"),
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA A100-SXM4-80GB", "A100"),
        ("Tesla T4", "T4"),
        ("tesla v100-sxm2-16gb", "V100"),
        ("rtx4090", "RTX 4090"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("b200", "B200"),
    ],
)
def test_names_that_drivers_and_people_use(said, name):
    assert find_device(said).name == name


@pytest.mark.parametrize("name", ["T400", "GTX 1080", "", "h2000"])
def test_an_unknown_gpu(name):
    with pytest.raises(GpusimError) as caught:
        find_device(name)
    assert str(caught.value) == f"no GPU '{name}' is known; there are T4, V100, A100, H100, H200, B200, RTX 4090"


def test_every_device_has_limits_and_no_cache_faster_than_its_ports():
    assert {device.cc for device in DEVICES} <= set(LIMITS)
    for device in DEVICES:
        assert device.l2_bytes_per_clock <= 64 * device.sms
        assert device.dram_bandwidth < device.l2_bytes_per_clock * device.clock
