"""Casts, literals, truth and selection against compiled code and against the rules written out."""

import itertools

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gpusim.numeric import TypingError, as_dtype, cast, literal, select, truth

REAL = [as_dtype(letter) for letter in "?bhiqBHIQfd"]
ALL = [*REAL, np.dtype("F"), np.dtype("D")]


def adversarial(dtype):
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        values = [0, 1, 127, 128, 255, 256, 300, 2**15, 2**16, 2**31, 2**32, 2**53 + 1, -1, -128, -129]
        values += [info.min, info.max]
        return np.array([v for v in values if info.min <= v <= info.max], dtype)
    values = [0.0, -0.0, 0.5, -0.5, 1.9, -1.9, 127.5, 128, 255.9, -128.9, 300, -300, 32768, 65536, 1e-40, 16777217.0]
    return np.array(values, dtype)


# Beyond every narrower integer; LLVM leaves their casts to integers undefined.
WILD = [1e5, -1e5, 3e9, -3e9, 1e10, -1e10, 1e19, -1e19, 1.5e19, 1e20, 2.0**31, 2.0**32, 2.0**63, 2.0**64]
WILD += [np.inf, -np.inf, np.nan]
FLOATS, INTEGERS = [np.dtype("f4"), np.dtype("f8")], REAL[1:9]


@pytest.fixture(scope="module")
def compiled_cast():
    """Casts a vector to the type of another as compiled code does it, by storing into it."""

    @numba.njit
    def store(values, out):
        for i in range(values.size):
            out[i] = values[i]

    def cast_by_numba(values, dtype):
        out = np.zeros(values.size, dtype)
        store(values, out)
        return out

    return cast_by_numba


@pytest.fixture(autouse=True)
def as_in_a_launch():
    with np.errstate(all="ignore"):
        yield


def fits(value, target):
    """Does C define the cast of this float to an integer type?"""
    return bool(np.isfinite(value)) and np.iinfo(target).min <= int(value) <= np.iinfo(target).max


def identical(a, b):
    return a.dtype == b.dtype and np.array_equal(a.view(np.uint8), b.view(np.uint8))


@pytest.mark.parametrize(("source", "target"), list(itertools.product(REAL, ALL)), ids=str)
def test_casts_of_defined_values(source, target, compiled_cast):
    values = adversarial(source)
    if source.kind == "f" and target.kind in "iu":
        values = np.array([value for value in values if fits(value, target)], source)
    lanes = cast(values, target)
    assert identical(lanes, compiled_cast(values, target))
    uniform = [cast(value, target) for value in values]
    assert all(type(value) is target.type for value in uniform)
    assert identical(lanes, np.array(uniform))


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_integers_wrap_around(data):
    source, target = (data.draw(st.sampled_from(REAL[1:9])) for _ in range(2))
    values = data.draw(hnp.arrays(source, 8))
    bits = 8 * target.itemsize
    wrapped = [int(v) % 2**bits for v in values]
    if target.kind == "i":
        wrapped = [v - 2**bits if v >= 2 ** (bits - 1) else v for v in wrapped]
    assert cast(values, target).tolist() == wrapped
    assert [cast(v, target) for v in values] == wrapped


# What a GPU makes of floats that an integer cannot hold. numba-cuda compiles a cvt.rzi to the integer's type, but to 16
# bits for one of 8, of which a store keeps the lower 8 (`test_numeric_ptx` looks at the code). PTX ISA, "cvt": the
# result is clamped to the range of the destination; NaN gives 0, but 2^(bits - 1) from .f64 and to .s64 and .u64.
CLAMPED = {
    #        300    -300   40000  -40000  1e10         -1e10   inf        -inf    NaN of f4  NaN of f8
    "int8": (44, -44, -1, 0, -1, 0, -1, 0, 0, 0),
    "uint8": (44, 0, 64, 0, 255, 0, 255, 0, 0, 0),
    "int16": (300, -300, 32767, -32768, 32767, -32768, 32767, -32768, 0, -32768),
    "uint16": (300, 0, 40000, 0, 65535, 0, 65535, 0, 0, 32768),
    "int32": (300, -300, 40000, -40000, 2**31 - 1, -(2**31), 2**31 - 1, -(2**31), 0, -(2**31)),
    "uint32": (300, 0, 40000, 0, 2**32 - 1, 0, 2**32 - 1, 0, 0, 2**31),
    "int64": (300, -300, 40000, -40000, 10**10, -(10**10), 2**63 - 1, -(2**63), -(2**63), -(2**63)),
    "uint64": (300, 0, 40000, 0, 10**10, 0, 2**64 - 1, 0, 2**63, 2**63),
}


