"""Casts of float16, bfloat16 and 8-bit floats, bit by bit: NVIDIA's headers, and PyTorch's types."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.cuda_header import Header

from gpusim.kernel.dialects import NUMBA
from gpusim.numeric import TypingError, as_dtype, cast
from gpusim.numeric.dtypes import BFLOAT16, FLOAT8_E4M3, FLOAT8_E5M2, FLOAT8_E8M0
from gpusim.numeric.integers import clamped
from gpusim.numeric.narrow import rounded, to_e8m0, to_float8

NARROW = {
    "half": np.dtype(np.float16),
    "bfloat16": BFLOAT16,
    "e4m3": FLOAT8_E4M3,
    "e5m2": FLOAT8_E5M2,
    "e8m0": FLOAT8_E8M0,
}
INTEGERS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
SHORT = {"int8": "char", "uint8": "uchar", "int16": "short", "uint16": "ushort", "int32": "int", "uint32": "uint",
         "int64": "ll", "uint64": "ull"}  # fmt: skip
CLASSES = {"e4m3": "__nv_fp8_e4m3(x)", "e5m2": "__nv_fp8_e5m2(x)", "e8m0": "__nv_fp8_e8m0(x)"}

FROM_FLOATS = [("float32", word, f"__float2{word}_r{mode}(x)") for word in ("half", "bfloat16") for mode in "nzdu"]
FROM_FLOATS += [("float64", word, f"__double2{word}(x)") for word in ("half", "bfloat16")]
FROM_FLOATS += [
    (source, eight, CLASSES[eight]) for source in ("float32", "float64", "half", "bfloat16") for eight in CLASSES
]
FROM_INTEGERS = [
    (name, word, f"__{SHORT[name]}2{word}_rn(x)") for name in INTEGERS[2:] for word in ("half", "bfloat16")
] + [(name, eight, CLASSES[eight]) for name in INTEGERS[2:] for eight in CLASSES]
TO_INTEGERS = [(word, name, f"__{word}2{SHORT[name]}_rz(x)") for name in INTEGERS for word in ("half", "bfloat16")]
TO_INTEGERS += [(eight, name, "x") for name in INTEGERS for eight in CLASSES]
TO_FLOATS = [(eight, wide, "x") for eight in CLASSES for wide in ("float32", "float64", "half", "bfloat16")]
TO_BITS = [
    (source, "uint8", f"__nv_cvt_{name}_to_fp8(x, {saturation}, {kind})")
    for source, name in (("float32", "float"), ("float64", "double"), ("bfloat16", "bfloat16raw"))
    for saturation in ("__NV_NOSAT", "__NV_SATFINITE")
    for kind in ("__NV_E4M3", "__NV_E5M2")
]
TO_POWERS = [
    (source, "uint8", f"__nv_cvt_{name}_to_e8m0(x, {saturation}, {mode})")
    for source, name in (("float32", "float"), ("float64", "double"), ("bfloat16", "bfloat16raw"))
    for saturation in ("__NV_NOSAT", "__NV_SATFINITE")
    for mode in ("cudaRoundZero", "cudaRoundPosInf")
]
ALL = {*FROM_FLOATS, *FROM_INTEGERS, *TO_INTEGERS, *TO_FLOATS, *TO_BITS, *TO_POWERS}


@pytest.fixture(scope="module")
def header(tmp_path_factory) -> Header:
    return Header(ALL, tmp_path_factory.mktemp("header"))


def some_floats() -> np.ndarray:
    """All narrow numbers, the middles between neighbours, both with neighbours of their own, and others, float64."""
    numbers = [np.arange(2 ** (8 * t.itemsize)).astype(f"u{t.itemsize}").view(t) for t in NARROW.values()]
    with np.errstate(invalid="ignore"):
        narrow = np.unique(np.concatenate([n[np.isfinite(n)].astype(np.float64) for n in numbers]))
    middles = np.concatenate([narrow, (narrow[1:] + narrow[:-1]) / 2])
    rng = np.random.default_rng(0)
    others = np.ldexp(rng.uniform(-2, 2, 20000), rng.integers(-160, 140, 20000))
    beside = [np.nextafter(middles, np.inf), np.nextafter(middles, -np.inf)]
    return np.concatenate([middles, *beside, others, [np.inf, -np.inf, -0.0, 1e300, -1e-300]])


FLOATS = some_floats()


def inputs(name: str) -> np.ndarray:
    """Numbers of a type, without NaN unless it is narrow: all of a narrow type, ties and others of a wide one."""
    if name in NARROW:
        dtype = NARROW[name]
        return np.arange(2 ** (8 * dtype.itemsize)).astype(f"u{dtype.itemsize}").view(dtype)
    dtype = np.dtype(name)
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            return np.unique(FLOATS.astype(dtype))
    rng = np.random.default_rng(1)
    shift = np.arange(8 * dtype.itemsize - 1)
    ties = (np.arange(1, 1024)[:, None] << shift).astype(dtype).reshape(-1)
    others = rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, 5000, dtype, endpoint=True)
    limits = np.array([np.iinfo(dtype).min, np.iinfo(dtype).max], dtype)
    return np.concatenate([ties, ties + dtype.type(1), ties - dtype.type(1), others, limits])


def assert_same_bits(actual: np.ndarray, expected: np.ndarray, values: np.ndarray) -> None:
    """NaN has many representations; but for those, the bits are the same."""
    bits = actual.view(f"u{actual.dtype.itemsize}")
    nan = np.isnan(actual.astype(np.float64)) & np.isnan(expected.view(actual.dtype).astype(np.float64))
    wrong = (bits != expected.view(bits.dtype)) & ~nan
    assert not wrong.any(), (values[wrong][:5], actual[wrong][:5], expected.view(actual.dtype)[wrong][:5])


def ids(conversion: tuple[str, str, str]) -> str:
    return f"{conversion[0]}-{conversion[1]}-{conversion[2]}"


@pytest.mark.parametrize("conversion", FROM_FLOATS + FROM_INTEGERS, ids=ids)
def test_to_narrow(header, conversion):
    source, target, expression = conversion
    values, dtype = inputs(source), NARROW[target]
    with np.errstate(all="ignore"):
        actual = rounded(values, dtype, expression[-4]) if "_r" in expression else cast(values, dtype)
    assert_same_bits(actual, header(*conversion, values), values)


@pytest.mark.parametrize("conversion", TO_INTEGERS, ids=ids)
def test_to_integers(header, conversion):
    source, target, _ = conversion
    values = inputs(source)
    with np.errstate(all="ignore"):
        actual = clamped(values, np.dtype(target))
    np.testing.assert_array_equal(actual, header(*conversion, values))


@pytest.mark.parametrize("conversion", TO_FLOATS, ids=ids)
def test_from_8_bits(header, conversion):
    source, target, _ = conversion
    values = inputs(source)
    with np.errstate(all="ignore"):
        actual = cast(values, NARROW.get(target, as_dtype(target) if target not in NARROW else None))
    assert_same_bits(actual, header(*conversion, values), values)


@pytest.mark.parametrize("conversion", TO_BITS, ids=ids)
def test_to_the_bits_of_8(header, conversion):
    values = inputs(conversion[0])
    dtype = FLOAT8_E4M3 if "E4M3" in conversion[2] else FLOAT8_E5M2
    with np.errstate(all="ignore"):
        actual = to_float8(values, dtype, saturate="SATFINITE" in conversion[2])
    np.testing.assert_array_equal(actual.view(np.uint8), header(*conversion, values))


@pytest.mark.parametrize("conversion", TO_POWERS, ids=ids)
def test_to_powers_of_two(header, conversion):
    values = inputs(conversion[0])
    with np.errstate(all="ignore"):
        actual = to_e8m0(values, "SATFINITE" in conversion[2], up="PosInf" in conversion[2])
    np.testing.assert_array_equal(actual.view(np.uint8), header(*conversion, values))


@pytest.mark.parametrize(
    ("dtype", "torchs"),
    [(BFLOAT16, torch.bfloat16), (FLOAT8_E4M3, torch.float8_e4m3fn), (FLOAT8_E5M2, torch.float8_e5m2)],
    ids=lambda t: str(t),
)
def test_casts_are_pytorchs(dtype, torchs):
    """To nearest; what PyTorch does with numbers that are too large for e4m3 changes with its version."""
    values = inputs("float32")
    values = values[abs(values) <= 448] if dtype == FLOAT8_E4M3 else values
    expected = torch.from_numpy(values).to(torchs)
    with np.errstate(all="ignore"):
        actual = rounded(values, dtype, "n") if dtype == BFLOAT16 else to_float8(values, dtype, saturate=False)
        back = cast(actual, np.dtype(np.float32))
    np.testing.assert_array_equal(back, expected.float().numpy())


@given(st.floats(width=64), st.sampled_from("nduz"), st.sampled_from([np.dtype(np.float16), BFLOAT16]))
def test_rounding_modes_bracket_the_number(x, mode, dtype):
    """By their definition: the next number below, above or towards zero, and the nearer of the two."""
    value = np.float64(x)
    with np.errstate(all="ignore"):
        result = float(rounded(value, dtype, mode))
        down, up = (float(rounded(value, dtype, way)) for way in "du")
    if np.isnan(x):
        assert np.isnan(result)
        return
    assert down <= x <= up
    assert result in (down, up)
    if down != up:
        with np.errstate(over="ignore"):
            assert np.nextafter(dtype.type(down), dtype.type(np.inf)) == dtype.type(up)
    if mode == "z":
        assert abs(result) <= abs(x)
    if mode == "n" and np.isfinite([down, up]).all():
        assert abs(result - x) == min(abs(down - x), abs(up - x))


def test_uniform_values_stay_scalars():
    for dtype in NARROW.values():
        value = cast(np.float32(2), dtype)
        assert isinstance(value, np.generic)
        assert value.dtype == dtype
        assert type(cast(value, np.dtype(np.int32))) is np.int32
        assert cast(value, np.dtype(np.float32)) == 2


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (BFLOAT16, np.dtype(np.float16)),
        (FLOAT8_E4M3, FLOAT8_E5M2),
        (FLOAT8_E8M0, FLOAT8_E4M3),
        (BFLOAT16, np.dtype(np.complex64)),
        (np.dtype(np.complex128), FLOAT8_E4M3),
        (np.dtype("M8[s]"), BFLOAT16),
    ],
)
def test_casts_that_numba_lacks(source, target):
    with pytest.raises(TypingError, match=f"no cast of {source.name.split('[')[0]}"):
        cast(np.zeros(2, source), target)


def test_names_of_types():
    cuda_fp8 = pytest.importorskip("numba.cuda._internal.cuda_fp8", reason="needs numba-cuda: floats of 8 bits")
    types = NUMBA.module("types")

    assert as_dtype(types.bfloat16) == as_dtype(ml_dtypes.bfloat16) == as_dtype("bfloat16") == BFLOAT16
    for name, dtype in (("e4m3", FLOAT8_E4M3), ("e5m2", FLOAT8_E5M2), ("e8m0", FLOAT8_E8M0)):
        assert as_dtype(getattr(cuda_fp8, f"fp8_{name}")) == as_dtype(getattr(cuda_fp8, f"_type_fp8_{name}")) == dtype
