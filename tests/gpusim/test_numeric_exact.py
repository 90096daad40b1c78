"""Arithmetic that is rounded once, against its definition in fractions, and against math.fma where Python has it."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpusim.numeric import exact

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
TWO = {"add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y, "div": lambda x, y: x / y}
NAMES = [*TWO, "rcp", "sqrt", "fma"]
floats = {SINGLE: st.floats(width=32, allow_nan=False, allow_infinity=False),
          DOUBLE: st.floats(allow_nan=False, allow_infinity=False)}  # fmt: skip


def compare(name, operands, number):
    """Below 0, 0, or above 0, as the exact result of an operation is below, at or above a number."""
    x = [Fraction(float(operand)) for operand in operands]
    if math.isinf(number):
        return -1 if number > 0 else 1
    if name == "sqrt":
        difference = x[0] - Fraction(float(number)) * abs(Fraction(float(number)))
    else:
        result = {**TWO, "rcp": lambda x: 1 / x, "fma": lambda x, y, z: x * y + z}[name](*x)
        difference = result - Fraction(float(number))
    return (difference > 0) - (difference < 0)


@given(data=st.data(), dtype=st.sampled_from([SINGLE, DOUBLE]), name=st.sampled_from(NAMES))
def test_rounding_in_a_direction_is_the_next_number_there(data, dtype, name):
    count = {"rcp": 1, "sqrt": 1, "fma": 3}.get(name, 2)
    operands = [dtype.type(data.draw(floats[dtype])) for _ in range(count)]
    if name in ("div", "rcp") and operands[-1] == 0:
        operands[-1] = dtype.type(3)
    if name == "sqrt":
        operands[0] = abs(operands[0])
    down, near, up, zero = (exact.rounded(name, mode)(*operands) for mode in "dnuz")
    assert all(type(result) is dtype.type for result in (down, near, up, zero))
    assert compare(name, operands, down) >= 0 >= compare(name, operands, up)
    if compare(name, operands, down) == 0:
        assert down == near == up == zero
        return
    with np.errstate(over="ignore"):
        assert np.nextafter(down, dtype.type(np.inf)) == up
    assert near in (down, up)
    assert zero == (down if compare(name, operands, dtype.type(0)) > 0 else up)
    if name != "fma":
        with np.errstate(all="ignore"):
            plain = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "sqrt": np.sqrt}
            assert near == plain.get(name, lambda x: dtype.type(1) / x)(*operands)


def nearest_fma(a, b, c):
    """By its definition: of the two neighbours, the nearer one; at a tie the even one."""
    result = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
    if result == 0:
        return a * b + c
    try:
        return np.float64(result.numerator / result.denominator)
    except OverflowError:
        return np.float64(math.inf if result > 0 else -math.inf)


@given(st.tuples(floats[DOUBLE], floats[DOUBLE], floats[DOUBLE]))
def test_fused_multiply_add_of_any_size(operands):
    a, b, c = map(np.float64, operands)
    with np.errstate(all="ignore"):
        actual, expected = exact.fma(a, b, c), nearest_fma(a, b, c)
    assert actual == expected
    assert np.signbit(actual) == np.signbit(expected)


def test_fused_multiply_add_where_rounding_twice_shows():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 3000))
    nearly = -a * b * (1 + rng.integers(-3, 4, 3000) * 2.0**-52)
    ties = np.ldexp(rng.choice([1.0, -1.0], 3000), rng.integers(-120, 60, 3000))
    for c in (nearly, ties, rng.standard_normal(3000)):
        expected = [nearest_fma(*lane) for lane in zip(a, b, c, strict=True)]
        assert exact.fma(a, b, c).tolist() == expected
        if hasattr(math, "fma"):
            assert expected == [math.fma(*lane) for lane in zip(a.tolist(), b.tolist(), c.tolist(), strict=True)]
        single = [value.astype(np.float32) for value in (a, b, c)]
        narrow = exact.fma(*single)
        wide = [Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z)) for x, y, z in zip(*single, strict=True)]
        for result, value in zip(narrow, wide, strict=True):
            beside = [np.nextafter(result, np.float32(end)) for end in (-np.inf, np.inf)]
            assert all(abs(Fraction(float(result)) - value) <= abs(Fraction(float(x)) - value) for x in beside)
    assert type(exact.fma(np.float16(2), np.float16(3), np.float16(1))) is np.float16


def test_special_numbers():
    values = [0.0, -0.0, 1.5, -1.5, np.inf, -np.inf, np.nan, 1e308, 5e-324]
    a, b, c = (np.array(column) for column in zip(*itertools.product(values, repeat=3), strict=True))
    with np.errstate(all="ignore"):
        actual, plain = exact.fma(a, b, c), a * b + c
        special = ~(np.isfinite(a) & np.isfinite(b) & np.isfinite(c))
        assert np.array_equal(actual[special], plain[special], equal_nan=True)
        expected = np.array([nearest_fma(*lane) for lane in zip(a[~special], b[~special], c[~special], strict=True)])
    assert actual[~special].tolist() == expected.tolist()
    assert np.signbit(actual[~special]).tolist() == np.signbit(expected).tolist()
    one, zero = np.float64(1), np.float64(0)
    assert [np.signbit(exact.rounded("add", mode)(one, -one)) for mode in "dnuz"] == [True, False, False, False]
    assert not np.signbit(exact.rounded("add", "d")(zero, zero))
    assert exact.rounded("div", "d")(one, zero) == np.inf
    assert exact.rounded("mul", "z")(np.float32(3e38), np.float32(2)) == np.finfo(np.float32).max
    assert np.isnan(exact.rounded("sqrt", "u")(-one))


@pytest.mark.parametrize("mode", "dnuz")
def test_numbers_of_other_types(mode):
    integers = np.array([2**63 - 1, -(2**63), 2**24 + 1, -(2**24) - 1, 7, 0])
    for dtype in (SINGLE, DOUBLE):
        results = exact.rounded("float", mode, dtype)(integers)
        assert results.dtype == dtype
        for number, result in zip(integers.tolist(), results.tolist(), strict=True):
            assert {"d": result <= number, "u": result >= number, "z": abs(result) <= abs(number), "n": True}[mode]
            beside = [np.nextafter(dtype.type(result), dtype.type(end)) for end in (-np.inf, np.inf)]
            assert float(beside[0]) < number < float(beside[1])  # Python compares exactly
    narrow = exact.rounded("float", mode, SINGLE)(np.array([0.1, np.inf, -0.0]))
    tenth = float(narrow[0])
    assert {"d": tenth < 0.1, "u": tenth > 0.1, "z": tenth < 0.1, "n": narrow[0] == np.float32(0.1)}[mode]
    assert narrow[1] == np.inf and np.signbit(narrow[2])
