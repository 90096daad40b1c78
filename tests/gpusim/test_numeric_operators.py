"""Operators on values against the same operators in code that Numba compiles, bit for bit where both are exact."""

import itertools
import operator
from functools import cache

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numba.core.registry import cpu_target

from gpusim.numeric import AST_BINARY, AST_UNARY, BINARY, UNARY, TypingError, as_dtype, implementation, operators

BINARY_SYNTAX = {
    "add": "x + y", "sub": "x - y", "mul": "x * y", "truediv": "x / y", "floordiv": "x // y", "mod": "x % y",
    "pow": "x ** y", "lshift": "x << y", "rshift": "x >> y", "and_": "x & y", "or_": "x | y", "xor": "x ^ y",
    "eq": "x == y", "ne": "x != y", "lt": "x < y", "le": "x <= y", "gt": "x > y", "ge": "x >= y",
}  # fmt: skip
UNARY_SYNTAX = {"neg": "-x", "pos": "+x", "invert": "~x", "not_": "not x"}
DTYPES = [as_dtype(letter) for letter in "?bhiqBHIQfdFD"]
PAIRS = [pytest.param(a, b, id=f"{a}-{b}") for a, b in itertools.product(DTYPES, DTYPES)]
# Every type on either side, every mix of kinds, and every mix of signs and widths that types differently.
FEW = [
    pytest.param(np.dtype(a), np.dtype(b), id=f"{np.dtype(a)}-{np.dtype(b)}")
    for a, b in [
        ("i4", "i4"), ("i8", "i8"), ("u8", "u8"), ("f4", "f4"), ("f8", "f8"), ("c8", "c8"), ("c16", "c16"), ("?", "?"),
        ("i8", "u8"), ("u8", "i8"), ("i4", "u4"), ("u4", "i2"), ("u1", "u2"), ("i1", "u1"), ("u2", "i8"), ("?", "i4"),
        ("f4", "f8"), ("f4", "i8"), ("i8", "f4"), ("f4", "i4"), ("i2", "f4"), ("u1", "f4"), ("f8", "u8"), ("f4", "?"),
        ("c8", "f8"), ("c8", "i4"), ("u2", "c16"), ("c16", "f4"), ("?", "c8"), ("f8", "i1"), ("?", "f8"), ("u4", "c8"),
    ]
]  # fmt: skip


