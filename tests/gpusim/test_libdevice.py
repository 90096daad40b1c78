"""libdevice, fp16, vector types, cache hints, allocation and reductions in kernels, against Python's math and NumPy."""

import math

import numpy as np
import pytest
from numba import cuda
from numba.cuda import libdevice

import gpusim

X = np.array([0.3, 0.7, 1.0, 1.5, 2.5])


def _results(name, *columns, outputs=1, dtype=np.float64):
    """libdevice.name of the columns, one thread per row."""
    function = getattr(libdevice, name)
    out = np.zeros((outputs, len(columns[0])), dtype=dtype)

    @cuda.jit
    def one(out, a):
        i = cuda.grid(1)
        out[0, i] = function(a[i])

    @cuda.jit
    def two(out, a, b):
        i = cuda.grid(1)
        out[0, i] = function(a[i], b[i])

    @cuda.jit
    def three(out, a, b, c):
        i = cuda.grid(1)
        out[0, i] = function(a[i], b[i], c[i])

    @cuda.jit
    def pair(out, a):
        i = cuda.grid(1)
        out[0, i], out[1, i] = function(a[i])

    kernel = pair if outputs == 2 else (one, two, three)[len(columns) - 1]
    gpusim.simulate(kernel)[1, len(columns[0])](out, *map(np.ascontiguousarray, columns))
    return out if outputs == 2 else out[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sin", math.sin),
        ("sinpi", lambda x: math.sin(math.pi * x)),
        ("erfcx", lambda x: math.exp(x * x) * math.erfc(x)),
        ("tgamma", math.gamma),
        ("rsqrt", lambda x: x**-0.5),
        ("rcbrt", lambda x: x ** (-1 / 3)),
        ("normcdf", lambda x: 0.5 * math.erfc(-x / math.sqrt(2))),
        ("logb", lambda x: math.frexp(x)[1] - 1),
        ("round", lambda x: math.floor(x + 0.5)),
        ("exp10", lambda x: 10**x),
    ],
)
def test_functions_of_one_number(name, expected):
    np.testing.assert_allclose(_results(name, X), [expected(x) for x in X.tolist()], rtol=1e-13)


def test_bessel_functions():
    """Values of Abramowitz and Stegun, tables 9.1 and 9.2."""
    at = np.array([1.0, 2.0])
    np.testing.assert_allclose(_results("j0", at), [0.7651976865579666, 0.2238907791412357], rtol=1e-12)
    np.testing.assert_allclose(_results("j1", at), [0.4400505857449335, 0.5767248077568734], rtol=1e-12)
    np.testing.assert_allclose(_results("y0", at), [0.08825696421567698, 0.5103756726497451], rtol=1e-12)
    np.testing.assert_allclose(_results("y1", at), [-0.7812128213002887, -0.1070324315409375], rtol=1e-12)


@pytest.mark.parametrize(("name", "inverse_of"), [("erfinv", math.erf), ("erfcinv", math.erfc)])
def test_inverse_error_functions(name, inverse_of):
    values = np.array([0.01, 0.3, 0.5, 0.9, 0.999])
    found = _results(name, values)
    np.testing.assert_allclose([inverse_of(x) for x in found.tolist()], values, rtol=1e-12)


def test_directed_rounding_brackets_the_exact_sum():
    a, b = np.array([1.0, 1e16, 0.1]), np.array([1e-20, 1.0, 0.2])
    down, near, up = (_results(f"dadd_r{mode}", a, b) for mode in "dnu")
    assert ((down == near) | (near == up)).all()
    np.testing.assert_array_equal(np.nextafter(down, np.inf), up)
    np.testing.assert_array_equal(near, a + b)


@pytest.mark.parametrize(
    ("name", "columns", "expected"),
    [
        ("mulhi", ([-5, 2**30], [7, 12]), [-1, 3]),
        ("umulhi", ([-1, 2**30], [-1, 12]), [-2, 3]),
        ("mul24", ([3, -5], [7, 9]), [21, -45]),
        ("hadd", ([3, -5], [6, 2]), [4, -2]),
        ("rhadd", ([3, -5], [6, 2]), [5, -1]),
        ("byte_perm", ([0x03020100], [0x07060504], [0x7531]), [0x07050301]),
        ("sad", ([3, 9], [8, 2], [100, 200]), [105, 207]),
        ("popc", ([255, -1],), [8, 32]),
        ("clz", ([1, 0],), [31, 32]),
        ("float2int_rd", ([2.7, -2.1],), [2, -3]),
        ("float2int_ru", ([2.1, -2.7],), [3, -2]),
        ("float_as_int", ([1.0, -0.0],), [0x3F800000, -(2**31)]),
    ],
)
def test_integers(name, columns, expected):
    kind = np.float32 if name.startswith("float") else np.int32
    given = [np.array(column).astype(kind) for column in columns]
    np.testing.assert_array_equal(_results(name, *given, dtype=np.int32), np.array(expected, dtype=np.int32))


