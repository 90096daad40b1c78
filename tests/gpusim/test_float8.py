"""8-bit floats in kernels: PyTorch and closed forms as references; the same kernels compile for a GPU."""

from __future__ import annotations

import importlib

import ml_dtypes
import numpy as np
import pytest
import torch
from numba import cuda, float32, float64, int32, int64, uint8

import gpusim
from gpusim.kernel.target import types

cuda_fp8 = pytest.importorskip("numba.cuda._internal.cuda_fp8", reason="needs numba-cuda: floats of 8 bits")
bfloat16 = importlib.import_module("numba.cuda.bf16").bfloat16
cudaRoundMode = importlib.import_module("cuda.bindings.runtime").cudaRoundMode
cvt_bfloat16raw_to_fp8 = cuda_fp8.cvt_bfloat16raw_to_fp8
cvt_double_to_e8m0 = cuda_fp8.cvt_double_to_e8m0
cvt_e8m0_to_bf16raw = cuda_fp8.cvt_e8m0_to_bf16raw
cvt_float2_to_fp8x2 = cuda_fp8.cvt_float2_to_fp8x2
cvt_float_to_fp8 = cuda_fp8.cvt_float_to_fp8
fp8_e4m3 = cuda_fp8.fp8_e4m3
fp8_e5m2 = cuda_fp8.fp8_e5m2
fp8_e8m0 = cuda_fp8.fp8_e8m0
fp8_interpretation_t = cuda_fp8.fp8_interpretation_t
fp8x2_e4m3 = cuda_fp8.fp8x2_e4m3
saturation_t = cuda_fp8.saturation_t
BYTES = types.Array(types.uint8, 1, "C")
WORDS = types.Array(types.uint16, 1, "C")
SINGLES = types.Array(types.float32, 1, "C")
LONGS = types.Array(types.int64, 1, "C")
CODES = np.arange(256, dtype=np.uint8)
FORMATS = {
    "e4m3": (fp8_e4m3, torch.float8_e4m3fn, ml_dtypes.float8_e4m3fn),
    "e5m2": (fp8_e5m2, torch.float8_e5m2, ml_dtypes.float8_e5m2),
    "e8m0": (fp8_e8m0, torch.float8_e8m0fnu, ml_dtypes.float8_e8m0fnu),
}
COMPILED = []
# What CUDA's own header says about itself.
pytestmark = pytest.mark.filterwarnings("ignore:NVRTC log messages")


def compiled(*argtypes):
    """Put a kernel into the list of those that must also compile for a GPU."""

    def add(function):
        kernel = cuda.jit(function)
        COMPILED.append((kernel, argtypes))
        return kernel

    return add


def decoder(eight):
    element = eight._nbtype

    def decode(codes, floats, integers):
        i = cuda.grid(1)
        number = codes.view(element)[i]
        floats[3 * i] = float32(number)
        floats[3 * i + 1] = float32(types.float16(number))
        floats[3 * i + 2] = float64(bfloat16(number))
        integers[i] = int32(number)

    return cuda.jit(decode)


@pytest.mark.parametrize("name", FORMATS)
def test_all_codes(name):
    eight, torchs, _ = FORMATS[name]
    floats, integers = np.zeros(768, np.float32), np.zeros(256, np.int64)
    kernel = decoder(eight)
    run = gpusim.simulate(kernel)[8, 32](CODES, floats, integers)
    expected = torch.from_numpy(CODES).view(torchs).float()
    columns = [expected, expected.half().float(), expected]
    np.testing.assert_array_equal(floats.reshape(-1, 3), torch.stack(columns, 1).numpy())
    with np.errstate(invalid="ignore"):
        wide = expected.numpy().astype(np.float64)
    clipped = np.nan_to_num(wide).clip(-(2.0**31), 2.0**31 - 1)
    np.testing.assert_array_equal(integers, np.trunc(clipped).astype(np.int64))
    assert (run.counts["global"]["loads"], run.counts["global"]["load_bytes"]) == (256, 256)
    gpusim.compile(kernel, (BYTES, SINGLES, LONGS))


def encoder(eight):
    element = eight._nbtype

    def encode(numbers, codes):
        i = cuda.grid(1)
        codes.view(element)[2 * i] = eight(numbers[i])
        codes.view(element)[2 * i + 1] = eight(float64(numbers[i]))

    return cuda.jit(encode)


