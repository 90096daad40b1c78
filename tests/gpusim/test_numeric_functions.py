"""Functions on values against Python's math and cmath and against code that Numba compiles."""

import builtins
import cmath
import itertools
import math

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpusim.numeric import FUNCTIONS, TypingError, _table, as_dtype, generate, implementation
from gpusim.numeric.dtypes import unary_rule

INTEGERS = [as_dtype(letter) for letter in "bhiqBHIQ"]
FLOATS = [np.dtype("f4"), np.dtype("f8")]
UNARY = [f for f in generate.UNARY if f.__module__ == "math" and f not in (math.frexp, math.modf)]
BINARY = [math.atan2, math.hypot, math.copysign, math.fmod, math.nextafter, math.remainder, math.pow]
REALS = [0.0, -0.0, 1, -1, 0.5, -0.5, 0.3, -0.7, 1.5, 2.5, -2.5, 3.7, 10, -10, 25.25, 1e-3, 1e3, 1e-20]
SPECIAL = [np.inf, -np.inf, np.nan]


@pytest.fixture(autouse=True)
def as_in_a_launch():
    with np.errstate(all="ignore"):
        yield


def by_python(function, *arguments):
    """Python's result, None where Python raises instead of returning what C's library does."""
    try:
        return float(function(*map(float, arguments)))
    except (ValueError, OverflowError):
        return None


def check_close(actual, expected, dtype, message, ulps=8):
    assert actual.dtype == dtype, message
    known = [i for i, value in enumerate(expected) if value is not None]
    reference = np.array([expected[i] for i in known])
    with np.errstate(all="ignore"):
        reference = reference.astype(dtype)
    eps = np.finfo(dtype).eps
    assert np.allclose(actual[known], reference, rtol=ulps * eps, atol=4 * eps * eps, equal_nan=True), message
    zeros = (reference == 0) & (actual[known] == 0)
    assert np.array_equal(np.signbit(actual[known][zeros]), np.signbit(reference[zeros])), message


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__)
def test_math_of_floats(function, dtype):
    values = np.array(REALS + SPECIAL, dtype)
    actual = FUNCTIONS[function](values)
    uniform = [FUNCTIONS[function](value) for value in values]
    assert all(type(value) is actual.dtype.type for value in uniform)
    expected = [by_python(function, value) for value in values]
    if actual.dtype == np.bool_:
        assert actual.tolist() == uniform == [function(value) for value in values]
    else:
        # Python rounds floor, ceil and trunc to integers, which have no negative zero.
        signless = function in (math.floor, math.ceil, math.trunc)
        reference = [abs(v) if signless and v is not None else v for v in expected]
        ulps = 64 if function is math.lgamma else 8
        check_close(abs(actual) if signless else actual, reference, dtype, function.__name__, ulps)
        check_close(np.array(uniform), list(actual), dtype, function.__name__)


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
@pytest.mark.parametrize("function", UNARY, ids=lambda f: f.__name__)
def test_math_of_integers_is_double_precision(function, dtype):
    values = np.array([0, 1, 2, 7, 100], dtype)
    actual = FUNCTIONS[function](values)
    if function in (math.isnan, math.isinf, math.isfinite):
        assert actual.tolist() == [function(int(v)) for v in values]
    else:
        check_close(actual, [by_python(function, v) for v in values], np.dtype("f8"), function.__name__)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
@pytest.mark.parametrize("function", BINARY, ids=lambda f: f.__name__)
def test_math_of_two_floats(function, dtype):
    pairs = list(itertools.product(np.array([*REALS, *SPECIAL], dtype), repeat=2))
    x, y = np.array(pairs, dtype).T
    actual = FUNCTIONS[function](x, y)
    if function is math.nextafter:
        assert np.array_equal(actual, np.nextafter(x, y), equal_nan=True)
        return
    check_close(actual, [by_python(function, *pair) for pair in pairs], dtype, function.__name__)
    uniform = np.array([FUNCTIONS[function](*pair) for pair in pairs[::7]])
    check_close(uniform, list(actual[::7]), dtype, function.__name__)


def test_math_typing_is_cudas():
    assert FUNCTIONS[math.floor](np.float32(2.7)).dtype == np.float32
    assert FUNCTIONS[math.floor](np.int32(2)).dtype == np.float64
    assert FUNCTIONS[math.sqrt](np.float16(2)).dtype == np.float16
    assert FUNCTIONS[math.sqrt](np.bool_(True)).dtype == np.float64
    assert FUNCTIONS[math.atan2](np.float32(1), np.int64(2)).dtype == np.float64
    assert FUNCTIONS[math.hypot](np.int32(3), np.int32(4)) == 5
    assert FUNCTIONS[math.pow](np.float32(3), np.int32(2)).dtype == np.float32
    with pytest.raises(TypingError, match=r"no math\.exp of complex64"):
        FUNCTIONS[math.exp](np.complex64(1))


