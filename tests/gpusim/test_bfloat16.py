"""bfloat16 in kernels: PyTorch, NumPy and closed forms as references; the same kernels compile for a GPU."""

from __future__ import annotations

import importlib
import math

import ml_dtypes
import numpy as np
import pytest
import torch
from numba import cuda, float32, float64, int32, int64, uint16, uint32

import gpusim
from gpusim.device.surface import numba_surface
from gpusim.kernel.target import types

cuda_bf16 = pytest.importorskip("numba.cuda._internal.cuda_bf16", reason="needs numba-cuda: bfloat16")
bf16 = importlib.import_module("numba.cuda.bf16")
bfloat16, hadd, hfma, hne, hneu = bf16.bfloat16, bf16.hadd, bf16.hfma, bf16.hne, bf16.hneu
bfloat16_to_int32_rn, int64_to_bfloat16_rn = bf16.bfloat16_to_int32_rn, bf16.int64_to_bfloat16_rn
float32_to_bfloat16_rz = bf16.float32_to_bfloat16_rz

BF16 = np.dtype(ml_dtypes.bfloat16)
VECTOR = types.Array(types.bfloat16, 1, "C")
WIDE = types.Array(types.float32, 1, "C")
COMPILED = []
THREADS = 64


def compiled(*argtypes):
    """Put a kernel into the list of those that must also compile for a GPU."""

    def add(function):
        kernel = cuda.jit(function)
        COMPILED.append((kernel, argtypes))
        return kernel

    return add


def numbers(seed: int, count: int = THREADS) -> np.ndarray:
    """Numbers of all sizes, with the special ones first."""
    rng = np.random.default_rng(seed)
    values = np.ldexp(rng.uniform(-2, 2, count), rng.integers(-12, 12, count)).astype(BF16)
    values[:6] = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0]
    return rng.permutation(values)


def as_torch(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.view(np.int16).copy()).view(torch.bfloat16)


def assert_equal(actual: np.ndarray, expected: torch.Tensor) -> None:
    """The same numbers, of any type; NaN equals NaN."""
    np.testing.assert_array_equal(actual.astype(np.float32), expected.float().numpy())


@compiled(VECTOR, VECTOR, VECTOR, WIDE)
def operators(a, b, out, wide):
    i = cuda.grid(1)
    x, y = a[i], b[i]
    out[8 * i] = x + y
    out[8 * i + 1] = x - y
    out[8 * i + 2] = x * y
    out[8 * i + 3] = x / y
    out[8 * i + 4] = -x
    x *= y
    out[8 * i + 5] = x
    x += y
    out[8 * i + 6] = x
    out[8 * i + 7] = +x if x > y else y
    wide[5 * i] = x + float32(0.1)
    wide[5 * i + 1] = y * 3
    wide[5 * i + 2] = abs(y)
    wide[5 * i + 3] = y == x or y <= x
    wide[5 * i + 4] = y != y