@pytest.mark.parametrize("name", ["e4m3", "e5m2"])
def test_constructors_saturate(name):
    eight, torchs, element = FORMATS[name]
    largest = float(ml_dtypes.finfo(element).max)
    numbers = np.linspace(-3, 3, 64).astype(np.float32) ** 5
    numbers[:4] = [np.inf, -np.inf, 1e30, -0.0]
    codes = np.zeros(128, np.uint8)
    kernel = encoder(eight)
    gpusim.simulate(kernel)[2, 32](numbers, codes)
    expected = torch.from_numpy(numbers).clamp(-largest, largest).to(torchs).view(torch.uint8).numpy()
    np.testing.assert_array_equal(codes.reshape(-1, 2), np.stack([expected, expected], 1))
    gpusim.compile(kernel, (SINGLES, BYTES))


def test_e8m0_takes_the_power_above():
    numbers = np.float32([1, 1.0001, 3, 4, -5, 0, 2.0**-140, 1e38, 3e38, np.inf, np.nan])
    codes = np.zeros(2 * numbers.size, np.uint8)
    gpusim.simulate(encoder(fp8_e8m0))[1, numbers.size](numbers, codes)
    powers = [0, 1, 2, 2, 3, -127, -127, 127, 127, 127, 128]
    assert codes[::2].tolist() == [power + 127 for power in powers]
    assert codes[1::2].tolist() == codes[::2].tolist()


@compiled(SINGLES, BYTES)
def all_sources(floats, codes):
    out = codes.view(fp8_e5m2_type)
    out[0] = fp8_e5m2(floats[0])
    out[1] = fp8_e5m2(types.float16(floats[0]))
    out[2] = fp8_e5m2(bfloat16(floats[0]))
    out[3] = fp8_e5m2(int32(-11))
    out[4] = fp8_e5m2(int64(2**40))
    out[5] = fp8_e5m2(uint8(9))


fp8_e5m2_type = fp8_e5m2._nbtype


def test_sources():
    codes = np.zeros(6, np.uint8)
    gpusim.simulate(all_sources)[1, 1](np.float32([1.4]), codes)
    values = codes.view(ml_dtypes.float8_e5m2).astype(float)
    # Eight codes lie between two powers of two; ties go to the even one.
    assert values.tolist() == [1.5, 1.5, 1.5, -12, 57344, 8]


@compiled(SINGLES, BYTES, WORDS)
def bits(numbers, codes, words):
    i = cuda.grid(1)
    x = numbers[i]
    codes[6 * i] = cvt_float_to_fp8(x, saturation_t.NOSAT, fp8_interpretation_t.E4M3)
    codes[6 * i + 1] = cvt_float_to_fp8(x, saturation_t.SATFINITE, fp8_interpretation_t.E4M3)
    codes[6 * i + 2] = cvt_float_to_fp8(x, saturation_t.NOSAT, fp8_interpretation_t.E5M2)
    codes[6 * i + 3] = cvt_double_to_e8m0(float64(x), saturation_t.NOSAT, cudaRoundMode.cudaRoundPosInf)
    codes[6 * i + 4] = cvt_double_to_e8m0(float64(x), saturation_t.SATFINITE, cudaRoundMode.cudaRoundZero)
    raw = cvt_e8m0_to_bf16raw(codes[6 * i + 3])
    codes[6 * i + 5] = cvt_bfloat16raw_to_fp8(raw, saturation_t.NOSAT, fp8_interpretation_t.E4M3)
    words[2 * i] = raw.x
    pair = cuda.float32x2(x, float32(1))
    words[2 * i + 1] = cvt_float2_to_fp8x2(pair, saturation_t.SATFINITE, fp8_interpretation_t.E4M3)
    fp8x2_e4m3(pair)


def test_bits():
    numbers = np.float32([0.3, -300, 1000, 6, np.inf])
    codes, words = np.zeros(30, np.uint8), np.zeros(10, np.uint16)
    gpusim.simulate(bits)[1, 5](numbers, codes, words)
    tensor = torch.from_numpy(numbers)
    small = tensor[[0, 1, 3]].to(torch.float8_e4m3fn).view(torch.uint8).tolist()
    table = codes.reshape(5, 6)
    assert table[:, 0].tolist() == [small[0], small[1], 0x7F, small[2], 0x7F]
    assert table[:, 1].tolist() == [small[0], small[1], 0x7E, small[2], 0x7E]
    np.testing.assert_array_equal(table[:, 2], tensor.to(torch.float8_e5m2).view(torch.uint8).numpy())
    exponents = np.log2(np.abs(numbers))
    assert table[:4, 3].tolist() == (np.ceil(exponents[:4]) + 127).astype(int).tolist()
    assert table[:4, 4].tolist() == (np.floor(exponents[:4]) + 127).astype(int).tolist()
    assert table[4, 3:5].tolist() == [0xFF, 0xFE]
    powers = np.exp2(np.ceil(exponents))
    powers[4] = np.nan
    actual = words[::2].view(ml_dtypes.bfloat16).astype(np.float32)
    np.testing.assert_array_equal(actual, powers)
    expected = torch.from_numpy(powers[[0, 3]]).to(torch.float8_e4m3fn).view(torch.uint8).tolist()
    assert table[[0, 3], 5].tolist() == expected
    assert (words[1::2] == table[:, 1].astype(np.uint16) + 0x3800).all(), "1.0 in e4m3 is 0x38, in the high byte"