def test_functions_of_several_results():
    fraction, whole = FUNCTIONS[math.modf](np.array([2.75, -2.75], np.float32))
    assert fraction.tolist() == [0.75, -0.75]
    assert whole.tolist() == [2, -2]
    assert fraction.dtype == whole.dtype == np.float32
    mantissa, exponent = FUNCTIONS[math.frexp](np.float64(-10))
    assert (mantissa, exponent) == math.frexp(-10)
    assert (type(mantissa), type(exponent)) == (np.float64, np.int32)
    assert FUNCTIONS[math.ldexp](np.float32(0.75), np.int64(4)) == 12


@pytest.mark.parametrize("function", [f for f in generate.UNARY if f.__module__ == "cmath"], ids=lambda f: f.__name__)
def test_cmath(function):
    values = np.array([complex(a, b) for a in (0.5, -2.5, 3.0) for b in (0.25, -1.5)])
    expected = [function(v) for v in values.tolist()]
    for dtype in (np.complex64, np.complex128):
        actual = FUNCTIONS[function](values.astype(dtype))
        assert actual.dtype == (bool if isinstance(expected[0], bool) else dtype)
        assert np.allclose(actual, expected, rtol=1e-6 if dtype is np.complex64 else 1e-14)


def test_cmath_log_of_a_base():
    assert FUNCTIONS[cmath.log](np.complex128(8j), np.complex128(2)) == pytest.approx(cmath.log(8j, 2))


@numba.njit
def compiled_min(x, y):
    return min(x, y)


@numba.njit
def compiled_max(x, y):
    return max(x, y)


@pytest.mark.parametrize("pair", list(itertools.product(["i1", "u1", "i4", "u8", "f4", "f8"], repeat=2)), ids="-".join)
@pytest.mark.parametrize(("function", "compiled"), [(min, compiled_min), (max, compiled_max)])
def test_min_and_max(function, compiled, pair):
    a, b = map(np.dtype, pair)
    xs, ys = np.array([0, 1, 2, 100, 3, 3], a), np.array([1, 0, 2, 7, 100, 4], b)
    actual = FUNCTIONS[function](xs, ys)
    expected = [compiled(x, y) for x, y in zip(xs, ys, strict=True)]
    assert actual.tolist() == expected
    assert actual.dtype == unified(a, b)
    assert type(FUNCTIONS[function](xs[0], ys[0])) is actual.dtype.type


def unified(a, b):
    signature = numba.njit(lambda x, y: min(x, y))
    types = (numba.from_dtype(a), numba.from_dtype(b))
    signature.compile(types)
    return np.dtype(str(signature.overloads[types].signature.return_type))


def test_min_and_max_prefer_numbers_to_nan_for_two_floats_only():
    nan, one, two = np.float32(np.nan), np.float32(1), np.float32(2)
    for function in (FUNCTIONS[min], FUNCTIONS[max]):
        assert function(nan, one) == function(one, nan) == 1
        # Python's comparisons: the first stays unless a later one is better, and nothing is better than NaN.
        assert np.isnan(function(nan, one, two))
        assert np.isnan(function(nan, np.int64(3)))
    assert FUNCTIONS[max](one, nan, two) == 2
    assert FUNCTIONS[max](np.array([np.nan, 1.0, 5.0]), np.float64(2)).tolist() == [2, 2, 5]


def test_min_and_max_of_tuples_and_bools():
    assert FUNCTIONS[max]((np.int32(1), np.float32(2.5), np.int8(3))) == 3
    assert FUNCTIONS[min](np.True_, np.False_) == np.False_
    assert type(FUNCTIONS[min](np.True_, np.False_)) is np.bool_
    with pytest.raises(TypingError):
        FUNCTIONS[max](np.True_, np.int64(1))
    with pytest.raises(TypingError, match="several values"):
        FUNCTIONS[max](np.float32(1))
    with pytest.raises(TypingError, match="max of complex64"):
        FUNCTIONS[max](np.complex64(1), np.complex64(2))


