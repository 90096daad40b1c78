"""Types of variables: against compiled code, against Numba's own inference, and what is refused."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numba
import numpy as np
import pytest
from numba import cuda, float32, int32, njit
from support.scalar_programs import Writer

import gpusim
from gpusim.codegen.compiler import real_compiler
from gpusim.infer.judge import REFUSALS, accept, infer
from gpusim.infer.types import learn
from gpusim.kernel.dialects import IN_NUMBA, NUMBA
from gpusim.kernel.source import Kernel
from gpusim.kernel.sourceless import exec_with_source
from gpusim.kernel.target import types
from gpusim.simt.arguments import Arguments
from gpusim.simulator import compiled

literal_unroll = numba.literal_unroll if NUMBA is IN_NUMBA else NUMBA.module("misc.special").literal_unroll

P = np.array([0, 1, 2, 3, 5, -4, 7, 2], np.int32)
Q = np.array([3, 0, 2, 1, 0, 4, -1, 2], np.int64)
R = np.array([0.1, -1.7, 3.3, 0.0, 2.6, 1e-3, 5.1, 0.7], np.float32)
S = np.array([0.3, 2.2, -0.9, 1.1, 0.0, 4.4, -3.3, 0.25], np.float64)


def programs(seed: int):
    """A random function, as a kernel for all threads and as Numba compiles it for the processor."""
    source = Writer(seed).function()
    names: dict = {}
    exec_with_source(source, names)
    function = names["f"]
    device = cuda.jit(device=True)(function)

    @cuda.jit
    def kernel(out, p, q, r, s):
        i = cuda.grid(1)
        if i < out.size:
            out[i] = device(p[i], q[i], r[i], s[i])

    return source, kernel, njit(function)


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_values_are_those_of_compiled_code(first):
    """All threads together, on different paths, and each thread alone get what Numba's compiled function returns."""
    for seed in range(first, first + 10):
        source, kernel, compiled = programs(seed)
        expected = np.array([float(compiled(*row)) for row in zip(P, Q, R, S, strict=True)])
        together = np.zeros(P.size)
        gpusim.simulate(kernel)[1, P.size](together, P, Q, R, S)
        np.testing.assert_array_equal(together, expected, err_msg=f"seed {seed}\n{source}")
        for i in range(P.size):
            alone = np.zeros(1)
            gpusim.simulate(kernel)[1, 1](alone, *(a[i : i + 1] for a in (P, Q, R, S)))
            np.testing.assert_array_equal(alone, expected[i : i + 1], err_msg=f"seed {seed}, row {i}\n{source}")
        threads = np.zeros(P.size)
        gpusim.simulate(kernel, scheduler="threads")[1, P.size](threads, P, Q, R, S)
        np.testing.assert_array_equal(threads, expected, err_msg=f"seed {seed}, threads\n{source}")


def infer_kernel(kernel, argtypes):
    """The types of Numba's own inference."""
    with real_compiler((9, 0)):
        return infer(kernel, argtypes, types.none)


def refuses(function, argtypes):
    """Does Numba refuse to compile this kernel for these types?"""
    try:
        accept(SimpleNamespace(py_func=function, targetoptions={}), argtypes)
    except REFUSALS:
        return True
    return False


def joins(kernel, *arguments):
    """For each variable that some path gives another type than it gets, the type it gets, by name and line."""
    values = Arguments.of(Kernel.of(kernel), arguments)
    lowered = compiled(kernel).lowered(values.types)
    program = lowered.program
    table = learn(program, lowered.programs, values, values.types, 0).types.main
    return {
        (name, join.site.line - program.kernel.first_line): str(kind)
        for join, kinds in table.items()
        for name, kind in zip(join.names, kinds, strict=True)
    }


@cuda.jit
def padded(out, a):
    i = cuda.grid(1)
    x = a[i] if i < a.size else 0.0
    if i < a.size:
        y = a[i]
    else:
        y = 0.0
    out[i] = x * x + y * y