@compiled(SINGLES, SINGLES)
def quantised(a, out):
    tile = cuda.shared.array(64, uint8).view(fp8_e4m3_type)
    i = cuda.threadIdx.x
    tile[i] = fp8_e4m3(a[i])
    cuda.syncthreads()
    out[i] = float32(tile[63 - i])


fp8_e4m3_type = fp8_e4m3._nbtype


def test_shared_bytes_are_counted_and_checked():
    a, out = np.random.default_rng(0).normal(size=64).astype(np.float32), np.zeros(64, np.float32)
    run = gpusim.simulate(quantised)[1, 64](a, out)
    np.testing.assert_array_equal(out, torch.from_numpy(a[::-1].copy()).to(torch.float8_e4m3fn).float().numpy())
    assert run.findings == []
    shared = run.counts["shared"]
    assert (shared["stores"], shared["store_bytes"], shared["load_bytes"]) == (64, 64, 64)
    # A warp's 32 bytes are 8 words of 8 banks.
    assert (shared["store_requests"], shared["store_wavefronts"], shared["store_bank_conflicts"]) == (2, 2, 0)


def test_a_missing_barrier_is_a_race():
    @cuda.jit
    def racy(a, out):
        tile = cuda.shared.array(64, uint8).view(fp8_e4m3_type)
        i = cuda.threadIdx.x
        tile[i] = fp8_e4m3(a[i])
        out[i] = float32(tile[63 - i])

    run = gpusim.simulate(racy)[1, 64](np.ones(64, np.float32), np.zeros(64, np.float32))
    assert {finding.tool for finding in run.findings} == {"racecheck"}


@pytest.mark.parametrize("kernel", COMPILED, ids=lambda entry: entry[0].__name__)
def test_kernels_compile_for_a_gpu(kernel):
    function, argtypes = kernel
    assert gpusim.compile(function, argtypes).spill_store_bytes == 0


@cuda.jit
def adds(a, out):
    out[0] = float32(fp8_e4m3(a[0]) + fp8_e4m3(a[1]))


@cuda.jit
def compares(a, out):
    out[0] = fp8_e4m3(a[0]) == fp8_e4m3(a[1])


@cuda.jit
def converts(a, out):
    out[0] = float32(fp8_e4m3(fp8_e5m2(a[0])))


@cuda.jit
def calls_float(a, out):
    out[0] = float(fp8_e5m2(a[0]))


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (adds, r"no \+ of float8_e4m3fn"),
        (compares, "no == of float8_e4m3fn"),
        (converts, "no cast of float8_e5m2 to float8_e4m3fn"),
        (calls_float, "no float of float8_e5m2"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_a_gpu_refuses_is_refused(kernel, words):
    with pytest.raises(gpusim.KernelError, match=rf"test_float8.py:\d+: .*{words}"):
        gpusim.simulate(kernel)[1, 1](np.ones(2, np.float32), np.ones(2, np.float32))
    with pytest.raises(gpusim.KernelError):
        gpusim.compile(kernel, (SINGLES, SINGLES))


def test_other_rounding_modes_are_refused():
    @cuda.jit
    def kernel(a, out):
        out[0] = cvt_double_to_e8m0(float64(a[0]), saturation_t.NOSAT, cudaRoundMode.cudaRoundNearest)

    with pytest.raises(gpusim.KernelError, match="rounds to cudaRoundZero or cudaRoundPosInf only"):
        gpusim.simulate(kernel)[1, 1](np.ones(2, np.float32), np.ones(2, np.float32))


def test_arrays_of_8_bits_are_no_arguments():
    with pytest.raises(gpusim.KernelError, match=r"array 'a' holds float8_e4m3fn.*pass a\.view\(np\.uint8\)"):
        gpusim.simulate(adds)[1, 1](np.ones(2, ml_dtypes.float8_e4m3fn), np.ones(2, np.float32))