def test_abs():
    assert FUNCTIONS[abs](np.array([-3, 3, -128], np.int8)).tolist() == [3, 3, -128]
    assert FUNCTIONS[abs](np.complex64(3 + 4j)) == 5
    assert type(FUNCTIONS[abs](np.complex64(3 + 4j))) is np.float32
    assert type(FUNCTIONS[abs](np.uint8(3))) is np.uint8


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_round_is_half_even_and_an_integer(dtype):
    values = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 2.4999, 1e9], dtype)
    assert FUNCTIONS[round](values).tolist() == [round(float(v)) for v in values]
    assert FUNCTIONS[round](values).dtype == np.int64
    assert type(FUNCTIONS[round](values[0])) is np.int64


@given(st.floats(-1e6, 1e6), st.integers(-5, 8))
@settings(max_examples=300, deadline=None)
def test_round_to_digits(x, digits):
    compiled = round_by_numba(x, digits)
    actual = FUNCTIONS[round](np.float64(x), np.int64(digits))
    assert actual == compiled
    assert type(actual) is np.float64
    # The GPU's code rounds float32 in double precision; the CPU's does not.
    single = FUNCTIONS[round](np.float32(x), np.int64(digits))
    assert type(single) is np.float32
    assert single == np.float32(round_by_numba(float(np.float32(x)), digits))


@numba.njit
def round_by_numba(x, digits):
    return round(x, digits)


def test_round_to_digits_of_lanes():
    x = np.array([1.25, 2.675, 125.0, np.inf, np.nan, 1e300, 0.1])
    digits = np.array([1, 2, -1, 2, 2, 10, 5])
    expected = [round_by_numba(a, b) for a, b in zip(x, digits, strict=True)]
    assert np.array_equal(FUNCTIONS[round](x, digits), expected, equal_nan=True)


def test_round_saturates_as_numba_cuda_does():
    assert FUNCTIONS[round](np.float64(1e20), np.int64(2)) == 2.0**63 / 100


def test_divmod():
    q, r = FUNCTIONS[divmod](np.array([7, -7, 7, -7], np.int32), np.array([2, 2, -2, -2], np.int32))
    assert q.tolist() == [3, -4, -4, 3]
    assert r.tolist() == [1, 1, -1, -1]
    assert q.dtype == r.dtype == np.int64
    assert FUNCTIONS[divmod](np.float32(-7.5), np.float32(2)) == divmod(-7.5, 2)


def test_constructors():
    assert type(FUNCTIONS[int](np.float32(-2.7))) is np.int64
    assert FUNCTIONS[int](np.float32(-2.7)) == -2
    assert type(FUNCTIONS[int](np.uint8(3))) is np.uint8
    assert type(FUNCTIONS[float](np.int32(3))) is np.float64
    assert type(FUNCTIONS[float](np.float32(3))) is np.float32
    assert type(FUNCTIONS[bool](np.float32(0.1))) is np.bool_
    assert FUNCTIONS[complex](np.float32(1), np.float32(np.inf)) == complex(1, np.inf)
    assert type(FUNCTIONS[complex](np.float32(1), np.float32(2))) is np.complex64
    assert type(FUNCTIONS[complex](np.float64(1))) is np.complex128
    assert FUNCTIONS[complex](np.arange(2.0), np.float64(-0.0)).tolist() == [complex(0, -0.0), complex(1, -0.0)]
    with pytest.raises(TypingError, match="two real numbers"):
        FUNCTIONS[complex](np.complex64(1), np.float32(1))
    with pytest.raises(TypingError, match="float of complex"):
        FUNCTIONS[float](np.complex64(1))


def test_dates_and_durations():
    hours = np.array([1, -2], "m8[h]")
    assert FUNCTIONS[abs](hours).tolist() == np.array([1, 2], "m8[h]").tolist()
    assert FUNCTIONS[int](hours).tolist() == [1, -2]
    assert FUNCTIONS[max](hours, np.timedelta64(0, "h")).tolist() == np.array([1, 0], "m8[h]").tolist()
    assert implementation(np.add)(np.datetime64("2020-01-01"), np.timedelta64(1, "D")) == np.datetime64("2020-01-02")


def test_types_are_casts():
    assert implementation(np.float32)(np.arange(2)).dtype == np.float32
    assert implementation(numba.int8)(np.int64(300)) == 44
    assert implementation(np.dtype) is None
    assert implementation(numba.types.unicode_type) is None
    assert implementation(len) is None
    assert implementation(np.sum) is None
    assert implementation(builtins.pow) is FUNCTIONS[pow]


def test_every_math_function_of_numba_cuda_is_there():
    functions = {*generate.UNARY, *generate.BINARY}
    assert functions <= set(FUNCTIONS)