def adversarial(dtype):
    """Values where types, signs, widths, rounding and special cases show."""
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        values = [0, 1, 2, 3, 7, 10, 31, 63, 64, 100, info.max, info.max - 1, info.max // 3, 2**31, 2**32, 2**53 + 1]
        values += [-1, -2, -3, -7, -64, info.min, info.min + 1]
        return np.array(sorted({v for v in values if info.min <= v <= info.max}), dtype)
    if dtype.kind == "f":
        info = np.finfo(dtype)
        values = [0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2, -2, 2.5, 3, -3.7, 7, 0.1, 1e10, 2.0**31, 2.0**53, 2.0**63]
        values += [info.tiny, info.max, -info.max, info.smallest_subnormal, np.inf, -np.inf, np.nan]
        return np.array(values, dtype)
    parts = [0.0, -0.0, 1, -1, 0.5, -2.5, 3.7, 1e3, np.inf, np.nan]
    return np.array([complex(x, y) for x in parts for y in parts], dtype)


@cache
def compiled(a, b=None):
    """The names of the operators that Numba has for these types, and a compiled function of all of them at once.

    The function takes the operands' arrays, then an array for each operator's results.
    """
    syntax, operands = (UNARY_SYNTAX, (a,)) if b is None else (BINARY_SYNTAX, (a, b))
    names = [n for n in syntax if numba_has(n, operands)]
    inputs = ["xs", "ys"][: len(operands)]
    loads = "; ".join(f"{i[0]} = {i}[i]" for i in inputs)
    stores = "".join(f"        {n}[i] = {syntax[n]}\n" for n in names)
    source = f"def loop({', '.join(inputs + names)}):\n    for i in range(xs.size):\n        {loads}\n{stores}"
    namespace = {}
    exec(source, namespace)
    return names, numba.njit(error_model="numpy")(namespace["loop"])


def numba_has(name, dtypes):
    """Whether Python's operators of these kinds make sense to Numba; written down apart from the table under test."""
    kinds = {dtype.kind for dtype in dtypes}
    if name in ("floordiv", "mod", "lt", "le", "gt", "ge"):
        return "c" not in kinds
    if name in ("lshift", "rshift", "and_", "or_", "xor", "invert"):
        return not kinds & {"f", "c"}
    return True


@cache
def numba_typing():
    cpu_target.target_context.refresh()
    cpu_target.typing_context.refresh()
    return cpu_target.typing_context


def result_dtype(name, *operands):
    """The type that Numba's CPU target gives the result."""
    arguments = tuple(numba.from_dtype(dtype) for dtype in operands)
    signature = numba_typing().resolve_function_type(getattr(operator, name), arguments, {})
    return np.dtype(str(signature.return_type))


def raises_when_compiled(xs, ys):
    """Operands for which some operator of the compiled loop raises: those say nothing about values."""
    magnitude, exponent = np.abs(xs.astype(np.complex128)), ys.astype(np.complex128).real
    excluded = np.zeros(xs.size, bool)
    if "c" in (xs.dtype.kind, ys.dtype.kind):
        excluded |= ys == 0
    if ys.dtype.kind in "biu":
        # A reciprocal of zero or of what underflows to it, and exponents whose magnitude does not fit.
        excluded |= (magnitude < 1) & (exponent < 0)
        excluded |= (exponent <= -(2.0**31)) & (ys == np.iinfo(ys.dtype).min if ys.dtype.kind == "i" else False)
    return excluded


def undefined(name, xs, ys, expected):
    """Operands whose result LLVM leaves open, or where CUDA's algorithm is another than the C library's."""
    if name in ("lshift", "rshift"):
        return (ys.astype(np.float64) < 0) | (ys.astype(np.float64) >= 64)
    if name == "pow" and expected.dtype.kind in "iu":
        # From this exponent on Numba computes in float64 what fits into no integer, unless the base is 0 or 1.
        return (np.abs(xs.astype(np.float64)) > 1) & (ys.astype(np.float64) > 0x10000)
    if name == "pow" and expected.dtype.kind == "c":
        size = [np.abs(v.astype(np.complex128)) for v in (xs, ys)]
        ordinary = (size[0] > 1e-2) & (size[0] < 1e2) & (size[1] > 1e-2) & (size[1] < 10)
        return ~(ordinary & ((xs.real != 0) | (ys.real != 0)))
    if name == "mul" and expected.dtype.kind == "c":
        # Whether a product of complex numbers rounds once or twice decides whether it overflows, and to what.
        size = np.ones(expected.shape, np.longdouble)
        for operand in (xs, ys):
            parts = np.abs([operand.real, operand.imag]).astype(np.longdouble)
            size *= np.where(np.isfinite(parts), parts, 0).max(axis=0)
        return size > np.finfo(expected.dtype).max / 8
    return np.zeros(expected.shape, bool)


def same(name, expected, actual):
    """Per element: equal with the same sign of zero, NaN for NaN; within rounding where libraries round differently."""
    if expected.dtype.kind == "c":
        eps = 40 * np.finfo(expected.dtype).eps * (100 if name == "pow" else 1)
        scale = np.where(np.isfinite(expected), np.abs(expected), 0)
        absolute = eps * scale + 4 * np.finfo(expected.dtype).smallest_subnormal
        parts = [(expected.real, actual.real), (expected.imag, actual.imag)]
        return np.logical_and(*[close(e, a, eps, absolute) for e, a in parts])
    if expected.dtype.kind == "f":
        exact = (expected == actual) & (np.signbit(expected) == np.signbit(actual))
        exact |= np.isnan(expected) & np.isnan(actual)
        return exact | close(expected, actual, 8 * np.finfo(expected.dtype).eps, 0) if name == "pow" else exact
    return expected == actual


def close(expected, actual, relative, absolute):
    return np.isclose(actual, expected, rtol=relative, atol=absolute, equal_nan=True)


def check_pair(xs, ys):
    """All binary operators on two vectors of one length."""
    keep = ~raises_when_compiled(xs, ys)
    xs, ys = xs[keep], ys[keep]
    names, loop = compiled(xs.dtype, ys.dtype)
    with np.errstate(all="ignore"):
        actual = {n: getattr(operators, n)(xs, ys) for n in names}
    expected = [np.zeros_like(value) for value in actual.values()]
    loop(xs, ys, *expected)
    for (name, value), reference in zip(actual.items(), expected, strict=True):
        good = same(name, reference, value) | undefined(name, xs, ys, reference)
        wrong = [(xs[i], ys[i], reference[i], value[i]) for i in np.flatnonzero(~good)[:3]]
        assert not wrong, f"{name}: (x, y, Numba, gpusim) = {wrong}"


@pytest.fixture(autouse=True)
def as_in_a_launch():
    with np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize(("a", "b"), FEW)
def test_adversarial_values(a, b):
    x, y = adversarial(a), adversarial(b)
    check_pair(np.repeat(x, y.size), np.tile(y, x.size))


@pytest.mark.slow
@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_adversarial_values_of_every_pair(a, b):
    x, y = adversarial(a), adversarial(b)
    check_pair(np.repeat(x, y.size), np.tile(y, x.size))


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_random_values(data):
    a, b = data.draw(st.sampled_from([case.values for case in FEW]))
    size = data.draw(st.integers(1, 20))
    check_pair(data.draw(hnp.arrays(a, size)), data.draw(hnp.arrays(b, size)))


@pytest.mark.parametrize("name", BINARY_SYNTAX)
def test_result_types_of_every_pair(name):
    function = getattr(operators, name)
    for a, b in itertools.product(DTYPES, DTYPES):
        if numba_has(name, (a, b)):
            assert function(np.ones(1, a), np.ones(1, b)).dtype == result_dtype(name, a, b), (a, b)
        else:
            with pytest.raises(TypingError):
                function(np.ones(1, a), np.ones(1, b))


@pytest.mark.parametrize(
    ("name", "a", "b", "result"),
    [
        ("add", "i4", "i4", "i8"), ("add", "u1", "u1", "u8"), ("add", "i8", "u8", "i8"), ("add", "?", "?", "i8"),
        ("mul", "f4", "f8", "f8"), ("mul", "f4", "i8", "f8"), ("mul", "f4", "i2", "f4"), ("sub", "u1", "i1", "i8"),
        ("truediv", "i4", "i4", "f8"), ("truediv", "f4", "f4", "f4"), ("pow", "f4", "i8", "f4"),
        ("pow", "?", "i4", "f4"),
        ("and_", "?", "?", "?"), ("or_", "?", "i4", "i8"), ("lshift", "u4", "i8", "u8"), ("lt", "i8", "u8", "?"),
        ("add", "f2", "f2", "f2"), ("floordiv", "f2", "f2", "f4"), ("pow", "f2", "f2", "f4"), ("eq", "f2", "f2", "?"),
    ],
)  # fmt: skip
def test_result_types(name, a, b, result):
    x, y = np.ones(3, a), np.ones(3, b)
    for p, q in itertools.product((x, x[0]), (y, y[0])):
        value = getattr(operators, name)(p, q)
        assert value.dtype == np.dtype(result)
        assert isinstance(value, np.generic if p.ndim == q.ndim == 0 else np.ndarray)


@pytest.mark.parametrize(("a", "b"), FEW)
def test_uniform_values_agree_with_vectors(a, b):
    rng = np.random.default_rng(0)
    x, y = (rng.choice(adversarial(dtype), 24) for dtype in (a, b))
    for name in compiled(a, b)[0]:
        function = getattr(operators, name)
        lanes = function(x, y)
        uniform = [function(p, q) for p, q in zip(x, y, strict=True)]
        assert all(type(value) is lanes.dtype.type for value in uniform), name
        assert same_bits_or_rounding(name, lanes, np.array(uniform)), name
        mixed = np.concatenate([function(x[i], y[i : i + 1]) for i in range(x.size)])
        mixed_too = np.concatenate([function(x[i : i + 1], y[i]) for i in range(x.size)])
        assert mixed.dtype == mixed_too.dtype == lanes.dtype, name
        assert same_bits_or_rounding(name, lanes, mixed), name
        assert same_bits_or_rounding(name, lanes, mixed_too), name


def same_bits_or_rounding(name, expected, actual):
    """NumPy's vector and scalar code may round pow and complex products differently."""
    return bool(np.all(same(name, expected, actual)))


def test_operands_stay_as_they_are():
    x, y = np.arange(5, dtype=np.int32), np.arange(5, dtype=np.float32)
    for name in ("add", "sub", "mul", "pow"):
        getattr(operators, name)(x, y)
    assert x.tolist() == [0, 1, 2, 3, 4]
    assert y.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("a", DTYPES, ids=str)
def test_unary(a):
    xs = adversarial(a)
    names, loop = compiled(a)
    actual = [getattr(operators, n)(xs) for n in names]
    expected = [np.zeros(xs.size, result_dtype(n, a)) for n in names]
    loop(xs, *expected)
    for name, value, reference in zip(names, actual, expected, strict=True):
        assert value.dtype == reference.dtype, name
        assert same(name, reference, value).all(), name
        assert all(type(getattr(operators, name)(x)) is reference.dtype.type for x in xs)


AMOUNTS = [0, 1, 5, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 1000, 2**31, 2**32 - 1, 2**32, 2**32 + 3, 2**40 + 63]
AMOUNTS += [2**40 + 64, 2**63 - 1, -1, -5, -64, -(2**31), -(2**32), -(2**32) + 7, -(2**63)]


def shifted(name, value, amount, width, signed):
    """PTX ISA, "shl" and "shr": the amount is 32 bits without a sign, and from the width on it is the width."""
    amount = min(amount % 2**32, width)
    result = (value << amount if name == "lshift" else value >> amount) % 2**width
    return result - 2**width if signed and result >= 2 ** (width - 1) else result


@pytest.mark.parametrize("amount", ["i1", "i4", "u4", "i8", "u8"])
@pytest.mark.parametrize("number", ["i4", "u4", "i8", "u8"])
@pytest.mark.parametrize("name", ["lshift", "rshift"])
def test_shifts_are_those_of_the_instruction(name, number, amount):
    """All are computed in 64 bits; `test_numeric_ptx` has the instructions."""
    shift, limits = getattr(operators, name), np.iinfo(amount)
    amounts = [by for by in AMOUNTS if limits.min <= by <= limits.max]
    for value in (5, np.iinfo(number).max, np.iinfo(number).min):
        signed = shift(np.dtype(number).type(value), np.dtype(amount).type(0)).dtype.kind == "i"
        expected = [shifted(name, value, by, 64, signed) for by in amounts]
        assert shift(np.dtype(number).type(value), np.array(amounts, amount)).tolist() == expected
        assert [int(shift(np.dtype(number).type(value), np.dtype(amount).type(by))) for by in amounts] == expected


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
@pytest.mark.parametrize(("name", "ufunc"), [("lshift", np.left_shift), ("rshift", np.right_shift)])
def test_shifts_of_numpy_are_those_of_the_instruction(name, ufunc, dtype):
    """In the numbers' own width; an amount that is narrower than 32 bits is extended without its sign."""
    limits, width = np.iinfo(dtype), 8 * np.dtype(dtype).itemsize
    amounts = [by for by in AMOUNTS if limits.min <= by <= limits.max]
    for value in (5, int(limits.max), int(limits.min)):
        actual = implementation(ufunc)(np.dtype(dtype).type(value), np.array(amounts, dtype))
        assert actual.dtype == dtype
        assert actual.tolist() == [shifted(name, value, by, width, limits.min < 0) for by in amounts]


@pytest.mark.parametrize("zero", [np.int64(0), np.zeros(2, np.int32), np.uint8(0)])
def test_integer_division_by_zero_has_a_value(zero):
    assert np.all(operators.floordiv(np.int64(7), zero) == 0)
    assert np.all(operators.mod(np.int64(7), zero) == 0)
    assert np.all(np.isinf(operators.truediv(np.int64(7), zero)))


def test_zero_to_a_negative_power_is_the_lowest_integer():
    assert operators.pow(np.int64(0), np.int64(-1)) == np.iinfo(np.int64).min
    assert operators.pow(np.array([0, 1, -1, 2]), np.int64(-3)).tolist() == [np.iinfo(np.int64).min, 1, -1, 0]


def test_huge_powers_are_clamped_as_on_a_gpu():
    """Numba computes them in float64, and the cast back is PTX's cvt.rzi."""
    exponents = np.array([65537, 2**31, 2**53 + 2])
    signed, unsigned = np.iinfo(np.int64), np.iinfo(np.uint64)
    assert operators.pow(np.int64(2), exponents).tolist() == [signed.max] * 3
    assert operators.pow(np.int64(-2), exponents).tolist() == [signed.min, signed.max, signed.max]
    assert operators.pow(np.uint64(2), exponents.astype(np.uint64)).tolist() == [unsigned.max] * 3
    assert operators.pow(np.int32(3), np.int32(65537)) == signed.max
    assert operators.pow(np.array([0, 1, -1]), np.int64(65537)).tolist() == [0, 1, -1]


def test_huge_powers_by_their_definition():
    """The nearest integer, but for the exponent's last bits, which float64 does not have: an odd one turns even."""
    bases = [0, 1, -1, 2, -2, 3, 2**62, -(2**63)]
    for exponent in (65536, 65537, 65538, 2**31 - 1, 2**53 - 1, 2**53 + 1, 2**63 - 1, -65537, -65538, -(2**53) - 1):
        for base in bases:
            if abs(exponent) <= 65536:
                expected = (pow(base, exponent, 2**64) + 2**63) % 2**64 - 2**63
            elif exponent < 0 and abs(base) != 1:
                expected = 0 if base else -(2**63)
            else:
                size = {0: 0, 1: 1, -1: 1}.get(base, 2**63)
                odd = base < 0 and int(float(exponent)) % 2
                expected = -size if odd else min(size, 2**63 - 1)
            assert int(operators.pow(np.int64(base), np.int64(exponent))) == expected, (base, exponent)


def test_complex_power_is_numba_cudas():
    assert operators.pow(np.complex128(1j), np.complex128(1j)) == 0
    assert operators.pow(np.complex64(0), np.complex64(0)) == 1
    assert operators.pow(np.complex128(1 + 2j), np.complex128(2)) == pytest.approx(-3 + 4j)


def test_complex_division_by_zero_is_nan():
    assert np.isnan(operators.truediv(np.complex64(1), np.complex64(0)))


def test_half_precision_rounds_every_result():
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 1000)).astype(np.float16)
    for name in ("add", "sub", "mul", "truediv"):
        exact = getattr(operator, name)(x.astype(np.float64), y.astype(np.float64))
        assert np.array_equal(getattr(operators, name)(x, y), exact.astype(np.float16))