@cuda.jit
def widening_loop(out, a):
    i = cuda.grid(1)
    total = 0
    for k in range(a.size):
        if a[k] > 0:
            total = total * 2 + a[k]
    out[i] = total // 2


@cuda.jit
def same_types(out, a):
    i = cuda.grid(1)
    total = float32(0)
    for k in range(a.size):
        if a[k] > 0:
            total += a[k]
    out[i] = total


def test_joins_have_the_types_of_numbas_inference():
    """The type of a join is the one that Numba gives the last version of the variable."""
    out, a = np.zeros(4), np.ones(4, np.float32)
    found = joins(padded, out, a)
    assert found == {("", 3): "float64", ("y", 4): "float64"}
    arrays = (types.float64[::1], types.float32[::1])
    typemap = infer_kernel(padded, arrays).typemap
    assert {str(typemap[name]) for name in ("y", "y.1", "y.2")} == {"float32", "float64"}
    assert str(typemap["x"]) == "float64"
    found = joins(widening_loop, out, a)
    assert set(found.values()) == {"float64"} and {name for name, _ in found} == {"total"}
    typemap = infer_kernel(widening_loop, arrays).typemap
    versions = {types.unliteral(kind) for name, kind in typemap.items() if name.split(".")[0] == "total"}
    assert versions == {numba.int64, numba.float64}
    assert joins(same_types, out, a) == {}


def test_a_path_that_no_thread_takes_counts_for_the_type():
    a = np.full(32, 1.1, np.float32)
    out = np.zeros(32)
    gpusim.simulate(padded)[1, 32](out, a)
    assert (out == 2 * float(a[0]) ** 2).all()
    assert (out != 2 * np.float64(a[0] * a[0])).all()  # what float32 would give


@cuda.jit(device=True)
def root_or_zero(x):
    if x >= 0:
        return math.sqrt(x)
    return 0


@cuda.jit(device=True)
def half_or_zero(x):
    if x > 100:
        return 0.5
    return x


@cuda.jit
def calls(out, a, n):
    i = cuda.grid(1)
    out[i] = half_or_zero(a[i]) / 3 + half_or_zero(n) // 2


def test_a_function_has_one_type_of_result_for_each_type_of_argument():
    """half_or_zero(float32) is float64, and so is half_or_zero(int64)."""
    a = np.full(8, 1.7, np.float32)
    out = np.zeros(8)
    gpusim.simulate(calls)[1, 8](out, a, 5)
    assert (out == float(a[0]) / 3 + 2.0).all()
    assert isinstance(njit(half_or_zero.py_func)(np.float32(1.7)), float)


@cuda.jit
def either_array(out, a, b):
    i = cuda.grid(1)
    source = a if i % 2 else b
    other = b
    if i % 3 == 0:
        other = a
    out[i] = source[i] * 1000 + other[i]


def test_a_variable_may_be_another_array_in_every_thread():
    a, b, out = np.arange(64.0), np.arange(64.0) + 100, np.zeros(64)
    run = gpusim.simulate(either_array)[2, 32](out, a, b)
    i = np.arange(64)
    np.testing.assert_array_equal(out, np.where(i % 2, a, b) * 1000 + np.where(i % 3, b, a))
    assert run.arrays["a"]["loads"] == 32 + 22 and run.arrays["b"]["loads"] == 32 + 42


@cuda.jit
def ragged_slices(out, a):
    i = cuda.grid(1)
    out[i, : i % 4] = a[i]


def test_slices_of_another_length_in_every_thread_are_assigned_by_threads():
    a, out = np.arange(16.0) + 1, np.zeros((16, 5))
    gpusim.simulate(ragged_slices)[1, 16](out, a)
    np.testing.assert_array_equal(out, np.where(np.arange(5) < np.arange(16)[:, None] % 4, a[:, None], 0))


