"""What Numba's type inference refuses for a GPU is refused on the simulator, with the same exception."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numba import cuda
from numba.core.errors import NumbaError, TypingError
from numba.cuda.compiler import compile_cuda

import gpusim
from gpusim.codegen.compiler import real_compiler
from gpusim.infer.refusal import refusal
from gpusim.kernel.target import types

VECTOR = types.Array(types.float64, 1, "C")


@pytest.fixture(autouse=True)
def session():
    with gpusim.install() as session:
        yield session


def float_index(x, y):
    y[0] = x[1.0]


def returns_a_value(x, y):
    return x[0]


def wrong_rank(x, y):
    y[0, 0] = x[0]


def unknown_attribute(x, y):
    y[0] = x.length


def shape_from_an_argument(x, y):
    tile = cuda.shared.array(x.shape[0], types.float32)
    y[0] = tile[0]


def helper(a):
    return a + 1


def plain_function(x, y):
    y[0] = helper(x[0])


def growing_list(x, y):
    values = [1, 2]
    values.append(3)
    y[0] = values[0]


@cuda.jit(device=True)
def nested(a):
    return a.length


def in_a_device_function(x, y):
    y[0] = nested(x)


REFUSED = [
    float_index,
    returns_a_value,
    wrong_rank,
    unknown_attribute,
    shape_from_an_argument,
    plain_function,
    growing_list,
    in_a_device_function,
]


def by_numba(function):
    """The error of Numba's whole compiler."""
    with pytest.raises(Exception) as caught, real_compiler((9, 0)):
        compile_cuda(function, types.void, (VECTOR, VECTOR), cc=(9, 0))
    return caught.value


@pytest.mark.parametrize("function", REFUSED)
def test_the_launch_raises_what_the_compiler_raises(function, session):
    y = np.zeros(4)
    with pytest.raises(NumbaError) as caught:
        cuda.jit(function)[1, 1](np.ones(4), y)
    assert type(caught.value) is type(by_numba(function))
    assert not session.launches
    assert not y.any()


@pytest.mark.parametrize("function", REFUSED)
def test_a_declared_kernel_is_refused_where_it_is_declared(function):
    with pytest.raises(NumbaError):
        cuda.jit((VECTOR, VECTOR))(function)


@pytest.mark.parametrize("folder", [Path(__file__).parent, Path(__file__).anchor, Path(__file__).parent / "defects"])
@pytest.mark.parametrize("function", REFUSED)
def test_one_sentence_names_the_line(function, folder, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(NumbaError) as caught:
        cuda.jit(function)[1, 1](np.ones(4), np.zeros(4))
    error = refusal(caught.value)
    assert error is not None
    assert "\n" not in str(error)
    assert error.message.startswith(f"kernel '{function.__name__}' cannot be compiled")
    culprit = nested.py_func if function is in_a_device_function else function
    line = culprit.__code__.co_firstlineno
    assert error.site.file == __file__
    assert line < error.site.line <= line + 4


def test_common_refusals_say_what_to_do():
    said = {}
    for function in REFUSED:
        with pytest.raises(NumbaError) as caught:
            cuda.jit(function)[1, 1](np.ones(4), np.zeros(4))
        said[function] = str(refusal(caught.value))
    assert "write to an array" in said[returns_a_value]
    assert "decorate it with @cuda.jit(device=True)" in said[plain_function]
    assert "the shape must be a constant" in said[shape_from_an_argument]
    assert "Unsupported array index type float64" in said[float_index]


def test_other_errors_are_no_refusals():
    try:
        raise ValueError("of the program")
    except ValueError as error:
        assert refusal(error) is None


def test_a_variable_may_change_its_type_where_ssa_separates_it():
    """A device function whose loop variable is reused as a float: with one type for both it could not index."""

    @cuda.jit
    def total(x):
        s = 0.0
        for a in range(x.size):
            i = a
            a = x[i] * 0.5
            s += a
        return s

    @cuda.jit
    def kernel(x, y):
        y[0] = total(x)

    y = np.zeros(1)
    kernel[1, 1](np.arange(4.0), y)
    assert y[0] == np.arange(4.0).sum() / 2


def test_numbas_own_functions_compile_after_the_session():
    """Inference declares functions of Numba, such as `sum`, which a real compiler must not meet later."""

    def kernel(x, y):
        y[0] = sum((x[0], x[1], 1.0))

    y = np.zeros(1)
    cuda.jit(kernel)[1, 1](np.arange(4.0), y)
    assert y[0] == 2
    gpusim.uninstall()
    with real_compiler((9, 0)):
        assert compile_cuda(kernel, types.void, (VECTOR, VECTOR), cc=(9, 0)).signature.return_type == types.void


def test_the_program_may_catch_it():
    with pytest.raises(TypingError):
        cuda.jit(float_index)[1, 1](np.ones(4), np.zeros(4))