def test_dates_and_durations():
    start, hour = np.datetime64("2024-02-29", "s"), np.timedelta64(3600, "s")
    assert operators.add(start, hour) - start == hour
    assert operators.sub(np.array([start, start + hour]), start).tolist() == [0 * hour, hour]
    assert operators.neg(hour) == -hour
    assert operators.lt(start, start + hour)


@pytest.mark.parametrize(
    ("name", "symbol", "a", "b"),
    [("and_", "&", "f4", "i4"), ("lt", "<", "c8", "f4"), ("lshift", "<<", "f8", "i8"), ("mod", "%", "c16", "c16")],
)
def test_what_numba_does_not_compile_is_refused(name, symbol, a, b):
    with pytest.raises(TypingError, match=f"no {symbol} of {np.dtype(a)} and {np.dtype(b)}"):
        getattr(operators, name)(np.ones(2, a), np.ones(2, b))
    assert not numba_has(name, (np.dtype(a), np.dtype(b)))


def test_invert_of_a_float_is_refused():
    with pytest.raises(TypingError, match="~ of float32"):
        operators.invert(np.float32(1))


def test_tables_of_operators_are_complete():
    for name in BINARY_SYNTAX:
        assert BINARY[getattr(operator, name)] is getattr(operators, name)
    for name in UNARY_SYNTAX:
        assert UNARY[getattr(operator, name)] is getattr(operators, name)
    inplace = {n for n in dir(operator) if n.startswith("i") and hasattr(operator, f"__{n}__")}
    unsupported = {"is_", "is_not", "index", "inv", "invert", "iconcat", "imatmul"}
    assert {getattr(operator, n) for n in inplace - unsupported} <= set(BINARY)
    assert len(AST_BINARY) == len(BINARY_SYNTAX)
    assert len(AST_UNARY) == len(UNARY_SYNTAX)