@cuda.jit
def wrong_attribute(out):
    if cuda.grid(1) > 1000:
        out.colour = 1


@cuda.jit
def array_or_number(out):
    x = 0
    if cuda.grid(1) > 1000:
        x = out
    out[0] = x


@cuda.jit
def float_index(out):
    if cuda.grid(1) > 1000:
        out[0.5] = 1


@cuda.jit
def complex_to_real(out):
    if cuda.grid(1) > 1000:
        out[0] = 1j


@pytest.mark.parametrize(
    ("kernel", "line", "said"),
    [
        (wrong_attribute, 3, "is not a field of a record"),
        (array_or_number, 3, "variable 'x' is .* on one path and .* on another"),
        (float_index, 3, "is float64, not an integer"),
        (complex_to_real, 3, "complex128"),
    ],
)
def test_errors_on_paths_that_no_thread_takes(kernel, line, said):
    """Numba refuses these kernels when it compiles them, and so does the simulator before it runs them."""
    assert refuses(kernel.py_func, (types.float64[::1],))
    line += kernel.py_func.__code__.co_firstlineno
    with pytest.raises(gpusim.KernelError, match=rf"test_infer\.py:{line}: .*{said}"):
        gpusim.simulate(kernel)[1, 1](np.zeros(4))


@cuda.jit
def returns_a_value(out):
    out[0] = 1
    return 3


@cuda.jit
def loops_over_types(out):
    for x in (1, 2.5):
        out[0] += x


@cuda.jit
def shape_of_an_argument(out):
    part = cuda.local.array(out.shape[0], float32)
    part[0] = 1
    out[0] = part[0]


@cuda.jit
def shape_that_is_computed(out):
    part = cuda.local.array(SIZE + 1, float32)
    part[0] = 1
    out[0] = part[0]


@cuda.jit
def allocates(out):
    # Numba remembers what it compiled with NUMBA_CUDA_ENABLE_NRT, which other tests set, so no other has this type.
    out[0] = np.zeros((1, 2, 1, 2, 3), np.int16)[0, 1, 0, 1, 1]


@cuda.jit
def votes_on_bool(out):
    out[0] = cuda.syncthreads_or(out[0] > 1)


@pytest.mark.parametrize(
    ("kernel", "said"),
    [
        (returns_a_value, "returns a value"),
        (loops_over_types, "several types; give literal_unroll"),
        (shape_of_an_argument, "does not compute `out.shape\\[0\\]` when it compiles"),
        (shape_that_is_computed, "does not compute `SIZE \\+ 1` when it compiles"),
        pytest.param(
            *(allocates, "NUMBA_CUDA_ENABLE_NRT"), marks=pytest.mark.numba_cuda("arrays that threads allocate")
        ),
        (votes_on_bool, "votes on bool"),
    ],
)
def test_what_numba_refuses_for_reasons_of_its_own(kernel, said):
    assert refuses(kernel.py_func, (types.float64[::1],))
    with pytest.raises(gpusim.KernelError, match=rf"test_infer\.py:\d+: .*{said}"):
        gpusim.simulate(kernel)[1, 1](np.zeros(4))


@cuda.jit
def shape_that_numba_computes(out):
    n = 2 * 3
    part = cuda.local.array((n, SIZE), float32)
    for x in literal_unroll((1, 2.5)):
        part[n - 1, SIZE - 1] = x
    for k in range(2.9):
        out[k] = part[n - 1, SIZE - 1]


@pytest.mark.numba_cuda("shapes that its compiler computes")
def test_what_only_looks_like_an_error():
    out = np.zeros(4)
    assert not refuses(shape_that_numba_computes.py_func, (types.float64[::1],))
    gpusim.simulate(shape_that_numba_computes)[1, 1](out)
    assert out.tolist() == [2.5, 2.5, 0, 0]


FLAG, SIZE = False, 4