@pytest.mark.parametrize(
    ("name", "source", "target", "expected"),
    [
        ("double2int_rn", "f8", "i4", [2**31 - 1, -(2**31), -(2**31), -(2**31)]),
        ("float2int_rz", "f4", "i4", [2**31 - 1, -(2**31), -(2**31), 0]),
        ("double2uint_rd", "f8", "u4", [2**32 - 1, 0, 0, 2**31]),
        ("float2ull_ru", "f4", "u8", [10**10, 0, 0, 2**63]),
        ("double2ll_rn", "f8", "i8", [10**10, -(10**10), -(2**63), -(2**63)]),
        ("llrint", "f8", "i8", [10**10, -(10**10), -(2**63), -(2**63)]),
        ("ilogb", "f8", "i4", [33, 33, 2**31 - 1, -(2**31)]),
    ],
)
def test_integers_that_a_float_does_not_fit_into(name, source, target, expected):
    """PTX's cvt, which these functions are: clamped, and NaN is 0 only from float32 to 32 bits."""
    values = np.array([1e10, -1e10, -np.inf, np.nan], source)
    if name == "float2ull_ru":
        expected = [int(np.float32(1e10)), *expected[1:]]
    bits = np.dtype(target).str.replace("u", "i")
    np.testing.assert_array_equal(_results(name, values, dtype=bits).view(target), np.array(expected, target))


def test_exponents():
    values = np.array([0.0, -8.0, 0.75, -np.inf, 5e-324])
    np.testing.assert_array_equal(_results("logb", values), [-np.inf, 3, -1, np.inf, -1074])
    np.testing.assert_array_equal(_results("ilogb", values, dtype=np.int32), [-(2**31), 3, -1, 2**31 - 1, -1074])


def test_results_in_pairs():
    np.testing.assert_array_equal(_results("sincos", X, outputs=2), [np.sin(X), np.cos(X)])
    np.testing.assert_array_equal(_results("modf", X, outputs=2), np.modf(X))


def test_every_declared_function_is_there():
    from numba.cuda.libdevicefuncs import functions

    from gpusim.device.numbers.libdevice import declared

    assert set(declared(functions)) == {name.removeprefix("__nv_") for name in functions}


def test_half_precision():
    a, b = np.float16([1.5, 65504, 0.1]), np.float16([2.25, 2, 0.3])
    out = np.zeros((6, 3), dtype=np.float16)

    @cuda.jit
    def kernel(out, a, b):
        i = cuda.grid(1)
        out[0, i] = cuda.fp16.hadd(a[i], b[i])
        out[1, i] = cuda.fp16.hmul(a[i], b[i])
        out[2, i] = cuda.fp16.hfma(a[i], b[i], a[i])
        out[3, i] = cuda.fp16.hmax(a[i], b[i])
        out[4, i] = cuda.fp16.hlt(a[i], b[i])
        out[5, i] = cuda.fp16.hrcp(a[i])

    gpusim.simulate(kernel)[1, 3](out, a, b)
    with np.errstate(over="ignore"):
        expected = [a + b, a * b, a * b + a, np.maximum(a, b), a < b, np.float16(1) / a]
    np.testing.assert_array_equal(out[[0, 1, 3, 4, 5]], np.float16([expected[k] for k in (0, 1, 3, 4, 5)]))
    np.testing.assert_allclose(out[2], expected[2], rtol=1e-3)


def test_vector_types():
    out = np.zeros(8)

    @cuda.jit
    def kernel(out, flag):
        pair = cuda.float64x2(1.5, 2.5)
        v = cuda.float64x4(pair, 3, 4)
        if cuda.threadIdx.x == 1:
            v = cuda.double4(9, v.y, pair)
        out[cuda.threadIdx.x * 4] = v.x
        out[cuda.threadIdx.x * 4 + 1] = v.y
        out[cuda.threadIdx.x * 4 + 2] = v.z
        out[cuda.threadIdx.x * 4 + 3] = v.w

    gpusim.simulate(kernel)[1, 2](out, True)
    np.testing.assert_array_equal(out, [1.5, 2.5, 3, 4, 9, 2.5, 1.5, 2.5])


@pytest.mark.numba_cuda("cache hints")
def test_cache_hints_count_as_accesses():
    a, out = np.arange(4.0), np.zeros(4)

    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        cuda.stcs(out, i, cuda.ldcg(a, i) + 1)

    run = gpusim.simulate(kernel)[1, 4](out, a)
    np.testing.assert_array_equal(out, a + 1)
    assert (run.counts.global_.loads, run.counts.global_.stores) == (4, 4)


@pytest.mark.numba_cuda("arrays that a kernel allocates")
def test_arrays_of_a_thread_and_reductions(monkeypatch):
    monkeypatch.setattr("numba.cuda.core.config.CUDA_ENABLE_NRT", True)
    a, out = np.arange(12.0).reshape(4, 3), np.zeros((4, 5))

    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        row = a[i].copy()
        row[0] = -i
        sums = np.zeros(2)
        sums[1] = row.sum()
        out[i, 0] = sums.sum()
        out[i, 1] = np.mean(row)
        out[i, 2] = row.max()
        out[i, 3] = np.argmin(row)
        out[i, 4] = np.std(row)

    gpusim.simulate(kernel)[1, 4](out, a)
    rows = a.copy()
    rows[:, 0] = -np.arange(4)
    expected = [rows.sum(1), rows.mean(1), rows.max(1), rows.argmin(1), rows.std(1)]
    np.testing.assert_allclose(out, np.stack(expected, axis=1))
    np.testing.assert_array_equal(a, np.arange(12.0).reshape(4, 3))


@cuda.jit
def high_half_of_constants(out):
    out[0] = libdevice.mulhi(2**20, -(2**20))
    out[1] = libdevice.umul64hi(2**63, 6)


def test_upper_halves_of_products_that_are_the_same_in_all_threads():
    out = np.zeros(2, np.int64)
    gpusim.simulate(high_half_of_constants)[1, 32](out)
    assert out.tolist() == [-(2**8), 3]
