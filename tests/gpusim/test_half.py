"""The functions of float16, `cuda.fp16`: PyTorch, NumPy and closed forms as references."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numba import cuda, float32, int16, int32, int64, uint32

import gpusim
from gpusim.kernel.target import types

fp16 = pytest.importorskip("numba.cuda.fp16", reason="needs numba-cuda: all of CUDA's functions of float16")
cuda_fp16 = pytest.importorskip("numba.cuda._internal.cuda_fp16")

HALVES = types.Array(types.float16, 1, "C")
THREADS = 64


def numbers(seed: int) -> np.ndarray:
    """Numbers of all sizes, with the special ones first."""
    rng = np.random.default_rng(seed)
    values = np.ldexp(rng.uniform(-2, 2, THREADS), rng.integers(-12, 12, THREADS)).astype(np.float16)
    values[:6] = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0]
    return rng.permutation(values)


def unary(function):
    def kernel(a, out):
        i = cuda.grid(1)
        out[i] = function(a[i])

    return cuda.jit(kernel)


def binary(function):
    def kernel(a, b, out):
        i = cuda.grid(1)
        out[i] = function(a[i], b[i])

    return cuda.jit(kernel)


def ternary(function):
    def kernel(a, b, c, out):
        i = cuda.grid(1)
        out[i] = function(a[i], b[i], c[i])

    return cuda.jit(kernel)


def clamped(value):
    return torch.where(value.isnan(), 0, value.clamp(0, 1))


def exact_fma(a, b, c):
    """Exact in float64, because the numbers differ by less than 2^24 in size."""
    return (a.double() * b.double() + c.double()).half()


UNARY = {
    "hsin": np.sin, "hcos": np.cos, "hlog": np.log, "hlog2": np.log2, "hlog10": np.log10, "hexp": np.exp,
    "hexp2": np.exp2, "hexp10": lambda x: 10.0**x, "hsqrt": np.sqrt, "hrsqrt": lambda x: 1 / np.sqrt(x),
    "hrcp": lambda x: 1 / x, "hceil": np.ceil, "hfloor": np.floor, "htrunc": np.trunc, "hrint": np.rint,
    "htanh": np.tanh, "htanh_approx": np.tanh, "hneg": np.negative, "habs": np.abs,
}  # fmt: skip
MATH = {
    math.trunc: np.trunc, math.ceil: np.ceil, math.floor: np.floor, math.fabs: np.abs, math.sqrt: np.sqrt,
    math.log: np.log, math.log2: np.log2, math.log10: np.log10, math.cos: np.cos, math.sin: np.sin, math.tanh: np.tanh,
    math.exp: np.exp, math.exp2: np.exp2,
}  # fmt: skip
EXACT = {
    "hadd": torch.add, "hsub": torch.sub, "hmul": torch.mul, "hdiv": torch.div, "hmax": torch.fmax, "hmin": torch.fmin,
    "__hadd_rn": torch.add, "__hsub_rn": torch.sub, "__hmul_rn": torch.mul, "__hmax_nan": torch.maximum,
    "__hmin_nan": torch.minimum, "__hadd_sat": lambda a, b: clamped(a + b), "__hsub_sat": lambda a, b: clamped(a - b),
    "__hmul_sat": lambda a, b: clamped(a * b),
}  # fmt: skip
FUSED = {
    "hfma": exact_fma,
    "__hfma_sat": lambda a, b, c: clamped(exact_fma(a, b, c)),
    "__hfma_relu": lambda a, b, c: torch.where(exact_fma(a, b, c) < 0, 0, exact_fma(a, b, c)),
}
ORDERED = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}


@pytest.mark.parametrize("function", [*(getattr(fp16, name) for name in UNARY), *MATH], ids=lambda f: f.__name__)
def test_functions_of_one_number(function):
    a, out = numbers(1), np.zeros(THREADS, np.float16)
    gpusim.simulate(unary(function))[1, THREADS](a, out)
    name = function.__name__.removeprefix("__")
    with np.errstate(all="ignore"):
        expected = (MATH.get(function) or UNARY[name])(a.astype(np.float64)).astype(np.float16)
        low, high = (np.nextafter(expected, np.float16(end)) for end in (-np.inf, np.inf))
    assert np.all(((out >= low) & (out <= high)) | (np.isnan(out) & np.isnan(expected)))


@pytest.mark.parametrize("name", EXACT)
def test_functions_of_two_numbers(name):
    a, b, out = numbers(2), numbers(3), np.zeros(THREADS, np.float16)
    kernel = binary(getattr(fp16, name))
    gpusim.simulate(kernel)[1, THREADS](a, b, out)
    np.testing.assert_array_equal(out, EXACT[name](torch.from_numpy(a), torch.from_numpy(b)).numpy())
    gpusim.compile(kernel, (HALVES, HALVES, HALVES))


@pytest.mark.parametrize("name", FUSED)
def test_functions_of_three_numbers(name):
    a, b, c, out = numbers(4), numbers(5), numbers(6), np.zeros(THREADS, np.float16)
    gpusim.simulate(ternary(getattr(fp16, name)))[1, THREADS](a, b, c, out)
    np.testing.assert_array_equal(out, FUSED[name](*map(torch.from_numpy, (a, b, c))).numpy())


@pytest.mark.parametrize("larger", [True, False])
def test_zeros_have_an_order(larger):
    zeros, others, out = np.float16([0, -0.0, -0.0]), np.float16([-0.0, 0, -0.0]), np.ones(3, np.float16)
    gpusim.simulate(binary(fp16.hmax if larger else fp16.hmin))[1, 3](zeros, others, out)
    assert np.signbit(out).tolist() == ([False, False, True] if larger else [True, True, True])


@pytest.mark.parametrize("unordered", [False, True])
@pytest.mark.parametrize("name", ORDERED)
def test_comparisons(name, unordered):
    a, b, out = numbers(7), numbers(8), np.zeros(THREADS, np.bool_)
    gpusim.simulate(binary(getattr(fp16, f"__h{name}u" if unordered else f"h{name}")))[1, THREADS](a, b, out)
    nan = np.isnan(a) | np.isnan(b)
    np.testing.assert_array_equal(out, ORDERED[name](a, b) | nan if unordered else ORDERED[name](a, b) & ~nan)


@cuda.jit
def conversions(a, integers, halves):
    x = a[0]
    integers[0] = fp16.__half2int_rn(x)
    integers[1] = fp16.__half2ll_rd(x)
    integers[2] = fp16.__half2uchar_rz(x)
    integers[3] = fp16.__half2short_ru(x)
    integers[4] = fp16.__half_as_short(x)
    integers[5] = fp16.__hisinf(x)
    integers[6] = fp16.__hisnan(x)
    halves[0] = fp16.__float2half_ru(float32(1.0001))
    halves[1] = fp16.__ll2half_rz(int64(2049))
    halves[2] = fp16.__short_as_half(int16(0x3C00))
    halves[3] = fp16.__int2half_rn(int32(100000))
    halves[4] = fp16.__half2float(x)


@pytest.mark.parametrize("x", [2.5, -2.5, 1000, math.inf, -math.inf, math.nan])
def test_conversions(x):
    a, integers, halves = np.float16([x]), np.zeros(7, np.int64), np.zeros(5, np.float32)
    gpusim.simulate(conversions)[1, 1](a, integers, halves)
    nan, finite = math.isnan(x), math.isfinite(x)

    def saturated(step, dtype):
        limits = np.iinfo(dtype)
        return 0 if nan else int(min(max(step(x) if finite else x, limits.min), limits.max))

    expected = [
        saturated(round, np.int32),
        -(2**63) if nan else saturated(math.floor, np.int64),
        saturated(math.trunc, np.uint8),
        saturated(math.ceil, np.int16),
    ]
    assert integers[:4].tolist() == expected
    assert integers[4] == a.view(np.int16)[0]
    assert integers[5:].tolist() == [0 if finite or nan else int(math.copysign(1, x)), int(nan)]
    np.testing.assert_array_equal(halves, np.float32([1.0009765625, 2048, 1, np.inf, x]))


@cuda.jit
def exchange(a, out):
    i = cuda.grid(1)
    out[i] = cuda_fp16.__shfl_xor_sync(uint32(0xFFFFFFFF), a[i], int32(5), int32(32))


def test_shuffles():
    a, out = np.arange(32, dtype=np.float16), np.zeros(32, np.float16)
    gpusim.simulate(exchange)[1, 32](a, out)
    assert out.tolist() == [lane ^ 5 for lane in range(32)]


def test_pointers():
    ffi = pytest.importorskip("cffi").FFI()

    @cuda.jit
    def kernel(total, out):
        i = cuda.grid(1)
        old = fp16.atomicAdd(ffi.from_buffer(total), types.float16(0.5))
        cuda_fp16.__stcg(ffi.from_buffer(out[i:]), old)

    total, out = np.zeros(1, np.float16), np.zeros(THREADS, np.float16)
    gpusim.simulate(kernel)[1, THREADS](total, out)
    assert total[0] == THREADS / 2
    assert sorted(out.tolist()) == [k / 2 for k in range(THREADS)]
    gpusim.compile(kernel, (HALVES, HALVES))


@pytest.mark.parametrize("kernel", [conversions, exchange], ids=lambda k: k.__name__)
def test_kernels_compile_for_a_gpu(kernel):
    longs, floats = types.Array(types.int64, 1, "C"), types.Array(types.float32, 1, "C")
    gpusim.compile(kernel, (HALVES, longs, floats) if kernel is conversions else (HALVES, HALVES))


@cuda.jit
def assigns(a, longs, bytes_):
    i = cuda.grid(1)
    longs[i] = a[i]
    bytes_[i] = int32(a[i])


def test_integers_are_the_nearest():
    """numba-cuda's casts of float16 are PTX's cvt.rni, which rounds ties to even and saturates."""
    a = np.float16([1.7, -1.7, 2.5, 3.5, np.inf, np.nan])
    longs, integers = np.zeros(6, np.int64), np.zeros(6, np.int32)
    gpusim.simulate(assigns)[1, 6](a, longs, integers)
    assert longs.tolist() == [2, -2, 2, 4, 2**63 - 1, -(2**63)]
    assert integers.tolist() == [2, -2, 2, 4, 2**31 - 1, 0]
    code = gpusim.compile(assigns, (HALVES, types.Array(types.int64, 1, "C"), types.Array(types.int32, 1, "C")))
    assert "cvt.rni.s64.f16" in code.ptx
    assert "cvt.rni.s32.f16" in code.ptx