@cuda.jit
def pruned(out, a, maybe):
    i = cuda.grid(1)
    if FLAG:
        out.no_such_thing = 1
    if maybe is not None:
        out[i] = maybe[i]
    elif a.ndim == 2:
        out[i] = a[i, 0]
    else:
        out[i] = a[i] if SIZE > 2 else a.no_such_thing


def test_paths_that_numba_leaves_out_may_hold_anything():
    a, out = np.arange(4.0), np.zeros(4)
    assert not refuses(pruned.py_func, (types.float64[::1], types.float64[::1], types.none))
    gpusim.simulate(pruned)[1, 4](out, a, None)
    np.testing.assert_array_equal(out, a)
    gpusim.simulate(pruned)[1, 4](out, a.reshape(4, 1), None)
    gpusim.simulate(pruned)[1, 4](out, a, a + 1)
    np.testing.assert_array_equal(out, a + 1)


TALKS = """
@cuda.jit
def talks(out):
    i = cuda.grid(1)
    print("thread", i)
    out[i] = cuda.atomic.add(out, 0, 1)
    assert out[i] >= 0
    if out[i] < -5:
        raise ValueError("negative")
"""  # as text, because pytest changes what `assert` does in its files, and Numba does not compile that


def test_the_rehearsal_leaves_no_trace(capsys):
    """It prints nothing, changes nothing, raises nothing, and no counter or finding knows of it."""
    out = np.zeros(2)
    names = {"cuda": cuda}
    exec_with_source(TALKS, names)
    run = gpusim.simulate(names["talks"], check="none")[1, 2](out)
    assert capsys.readouterr().out == "thread 0\nthread 1\n"
    assert run.counts["global"]["atomics"] == 2 and len(run.arrays) == 1


@cuda.jit(device=True)
def fibonacci(n):
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


@cuda.jit
def fibonaccis(out):
    i = cuda.threadIdx.x
    out[i] = fibonacci(int32(i))


def test_recursion_is_refused():
    """Numba finds the types of functions that call themselves, but its code generator for GPUs has no such calls."""
    with pytest.raises(gpusim.KernelError, match="'fibonaccis' cannot be compiled for a GPU"):
        gpusim.simulate(fibonaccis)[1, 10](np.zeros(10, np.int64))


def test_numbas_front_end_agrees_that_errors_are_errors():
    with pytest.raises(REFUSALS):
        infer_kernel(wrong_attribute, (types.float64[::1],))
    assert infer_kernel(same_types, (types.float32[::1],) * 2).typemap["total"] == numba.float32


def kernel_for(weighted: bool, dimensions: int):
    """A kernel as factories make them: names of the path that is left out need not have a value."""
    if weighted:
        weight = 2.0

    @cuda.jit
    def kernel(a):
        i = cuda.grid(1)
        if weighted:
            a[i, 0] = weight
        elif not dimensions > 2:
            a[i, 1] = 7
        if dimensions > 2:
            a[i, 2] = a[i, 2].no_such_thing if not weighted else weight
        a[i, 0] += weight if weighted and weight > 1 else 1

    return kernel


@pytest.mark.parametrize(
    ("weighted", "dimensions", "row"), [(False, 2, [1, 7]), (True, 2, [4, 0]), (True, 3, [4, 0, 2])]
)
def test_paths_that_constants_close_are_not_read(weighted, dimensions, row):
    kernel = kernel_for(weighted, dimensions)
    assert not refuses(kernel.py_func, (types.float64[:, ::1],))
    a = np.zeros((3, dimensions))
    gpusim.simulate(kernel)[1, 3](a)
    assert a.tolist() == [row] * 3


def test_paths_that_constants_leave_open_are_read():
    with pytest.raises(gpusim.KernelError, match="no_such_thing"):
        gpusim.simulate(kernel_for(False, 3))[1, 1](np.zeros((1, 3)))