def test_operators_are_pytorchs():
    a, b = numbers(1), numbers(2)
    out, wide = np.zeros(8 * THREADS, BF16), np.zeros(5 * THREADS, np.float32)
    gpusim.simulate(operators)[2, THREADS // 2](a, b, out, wide)
    x, y = as_torch(a), as_torch(b)
    after = x * y + y
    expected = [x + y, x - y, x * y, x / y, -x, x * y, after, torch.where(after > y, after, y)]
    assert_equal(out.reshape(-1, 8), torch.stack(expected, 1))
    wider = [after.float() + np.float32(0.1), y.double() * 3, y.float().abs(), (y == after) | (y <= after), y != y]
    assert_equal(wide.reshape(-1, 5), torch.stack([part.float() for part in wider], 1))


@compiled(VECTOR, VECTOR)
def constructions(numbers, out):
    i = cuda.grid(1)
    x = numbers[i]
    out[0] = bfloat16(float64(1.00390625 + 2.0**-40))
    out[1] = bfloat16(float32(2.5))
    out[2] = bfloat16(int64(257))
    out[3] = bfloat16(uint16(3))
    out[4] = bfloat16(types.float16(0.1))
    out[5] = bfloat16(True)
    out[6] = 2
    out[7] = x
    out[8] = bfloat16(float("inf"))


def test_constructions():
    out = np.zeros(9, BF16)
    gpusim.simulate(constructions)[1, 1](np.array([7], BF16), out)
    # 257 is a tie between 256 and 258; 1.00390625 is one between 1 and 1.0078125, which 2^-40 decides.
    np.testing.assert_array_equal(out.astype(float), [1.0078125, 2.5, 256, 3, 0.10009765625, 1, 2, 7, np.inf])


@compiled(VECTOR, types.Array(types.int64, 1, "C"), WIDE)
def conversions(a, integers, floats):
    x = a[0]
    integers[0] = int32(x)
    integers[1] = uint16(x)
    integers[2] = bfloat16_to_int32_rn(x)
    floats[0] = float32(x)
    floats[1] = float64(x)
    floats[2] = float32_to_bfloat16_rz(float32(1.9999))
    floats[3] = int64_to_bfloat16_rn(int64(2**62 + 2**54 + 1))


@pytest.mark.parametrize("x", [-3.5, 3.5, 2.0**100, -math.inf, math.nan])
def test_conversions(x):
    integers, floats = np.zeros(3, np.int64), np.zeros(4, np.float32)
    gpusim.simulate(conversions)[1, 1](np.array([x], BF16), integers, floats)
    clipped = 0 if math.isnan(x) else x
    truncated = math.trunc(min(max(clipped, -(2.0**31)), 2.0**31 - 1))
    nearest = round(min(max(clipped, -(2.0**31)), 2.0**31 - 1))
    assert integers.tolist() == [truncated, math.trunc(min(max(clipped, 0), 65535)), nearest]
    np.testing.assert_array_equal(floats, np.float32([x, x, 1.9921875, 2.0**62 + 2.0**55]))


def unary_kernel(function):
    def kernel(a, out):
        i = cuda.grid(1)
        out[i] = function(a[i])

    return cuda.jit(kernel)


def assert_within_an_ulp(actual: np.ndarray, expected: np.ndarray) -> None:
    """bfloat16 beside float64: at most one number apart."""
    low, high = (np.nextafter(expected.astype(BF16), BF16.type(end)) for end in (-np.inf, np.inf))
    close = (actual >= low) & (actual <= high)
    assert np.all(close | (np.isnan(actual) & np.isnan(expected))), (actual[~close], expected[~close])


HEADER = {
    "hsin": np.sin, "hcos": np.cos, "hlog": np.log, "hlog2": np.log2, "hlog10": np.log10, "hexp": np.exp,
    "hexp2": np.exp2, "hexp10": lambda x: 10.0**x, "hsqrt": np.sqrt, "hrsqrt": lambda x: 1 / np.sqrt(x),
    "hrcp": lambda x: 1 / x, "hceil": np.ceil, "hfloor": np.floor, "htrunc": np.trunc, "hrint": np.rint,
    "htanh": np.tanh, "htanh_approx": np.tanh,
}  # fmt: skip
MATH = {
    math.trunc: np.trunc, math.ceil: np.ceil, math.floor: np.floor, math.sqrt: np.sqrt, math.log: np.log,
    math.log10: np.log10, math.cos: np.cos, math.sin: np.sin, math.tanh: np.tanh, math.exp: np.exp, math.exp2: np.exp2,
}  # fmt: skip


@pytest.mark.parametrize("function", [*(getattr(cuda_bf16, name) for name in HEADER), *MATH], ids=lambda f: f.__name__)
def test_functions(function):
    a, out = numbers(3), np.zeros(THREADS, BF16)
    kernel = unary_kernel(function)
    gpusim.simulate(kernel)[1, THREADS](a, out)
    with np.errstate(all="ignore"):
        assert_within_an_ulp(out, (MATH.get(function) or HEADER[function.__name__])(a.astype(np.float64)))
    gpusim.compile(kernel, (VECTOR, VECTOR))


@pytest.mark.parametrize("function", [math.log2, math.tan, math.expm1, math.erf], ids=lambda f: f.__name__)
def test_other_functions_give_float32(function):
    a = np.array([0.25, 1.5, 3], BF16)
    out = np.zeros(3, np.float32)
    gpusim.simulate(unary_kernel(function))[1, 3](a, out)
    np.testing.assert_allclose(out, [function(float(x)) for x in a], rtol=1e-6)
    assert len(set(out.astype(BF16).astype(np.float32)) & set(out)) < 3, "more digits than bfloat16 has"


@compiled(VECTOR, VECTOR, VECTOR, VECTOR)
def arithmetic(a, b, c, out):
    i = cuda.grid(1)
    x, y, z = a[i], b[i], c[i]
    out[12 * i] = hadd(x, y)
    out[12 * i + 1] = cuda_bf16.__hsub_rn(x, y)
    out[12 * i + 2] = cuda_bf16.__hmul_sat(x, y)
    out[12 * i + 3] = cuda_bf16.__hdiv(x, y)
    out[12 * i + 4] = cuda_bf16.__habs(x)
    out[12 * i + 5] = cuda_bf16.__hmax(x, y)
    out[12 * i + 6] = cuda_bf16.__hmin(x, y)
    out[12 * i + 7] = cuda_bf16.__hmax_nan(x, y)
    out[12 * i + 8] = cuda_bf16.__hadd_sat(x, y)
    out[12 * i + 9] = hfma(x, y, z)
    out[12 * i + 10] = cuda_bf16.__hfma_relu(x, y, z)
    out[12 * i + 11] = cuda_bf16.__hfma_sat(x, y, z)


def test_arithmetic():
    a, b, c = numbers(4), numbers(5), numbers(6)
    out = np.zeros(12 * THREADS, BF16)
    gpusim.simulate(arithmetic)[1, THREADS](a, b, c, out)
    x, y, z = map(as_torch, (a, b, c))
    # Exact in float64, because the numbers differ by less than 2^24 in size.
    fma = (x.double() * y.double() + z.double()).to(torch.bfloat16)

    def clamped(value):
        return torch.where(value.isnan(), 0, value.clamp(0, 1))

    expected = [
        x + y, x - y, clamped(x * y), x / y, x.abs(), torch.fmax(x, y), torch.fmin(x, y), torch.maximum(x, y),
        clamped(x + y), fma, torch.where(fma.isnan(), fma, fma.clamp(min=0)), clamped(fma),
    ]  # fmt: skip
    assert_equal(out.reshape(-1, 12), torch.stack(expected, 1))


@compiled(VECTOR, VECTOR, VECTOR, VECTOR)
def single_fma(a, b, c, out):
    i = cuda.grid(1)
    out[i] = hfma(a[i], b[i], c[i])


def test_fma_rounds_once():
    """7 * 37 and 9 * 29 lie in the middle of two numbers; what decides is beyond the digits of float64."""
    a, b, out = np.array([7, 7, 7, 9, 9], BF16), np.array([37, 37, 37, 29, 29], BF16), np.zeros(5, BF16)
    c = np.array([0, 2.0**-100, -(2.0**-100), 0, 2.0**-100], BF16)
    gpusim.simulate(single_fma)[1, 5](a, b, c, out)
    assert out.astype(int).tolist() == [260, 260, 258, 260, 262]


@compiled(VECTOR, VECTOR, types.Array(types.boolean, 2, "C"))
def comparisons(a, b, out):
    i = cuda.grid(1)
    out[i, 0] = hne(a[i], b[i])
    out[i, 1] = hneu(a[i], b[i])
    out[i, 2] = cuda_bf16.__hlt(a[i], b[i])
    out[i, 3] = cuda_bf16.__hltu(a[i], b[i])
    out[i, 4] = cuda_bf16.__hisnan(a[i])
    out[i, 5] = cuda_bf16.__hisinf(a[i]) == -1


def test_comparisons_without_and_with_nan():
    a, b = numbers(7), numbers(8)
    out = np.zeros((THREADS, 6), np.bool_)
    gpusim.simulate(comparisons)[1, THREADS](a, b, out)
    x, y = a.astype(np.float32), b.astype(np.float32)
    unordered = np.isnan(x) | np.isnan(y)
    expected = [(x != y) & ~unordered, x != y, x < y, (x < y) | unordered, np.isnan(x), x == -np.inf]
    np.testing.assert_array_equal(out, np.stack(expected, 1))


@compiled(VECTOR, WIDE)
def reversal(a, out):
    tile = cuda.shared.array(THREADS, uint16).view(bfloat16)
    kept = cuda.local.array(2, uint16).view(bfloat16)
    i = cuda.threadIdx.x
    tile[i] = a[i]
    kept[1] = a[i]
    cuda.syncthreads()
    total = float32(0)
    for k in range(THREADS):
        total += tile[k] * kept[1]
    out[i] = total + tile[THREADS - 1 - i]


def reversed_sums(a: np.ndarray) -> np.ndarray:
    """Products are rounded to bfloat16; their sum is a float32."""
    products = (as_torch(a)[:, None] * as_torch(a)).float().numpy()
    total = np.zeros(THREADS, np.float32)
    for k in range(THREADS):
        total += products[:, k]
    return total + a[::-1].astype(np.float32)


@pytest.mark.parametrize("scheduler", ["lockstep", "threads"])
def test_shared_and_local_views(scheduler):
    a, out = np.random.default_rng(9).normal(size=THREADS).astype(BF16), np.zeros(THREADS, np.float32)
    run = gpusim.simulate(reversal, scheduler=scheduler)[1, THREADS](a, out)
    np.testing.assert_array_equal(out, reversed_sums(a))
    assert run.findings == []
    counts = run.counts["shared"]
    assert (counts["loads"], counts["load_bytes"], counts["store_bytes"]) == (THREADS * 65, THREADS * 130, THREADS * 2)
    # 64 neighbouring elements of two bytes are 128 bytes, all banks once.
    assert run.counts["shared"]["store_bank_conflicts"] == 0
    assert run.counts["global"]["load_sectors"] == 2 * THREADS * 2 // 32


@cuda.jit
def direct(a, out):
    tile = cuda.shared.array(THREADS, bfloat16)
    i = cuda.threadIdx.x
    tile[i] = a[i]
    out[i] = tile[THREADS - 1 - i]


@cuda.jit
def undefined(a, out):
    tile = cuda.shared.array(THREADS, bfloat16)
    out[cuda.threadIdx.x] = tile[cuda.threadIdx.x] + a[0]


def test_arrays_of_bfloat16_are_checked():
    """numba-cuda-mlir takes bfloat16 as the type of shared arrays; numba-cuda wants views of uint16."""
    a, out = np.ones(THREADS, BF16), np.zeros(THREADS, BF16)
    with pytest.raises(gpusim.KernelError, match="unsupported type: __nv_bfloat16"):
        gpusim.simulate(direct)[1, THREADS](a, out)
    pytest.importorskip("numba_cuda_mlir", reason="numba-cuda-mlir is not installed")
    from support.mlir import as_mlir

    run = gpusim.simulate(as_mlir(direct))[1, THREADS](a, out)
    assert {finding.tool for finding in run.findings} == {"racecheck"}
    run = gpusim.simulate(as_mlir(undefined))[1, THREADS](a, out)
    assert {finding.tool for finding in run.findings} == {"initcheck"}
    assert np.isnan(out.astype(np.float32)).all(), "undefined bfloat16 is NaN"


@cuda.jit(device=True)
def doubled(x):
    return x + x


@compiled(VECTOR, VECTOR, WIDE)
def branches(a, out, kinds):
    i = cuda.grid(1)
    x = a[i]
    if i % 2:
        x = doubled(x)
    y = x if i % 3 else bfloat16(0.5)
    out[i] = max(x, y)
    if isinstance(y, bfloat16):
        kinds[i] = 1
    if isinstance(i, bfloat16):
        kinds[i] = 2


def test_branches_and_device_functions():
    a = np.arange(12).astype(BF16)
    out, kinds = np.zeros(12, BF16), np.zeros(12, np.float32)
    gpusim.simulate(branches)[1, 12](a, out, kinds)
    values = [k * (1 + k % 2) for k in range(12)]
    assert out.astype(float).tolist() == [max(x, x if k % 3 else 0.5) for k, x in enumerate(values)]
    assert (kinds == 1).all()


@compiled(VECTOR, VECTOR)
def shuffles(a, out):
    i = cuda.grid(1)
    everyone, width = uint32(0xFFFFFFFF), int32(8)
    out[4 * i] = cuda_bf16.__shfl_sync(everyone, a[i], int32(11), width)
    out[4 * i + 1] = cuda_bf16.__shfl_up_sync(everyone, a[i], uint32(3), width)
    out[4 * i + 2] = cuda_bf16.__shfl_down_sync(everyone, a[i], uint32(3), width)
    out[4 * i + 3] = cuda_bf16.__shfl_xor_sync(everyone, a[i], int32(9), width)


def test_shuffles_in_groups_of_eight():
    """By the definition in the PTX ISA, "shfl.sync": lanes read in their group, with xor also from those before."""
    a, out = np.arange(32).astype(BF16), np.zeros(128, BF16)
    gpusim.simulate(shuffles)[1, 32](a, out)
    for lane in range(32):
        first = lane // 8 * 8
        partner = lane ^ 9
        expected = [
            first + 11 % 8,
            lane - 3 if lane - 3 >= first else lane,
            lane + 3 if lane + 3 < first + 8 else lane,
            partner if partner < first + 8 else lane,
        ]
        assert out[4 * lane : 4 * lane + 4].astype(int).tolist() == expected


@compiled(VECTOR, VECTOR, VECTOR, types.Array(types.uint32, 1, "C"), WIDE)
def pairs(a, b, out, masks, floats):
    i = cuda.grid(1)
    x = cuda_bf16.make_bfloat162(a[2 * i], a[2 * i + 1])
    y = cuda_bf16.nv_bfloat162(b[2 * i], b[2 * i + 1])
    z = cuda_bf16.__hfma2(x, y, -x) / (x + y)
    if i % 2:
        z = cuda_bf16.h2sqrt(cuda_bf16.__hmax2(x, y))
    out[4 * i] = z.x
    out[4 * i + 1] = z.y
    swapped = cuda_bf16.__lowhigh2highlow(x)
    moved = cuda_bf16.__shfl_xor_sync(uint32(0xFFFFFFFF), swapped, int32(1), int32(32))
    out[4 * i + 2] = moved.x
    out[4 * i + 3] = cuda_bf16.__hgt2(x, y).y
    masks[i] = cuda_bf16.__hgtu2_mask(x, y)
    floats[4 * i] = cuda_bf16.__bfloat1622float2(x).y
    floats[4 * i + 1] = cuda_bf16.__low2float(cuda_bf16.__hcmadd(x, y, x))
    floats[4 * i + 2] = x == x
    floats[4 * i + 3] = cuda_bf16.__hbge2(x, y)


def test_pairs():
    a, b = (np.random.default_rng(seed).normal(size=2 * THREADS).astype(BF16) for seed in (10, 11))
    b[5] = np.nan
    out, masks = np.zeros(4 * THREADS, BF16), np.zeros(THREADS, np.uint32)
    floats = np.zeros(4 * THREADS, np.float32)
    gpusim.simulate(pairs)[2, THREADS // 2](a, b, out, masks, floats)
    x, y = as_torch(a).reshape(-1, 2), as_torch(b).reshape(-1, 2)
    even = (x.double() * y.double() - x.double()).to(torch.bfloat16) / (x + y)
    odd = torch.fmax(x, y).sqrt()
    chosen = torch.where(torch.arange(THREADS)[:, None] % 2 == 1, odd, even)
    partner = x[torch.arange(THREADS) ^ 1, 1]
    expected = torch.stack([chosen[:, 0], chosen[:, 1], partner, (x > y)[:, 1]], 1)
    assert_equal(out.reshape(-1, 4), expected)
    flags = ((x > y) | x.isnan() | y.isnan()).numpy().astype(np.uint32)
    np.testing.assert_array_equal(masks, flags @ np.array([0xFFFF, 0xFFFF0000], np.uint32))
    real = (x[:, 0].double() * y[:, 0].double() + x[:, 0].double()).to(torch.bfloat16)
    real = (real.double() - x[:, 1].double() * y[:, 1].double()).to(torch.bfloat16)
    wide = [x[:, 1], real, torch.ones(THREADS), (x >= y).all(1)]
    assert_equal(floats.reshape(-1, 4), torch.stack([part.float() for part in wide], 1))


def pointer_kernel():
    ffi = pytest.importorskip("cffi").FFI()

    @cuda.jit
    def pointers(a, out):
        i = cuda.grid(1)
        out[i] = cuda_bf16.__ldg(ffi.from_buffer(a[i:]))
        cuda_bf16.__stwb(ffi.from_buffer(out[i + THREADS :]), a[0])
        cuda_bf16.atomicAdd(ffi.from_buffer(a), bfloat16(1.0))

    return pointers


def test_pointers():
    a, out = np.zeros(THREADS + 1, BF16), np.zeros(2 * THREADS + 1, BF16)
    a[1:] = 3
    kernel = pointer_kernel()
    run = gpusim.simulate(kernel, check="none")[1, THREADS](a, out)
    assert a[0] == THREADS
    assert (out[1:THREADS] == 3).all()
    assert run.counts["global"]["atomics"] == THREADS
    assert run.counts["global"]["store_bytes"] == THREADS * 4
    gpusim.compile(kernel, (VECTOR, VECTOR))


def test_large_sums_are_lost():
    """256 + 1 is 256 in bfloat16: a running sum of ones ends there, atomically too."""
    a, out = np.zeros(513, BF16), np.zeros(1025, BF16)
    gpusim.simulate(pointer_kernel(), check="none")[8, 64](a, out)
    assert a[0] == 256


def test_print_shows_the_number(capsys):
    kernel = cuda.jit(printing)
    gpusim.simulate(kernel)[1, 1](np.array([0.9375], BF16))
    assert [float(word) for word in capsys.readouterr().out.split()] == [0.9375, 1.875]


def test_arrays_on_the_device():
    """NumPy gives nobody a buffer of bfloat16, so numba-cuda copies the bits."""
    with gpusim.install():
        a = np.arange(5, dtype=np.float32).astype(BF16)
        numbers, out = cuda.to_device(a.view(np.int16)).view(BF16), cuda.device_array(5, BF16)
        single_fma[1, 5](numbers, numbers, numbers, out)
        assert out.view(np.int16).copy_to_host().view(BF16).astype(int).tolist() == [0, 2, 6, 12, 20]


def printing(a):
    print(a[0], a[0] + a[0])


@pytest.mark.parametrize("kernel", COMPILED, ids=lambda entry: entry[0].__name__)
def test_kernels_compile_for_a_gpu(kernel):
    function, argtypes = kernel
    assert gpusim.compile(function, argtypes).spill_store_bytes == 0


@pytest.mark.parametrize("name", ["cuda_bf16", "cuda_fp16", "cuda_fp8"])
def test_every_function_of_the_headers_is_there(name):
    module = importlib.import_module(f"numba.cuda._internal.{name}")
    surface = numba_surface()
    missing = {target.__name__ for target, _ in module.typing_registry.globals if surface.function(target) is None}
    # Raw bits have no constructors, and this __half returns nothing.
    assert {word for word in missing if not word.startswith("unnamed")} <= {"__half"}


@pytest.mark.parametrize("name", ["bf16", "fp16"])
def test_every_public_name_is_there(name):
    module = importlib.import_module(f"numba.cuda.{name}")
    functions = [n for n in module.__all__ if not n.endswith("registry")]
    assert [n for n in functions if numba_surface().function(getattr(module, n)) is None] == []


def test_the_successors_names():
    pytest.importorskip("numba_cuda_mlir")
    from numba_cuda_mlir import cuda as mlir
    from numba_cuda_mlir.numba_cuda import bf16

    @mlir.jit
    def kernel(a, out):
        i = mlir.grid(1)
        tile = mlir.shared.array(4, bf16.bfloat16)
        tile[i] = bf16.hexp(a[i]) * bf16.bfloat16(2.0)
        out[i] = tile[i]

    a, out = np.arange(4).astype(BF16), np.zeros(4, BF16)
    gpusim.simulate(kernel)[1, 4](a, out)
    assert_equal(out, as_torch(a).exp() * 2)


@cuda.jit
def adds_int8(a, out):
    out[0] = a[0] + np.int8(1)


@cuda.jit
def masks_bits(a, out):
    out[0] = a[0] & a[1]


@cuda.jit
def shuffles_plainly(a, out):
    out[0] = cuda.shfl_sync(0xFFFFFFFF, a[0], 0)


@cuda.jit
def adds_atomically(a, out):
    cuda.atomic.add(out, 0, a[0])


@cuda.jit
def uses_a_ufunc(a, out):
    out[0] = np.exp(a[0])


@cuda.jit
def narrows(a, out):
    out[0] = types.float16(a[0])


@cuda.jit
def forgets_an_argument(a, out):
    out[0] = hadd(a[0])


@cuda.jit
def hints(a, out):
    out[0] = cuda.ldcg(a, 0)


@cuda.jit
def calls_int(a, out):
    out[0] = int(a[0])


@cuda.jit
def mixes_pairs(a, out):
    out[0] = cuda_bf16.__hadd2(a[0], a[1]).x


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (adds_int8, r"no \+ of bfloat16 and int8"),
        (masks_bits, "no & of bfloat16"),
        (shuffles_plainly, "exchanges bfloat16"),
        (adds_atomically, "32 or 64 bits"),
        (uses_a_ufunc, "no np.exp of bfloat16"),
        (narrows, "no cast of bfloat16 to float16"),
        (forgets_an_argument, "takes 2 numbers, not 1"),
        (hints, "cannot be used for bfloat16"),
        (calls_int, "no int of bfloat16"),
        (mixes_pairs, "takes nv_bfloat162, not bfloat16"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_a_gpu_refuses_is_refused(kernel, words):
    a, out = np.ones(4, BF16), np.zeros(4, BF16)
    with pytest.raises(gpusim.KernelError, match=rf"test_bfloat16.py:\d+: .*{words}"):
        gpusim.simulate(kernel)[1, 1](a, out)
    with pytest.raises(gpusim.KernelError):
        gpusim.compile(kernel, (VECTOR, VECTOR))


def test_pytorchs_bfloat16_asks_for_its_bits():
    tensor = torch.ones(4, dtype=torch.bfloat16)
    with pytest.raises(gpusim.KernelError, match=r"'a' \(torch.bfloat16\); pass its bits"):
        gpusim.simulate(single_fma)[1, 1](tensor, tensor, tensor, tensor)
    view = tensor.view(torch.int16).numpy().view(BF16)
    gpusim.simulate(single_fma)[1, 4](view, view, view, view)
    assert tensor.tolist() == [2.0] * 4