@pytest.mark.parametrize("source", FLOATS, ids=str)
@pytest.mark.parametrize("target", CLAMPED)
def test_floats_beyond_an_integer_are_clamped_as_on_a_gpu(source, target):
    *expected, nan_of_single, nan_of_double = CLAMPED[target]
    expected.append(nan_of_single if source == np.float32 else nan_of_double)
    values = np.array([300, -300, 40000, -40000, 1e10, -1e10, np.inf, -np.inf, np.nan], source)
    assert cast(values, as_dtype(target)).tolist() == expected
    assert [int(cast(value, as_dtype(target))) for value in values] == expected


def clamp(value, target, nan):
    """The manual's rule in Python's integers."""
    bits = max(16, 8 * target.itemsize)
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if target.kind == "i" else (0, 2**bits - 1)
    whole = nan if np.isnan(value) else int(max(min(value, 2.0**70), -(2.0**70)))
    kept = min(max(whole, low), high) % 2 ** (8 * target.itemsize)
    return kept - 2 ** (8 * target.itemsize) if target.kind == "i" and kept >> (8 * target.itemsize - 1) else kept


@pytest.mark.parametrize("source", FLOATS, ids=str)
@pytest.mark.parametrize("target", INTEGERS, ids=str)
def test_floats_at_the_limits_of_integers(source, target):
    with np.errstate(over="ignore"):
        limits = np.array([sign * 2.0**k for k in range(6, 66) for sign in (1, -1)], source)
        beside = [np.nextafter(limits, source.type(end)) for end in (-np.inf, np.inf)]
        values = np.concatenate([limits, *beside, limits - 1, limits + 1, np.array(WILD, source)])
    wide = 8 * max(2, target.itemsize)
    nan = 0 if source.itemsize < 8 and wide < 64 else (-1 if target.kind == "i" else 1) * 2 ** (wide - 1)
    expected = [clamp(float(value), target, nan) for value in values]
    assert cast(values, target).tolist() == expected
    assert [int(cast(value, target)) for value in values] == expected


@given(
    source=st.sampled_from(FLOATS),
    target=st.sampled_from(INTEGERS),
    size=st.integers(1, 70),
    place=st.integers(0, 69),
    beyond=st.sampled_from(WILD),
)
@settings(max_examples=200, deadline=None)
def test_a_lane_does_not_depend_on_its_neighbours(source, target, size, place, beyond):
    """Vector code handles several lanes together and the last ones alone; one that does not fit changes no other."""
    values = np.linspace(0, 100, size).astype(source)
    expected = cast(values, target)
    values[place % size], expected[place % size] = beyond, cast(source.type(beyond), target)
    assert identical(cast(values, target), expected)


@pytest.mark.parametrize("source", [np.dtype("f2"), np.dtype("f4"), np.dtype("f8")], ids=str)
@pytest.mark.parametrize("target", REAL[1:], ids=str)
def test_uniform_and_vector_casts_agree_on_undefined_values(source, target):
    values = np.array(WILD, source)
    assert identical(cast(values, target), np.array([cast(v, target) for v in values]))


def test_half_precision():
    values = np.array([0.1, 65504, 65519.9, 65520, 1e-8, -2.5])
    assert np.array_equal(cast(values, np.dtype("f2")), np.array([0.1, 65504, 65504, np.inf, 0, -2.5], "f2"))
    assert cast(np.float16(2.5), np.dtype("f4")) == np.float32(2.5)
    assert cast(np.float16(-2.5), np.dtype("i4")) == -2