UFUNCS = [getattr(np, name) for names in _table.UFUNCS for name in names.split() if name != "isnat"]
# Loops that Numba's CPU target computes in float64 or as signed by accident; values here are exact.
INEXACT = {np.sign: "Q", np.lcm: "Q", np.power: "Q"}


def operands(dtype, ufunc):
    """Values on which the loops of NumPy and Numba are both defined."""
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind == "u":
        return np.array([1, 2, 3, 7], dtype)
    if dtype.kind == "i":
        low = 0 if ufunc in (np.left_shift, np.right_shift, np.power) else -5
        return np.array([max(low, -1), max(low, -4), 1, 2, 3, 7], dtype)
    values = [0.25, -0.25, 1.5, -1.5, 2.0, 3.7, -7.0]
    if dtype.kind == "c":
        return np.array([complex(a, b) for a in values[:4] for b in (0.5, -1.25)], dtype)
    return np.array([*values, 0.0, np.inf, np.nan] if ufunc.nin == 1 else [*values, np.inf, np.nan], dtype)


def check_ufunc(ufunc, dtypes):
    columns = [operands(dtype, ufunc) for dtype in dtypes]
    grid = [column.ravel() for column in np.meshgrid(*columns)]
    try:
        actual = implementation(ufunc)(*grid)
    except TypingError:
        return False
    actual = actual if isinstance(actual, tuple) else (actual,)
    letters = "xyzw"[: ufunc.nin]
    outputs = [f"o{k}" for k in range(len(actual))]
    targets, arguments = (", ".join(f"{name}[i]" for name in names) for names in (outputs, letters))
    source = f"def loop({', '.join([*letters, *outputs])}):\n    for i in range(x.size):\n"
    source += f"        {targets} = np.{ufunc.__name__}({arguments})\n"
    namespace = {"np": np}
    exec(source, namespace)
    expected = [np.zeros_like(value) for value in actual]
    numba.njit(error_model="numpy")(namespace["loop"])(*grid, *expected)
    for value, reference in zip(actual, expected, strict=True):
        if value.dtype.kind in "fc":
            eps = np.finfo(value.dtype).eps
            assert np.allclose(value, reference, rtol=16 * eps, atol=16 * eps, equal_nan=True), ufunc
        else:
            assert np.array_equal(value, reference), ufunc
    return True


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda u: u.__name__)
def test_ufuncs(ufunc):
    letters = ["i", "f", "d"] if ufunc.nin == 1 else ["ii", "ff", "if"]
    if ufunc is np.fmod:
        letters.remove("ii")  # Python's remainder on the CPU, C's on the GPU
    checked = [check_ufunc(ufunc, [np.dtype(c) for c in case]) for case in letters]
    assert any(checked)


@pytest.mark.slow
@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda u: u.__name__)
def test_ufuncs_of_every_type(ufunc):
    for case in ["?", *"bqBQFD"] if ufunc.nin == 1 else ["??", "bb", "BB", "qq", "QQ", "dd", "qd", "fd", "FF", "DD"]:
        if case[0] not in INEXACT.get(ufunc, "") and not (ufunc is np.fmod and case[0] in "bq"):
            check_ufunc(ufunc, [np.dtype(c) for c in case])


def test_ufuncs_where_numba_is_not_numpy():
    assert implementation(np.floor_divide)(np.float64(1), np.float64(0.1)) == 10
    assert np.floor_divide(1, 0.1) == 9
    assert not np.signbit(implementation(np.remainder)(np.float64(-4), np.float64(2)))
    lowest = np.int64(np.iinfo(np.int64).min)
    assert implementation(np.floor_divide)(lowest, np.int64(-1)) == 0
    assert implementation(np.divmod)(lowest, np.int64(-1)) == (0, 0)
    assert implementation(np.power)(np.int64(2), np.int64(-1)) == 0
    assert implementation(np.fmod)(np.int64(-7), np.int64(3)) == -1
    assert implementation(np.sqrt)(np.int8(4)).dtype == np.float32
    assert implementation(np.sqrt)(np.float16(4)).dtype == np.float32
    with pytest.raises(TypingError, match=r"no np\.bitwise_and of float32"):
        implementation(np.bitwise_and)(np.float32(1), np.float32(1))
    with pytest.raises(TypingError, match=r"no np\.heaviside"):
        implementation(np.heaviside)(np.float32(1), np.float32(1))


def test_results_do_not_share_memory_with_arguments():
    values = np.arange(3.0)
    for function in (np.positive, np.conjugate, np.floor):
        assert not np.shares_memory(implementation(function)(values), values)
    assert unary_rule("abs", np.dtype("f4"))[1] == (np.dtype("f4"),)
