"""The time model against times worked out by hand, and against other ways to compute its parts."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import cuda, float32

import gpusim
from gpusim.codegen.signature import ArrayType, kinds, numba_types
from gpusim.hardware.arithmetic import arithmetic_instructions
from gpusim.hardware.devices import DEVICES, find_device
from gpusim.hardware.timing import block_weights, busiest_share, compiled_registers, lsu_wavefronts

TILE = 16


@cuda.jit
def add(out, a, b):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] + b[i]


@cuda.jit
def tiled(c, a, b):
    tile_a = cuda.shared.array((TILE, TILE), float32)
    tile_b = cuda.shared.array((TILE, TILE), float32)
    j, i = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    total = float32(0)
    for t in range(a.shape[1] // TILE):
        tile_a[y, x] = a[i, t * TILE + x]
        tile_b[y, x] = b[t * TILE + y, j]
        cuda.syncthreads()
        for k in range(TILE):
            total += tile_a[y, k] * tile_b[k, x]
        cuda.syncthreads()
    c[i, j] = total


@cuda.jit
def powers(out, rounds):
    i = cuda.grid(1)
    x = float32(i)
    for _ in range(rounds):
        x = x * x + x
        x = x * x + x
        x = x * x + x
        x = x * x + x
    out[i] = x


def run_add(n: int):
    a = np.ones(n, np.float32)
    return gpusim.simulate(add)[math.ceil(n / 256), 256](np.zeros_like(a), a, a.copy())


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_vector_add_is_bound_by_memory(device):
    """Two vectors of 8 MB are read; the third stays in the cache if it can."""
    n = 1 << 21
    estimate = run_add(n).time(device.name, registers=16)
    written = max(0, 4 * n - device.l2_bytes)
    assert estimate.bound_by == "DRAM"
    assert estimate.roofs["DRAM"].amount == 2 * 4 * n + written
    assert estimate.seconds == pytest.approx((8 * n + written) / device.dram_bandwidth)
    assert estimate.roofs["L2"].amount == 8 * n
    assert estimate.roofs["L1"].amount == 3 * n / 32
    assert estimate.gpu == device.name


def test_tiled_matmul_is_bound_by_shared_memory():
    n = 128
    a = np.ones((n, n), np.float32)
    run = gpusim.simulate(tiled)[(n // TILE, n // TILE), (TILE, TILE)](np.zeros_like(a), a, a.copy())
    estimate = run.time("h200", registers=32)
    warps, blocks, steps = n * n // 32, 64, n // TILE
    # Per warp: 2 loads for each of n products; 2 + 2 copies per tile; one result.
    wavefronts = warps * (2 * n + 4 * steps + 1)
    assert estimate.roofs["L1"].amount == wavefronts
    assert estimate.bound_by == "L1"
    assert estimate.seconds == pytest.approx(wavefronts / blocks / 1.98e9)  # 64 blocks on 132 SMs: one each
    assert estimate.roofs["DRAM"].amount == 2 * 4 * n * n
    assert estimate.roofs["L2"].amount == 2 * 4 * n * n * (n // TILE)  # nobody shares a multiprocessor
    assert run.static_shared == 2 * TILE * TILE * 4
    assert estimate.occupancy.blocks == 8


def test_blocks_that_share_a_multiprocessor_fetch_once():
    n = 128
    a = np.ones((n, n), np.float32)
    run = gpusim.simulate(tiled)[(n // TILE, n // TILE), (TILE, TILE)](np.zeros_like(a), a, a.copy())
    on_t4 = run.time("t4", registers=32)  # 40 SMs, 64 blocks: two blocks on some
    assert on_t4.roofs["L2"].amount == 2 * 4 * n * n * (n // TILE) / 2


def test_arithmetic_can_bind():
    n, rounds = 132 * 1024, 50
    run = gpusim.simulate(powers)[n // 1024, 1024](np.zeros(n, np.float32), rounds)
    estimate = run.time("h100", registers=16)
    assert estimate.bound_by == "issue"
    operators = n / 32 * rounds * 8
    assert estimate.roofs["issue"].amount == operators / 2
    assert estimate.seconds == pytest.approx(operators / 2 / 132 / 4 / 1.98e9)


def test_one_warp_uses_one_scheduler():
    narrow = gpusim.simulate(powers)[1, 32](np.zeros(32, np.float32), 20).time("h100", registers=16)
    wide = gpusim.simulate(powers)[1, 128](np.zeros(128, np.float32), 20).time("h100", registers=16)
    assert narrow.roofs["issue"].seconds == wide.roofs["issue"].seconds > 0
    assert wide.roofs["issue"].amount == 4 * narrow.roofs["issue"].amount


def test_one_block_more_than_multiprocessors_takes_twice_as_long():
    def roofs(blocks):
        n = 1024 * blocks
        return gpusim.simulate(powers)[blocks, 1024](np.zeros(n, np.float32), 20).time("v100", registers=16).roofs

    assert roofs(81)["issue"].seconds == pytest.approx(2 * roofs(80)["issue"].seconds)
    assert roofs(160)["L1"].seconds == pytest.approx(roofs(81)["L1"].seconds)


def test_operators_in_indices_headers_and_constants_are_free():
    @cuda.jit
    def kernel(out, a, n):
        i = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x  # 2: `i` is a value
        if i + 1 < n and n % 2 == 0:
            for k in range(n // 2 + 1):
                out[i + 3 * k] = a[2 * i + k, i - 1]
        x = float32(2 * 3 + 1)
        out[i] = math.exp(x) + max(x, a[0, 0])  # 3
        out[i] *= float32(2)  # 1

    run = gpusim.simulate(kernel)[1, 32](np.zeros(99, np.float32), np.zeros((99, 99), np.float32), 4)
    # `blockIdx.x * blockDim.x` has no variable of the kernel in it, the statement's addition neither.
    assert arithmetic_instructions(run) == (3 + 1) / 2


def test_device_functions_count_where_they_are():
    @cuda.jit(device=True)
    def square(x):
        return x * x

    @cuda.jit
    def kernel(out):
        out[cuda.threadIdx.x] = square(float32(3)) + square(float32(4)) * out[0]

    run = gpusim.simulate(kernel)[1, 64](np.zeros(64, np.float32))
    assert arithmetic_instructions(run) == 2 * (2 + 2 * 1) / 2


@pytest.mark.parametrize(
    ("dtype", "stride", "wavefronts"),
    [
        (np.float32, 1, 1),  # one request
        (np.float32, 8, 2),  # 32 sectors, 16 to a clock
        (np.float64, 1, 2),  # 256 bytes, 128 to a clock
        (np.complex128, 1, 4),
        (np.complex128, 2, 4),
        (np.int8, 1, 1),
    ],
)
def test_wavefronts_of_global_loads(dtype, stride, wavefronts):
    @cuda.jit
    def read(out, a, stride):
        x = a[cuda.grid(1) * stride]
        if cuda.grid(1) < 0:
            out[0] = x

    run = gpusim.simulate(read)[3, 64](np.zeros(1, dtype), np.zeros(3 * 64 * stride, dtype), stride)
    assert lsu_wavefronts(run) == 3 * 2 * wavefronts


def test_bank_conflicts_and_atomics_are_wavefronts():
    @cuda.jit
    def kernel(out):
        tile = cuda.shared.array(1024, float32)
        t = cuda.threadIdx.x
        tile[t * 32] = 1  # 32 words of one bank
        cuda.atomic.add(out, 0, tile[t * 32])

    run = gpusim.simulate(kernel)[1, 32](np.zeros(1, np.float32))
    assert lsu_wavefronts(run) == 32 + 32 + 1


@settings(max_examples=60, deadline=None)
@given(weights=st.lists(st.integers(0, 9), min_size=1, max_size=7), sms=st.integers(1, 4))
def test_no_schedule_is_better_than_the_busiest_share(weights, sms):
    assignments = itertools.product(range(sms), repeat=len(weights))
    best = min(
        max(sum(w for w, s in zip(weights, to, strict=True) if s == sm) for sm in range(sms)) for to in assignments
    )
    assert busiest_share(np.array(weights, float), sms) <= best + 1e-9


@pytest.mark.parametrize(
    ("blocks", "sms", "share"), [(1, 132, 1), (132, 132, 1 / 132), (133, 132, 2 / 133), (8, 3, 3 / 8)]
)
def test_equal_blocks_come_whole(blocks, sms, share):
    assert busiest_share(np.full(blocks, 1 / blocks), sms) == pytest.approx(share)


def test_blocks_weigh_what_they_access():
    @cuda.jit
    def triangle(a):
        for _ in range(cuda.blockIdx.x):
            a[cuda.grid(1)] += 1

    run = gpusim.simulate(triangle)[4, 32](np.zeros(128, np.float32))
    np.testing.assert_allclose(block_weights(run), [0, 1 / 6, 2 / 6, 3 / 6])

    @cuda.jit
    def nothing(a):
        pass

    np.testing.assert_allclose(block_weights(gpusim.simulate(nothing)[4, 32](np.zeros(1))), 1 / 4)


@pytest.mark.numba_cuda("compiling for a GPU")
def test_registers_come_from_the_compiler():
    run = run_add(1000)
    compiled = gpusim.compile(add, "void(float32[::1], float32[::1], float32[::1])", "9.0")
    estimate = run.time("h200")
    assert estimate.registers == compiled.registers == compiled_registers(run, "9.0")
    assert estimate.occupancy.limits["registers"] >= 8


def test_a_kernel_that_does_not_compile_has_unknown_registers():
    def odd(a, text):
        a[0] = 1

    run = gpusim.simulate(odd)[1, 32](np.zeros(1, np.float32), None)
    run.argument_kinds = (run.argument_kinds[0], "no type at all")
    estimate = run.time("h200")
    assert estimate.registers is None
    assert "registers" not in estimate.occupancy.limits
    assert "registers unknown" in repr(estimate)


def test_kinds_of_arguments():
    a = np.zeros((3, 4), np.float32)

    def kernel(c_order, f_order, vector, number, pair, nothing):
        pass

    run = gpusim.simulate(kernel)[1, 1](a, np.asfortranarray(a), a[:, 0], np.int16(3), (1, a), None)
    c, f, vector, number, pair, nothing = run.argument_kinds
    assert (c, f) == (ArrayType(a.dtype, 2, "C"), ArrayType(a.dtype, 2, "F"))
    assert vector.ndim == 1
    assert number == np.dtype(np.int16)
    assert str(numba_types(run.argument_kinds)[4]) == "Tuple(int64, array(float32, 2d, C))"
    assert nothing is None and pair[1].ndim == 2
    assert kinds(()) == ()
    with pytest.raises(TypeError):
        numba_types([object()])


def test_an_unknown_gpu_is_one_sentence():
    with pytest.raises(gpusim.GpusimError) as caught:
        run_add(32).time("gtx 480")
    assert str(caught.value) == "no GPU 'gtx 480' is known; there are T4, V100, A100, H100, H200, B200, RTX 4090"


def test_a_block_that_the_gpu_cannot_hold():
    run = run_add(256)
    with pytest.raises(gpusim.GpusimError, match=r"kernel 'add' cannot run on H200: .*256 threads.*: registers$"):
        run.time("h200", registers=256)


def test_report():
    estimate = run_add(1 << 16).time("H200", registers=40)
    text = repr(estimate)
    first = text.splitlines()[0]
    assert first.startswith("add on H200: at least 109 ns, bound by DRAM (a lower bound")
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["DRAM", "L2", "L1", "issue", "occupancy", "waves"]
    assert "40 registers per thread" in text
    record = json.loads(json.dumps(estimate.to_dict()))
    assert record["lower_bound_seconds"] == estimate.seconds
    assert record["bound_by"] == "DRAM"
    assert record["occupancy"]["blocks_per_sm"] == 6
    assert set(record["roofs"]) == {"DRAM", "L2", "L1", "issue"}


def test_more_work_never_takes_less():
    for name in ("t4", "h200"):
        times = [run_add(n).time(name, registers=16).seconds for n in (1 << 10, 1 << 14, 1 << 18)]
        assert times == sorted(times)
        assert find_device(name).name