def test_complex():
    assert cast(np.complex64(1 + 2j), np.dtype("D")) == 1 + 2j
    assert cast(np.float32(1.5), np.dtype("F")).dtype == np.complex64
    assert cast(np.complex64(2j), np.dtype("?"))
    with pytest.raises(TypingError, match="no cast of complex64 to float32"):
        cast(np.complex64(1), np.dtype("f4"))


def test_cast_to_its_own_type_is_the_value_itself():
    values = np.arange(3)
    assert cast(values, np.dtype("i8")) is values


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (True, np.bool_(True)), (3, np.int64(3)), (-(2**63), np.int64(-(2**63))), (2**63, np.uint64(2**63)),
        (2**64 - 1, np.uint64(2**64 - 1)), (0.5, np.float64(0.5)), (2j, np.complex128(2j)),
    ],
)  # fmt: skip
def test_literals(number, value):
    assert type(literal(number)) is type(value)
    assert literal(number) == value


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
def test_literals_beyond_64_bits(number):
    with pytest.raises(TypingError, match="does not fit into 64 bits"):
        literal(number)


@pytest.mark.parametrize("dtype", ALL, ids=str)
def test_truth(dtype):
    values = np.array([0, 1, 1, 0], dtype)
    assert truth(values).dtype == np.bool_
    assert truth(values).tolist() == [False, True, True, False]
    assert all(type(truth(v)) is np.bool_ and bool(truth(v)) == bool(v) for v in values)


def test_truth_of_nan_and_of_negative_zero():
    assert truth(np.float32(np.nan))
    assert not truth(np.float32(-0.0))
    assert truth(np.array([np.nan, -0.0])).tolist() == [True, False]


def test_select():
    a, b = np.array([1, 2, 3], np.int32), np.array([0.5, 1.5, 2.5], np.float32)
    mask = np.array([True, False, True])
    assert identical(select(mask, a, b), np.array([1, 1.5, 3]))
    assert identical(select(mask, np.int32(7), b), np.array([7, 1.5, 7]))
    assert identical(select(mask, np.int8(1), np.int8(2)), np.array([1, 2, 1], np.int8))
    assert identical(select(np.True_, a, b), a.astype(np.float64))
    assert type(select(np.False_, np.int32(1), np.uint8(2))) is np.int32
    with pytest.raises(TypingError):
        select(mask, a, np.array(["x"] * 3))


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (numba.float32, "float32"), (numba.types.int8, "int8"), (numba.boolean, "bool"), (numba.types.bool_, "bool"),
        (numba.complex64, "complex64"), (numba.types.float16, "float16"), (numba.intp, "int64"),
        (np.float32, "float32"), (np.dtype("u2"), "uint16"), (np.bool_, "bool"), ("f4", "float32"),
        (int, "int64"), (float, "float64"), (bool, "bool"), (complex, "complex128"),
        (numba.types.NPDatetime("s"), "datetime64[s]"),
    ],
)  # fmt: skip
def test_as_dtype(spec, name):
    assert as_dtype(spec) == np.dtype(name)


def test_both_of_cs_64_bit_integers_are_int64():
    for letter in ("l", "q"):
        value = cast(np.array([-1], letter), as_dtype("u8"))
        assert type(value[0]) is np.uint64
        assert type(cast(np.int32(1), as_dtype(letter))) is np.int64


def test_as_dtype_of_a_record():
    record = np.dtype([("x", "f4"), ("n", "i8")], align=True)
    assert as_dtype(numba.from_dtype(record)) == record


@pytest.mark.parametrize("spec", [str, object(), 3, "no such type", numba.types.unicode_type, len])
def test_as_dtype_refuses_what_is_no_type_of_numbers(spec):
    with pytest.raises(TypingError, match="not a type"):
        as_dtype(spec)
