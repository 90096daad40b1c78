"""Methods and attributes that Numba gives numbers, slices, tuples and enumerations, against compiled functions."""

from __future__ import annotations

import enum
import struct

import numpy as np
import pytest
from numba import cuda, njit

import gpusim
from gpusim import KernelError


class Colour(enum.IntEnum):
    RED = 3
    GREEN = 5


class Shade(enum.Enum):
    DARK = 1.5


def run(body, dtype, *arguments):
    """What a device function gives in the simulator."""
    function = cuda.jit(device=True)(body)

    @cuda.jit
    def kernel(out, a, b):
        out[0] = function(a[0], b)

    out = np.zeros(1, dtype)
    gpusim.simulate(kernel)[1, 1](out, *arguments)
    return out[0]


def view_bits(x, _):
    return x.view(np.int32)


def view_constant(x, _):
    return np.float32(1.5).view(np.int32) + np.int32(x)


def view_wide(x, _):
    return np.float64(x).view(np.uint64)


def item(x, _):
    return x.item() + x


def conjugate(x, _):
    return x.conjugate() * x.real - x.imag


def slices(x, _):
    s = slice(int(x), 9, 2)
    return s.start * 10000 + s.stop * 100 + s.step


def open_slices(x, _):
    s = slice(int(x))
    return s.start * 10000 + s.stop * 100 + s.step


def indices(x, _):
    start, stop, step = slice(-3, None, 1).indices(int(x) + 5)
    return start * 10000 + stop * 100 + step


def indices_back(x, _):
    start, stop, step = slice(None, 1, -2).indices(int(x) + 5)
    return start * 10000 + stop * 100 + step + 7


def tuple_index(x, _):
    return (7, 3, 5, 3).index(int(x))


def enumeration(x, _):
    return Colour.GREEN.value + x


def default_in_lambda(x, _):
    f = lambda y, k=3: y * k  # noqa: E731
    return f(x) + f(x, 2)


@pytest.mark.parametrize(
    ("body", "given", "dtype"),
    [
        (view_constant, np.float32(1), np.int64),
        (view_wide, np.float32(0.1), np.uint64),
        (item, np.float32(2.5), np.float64),
        (conjugate, np.complex64(2 + 3j), np.complex128),
        (slices, np.float32(3), np.int64),
        (open_slices, np.float32(3), np.int64),
        (indices, np.float32(3), np.int64),
        (indices_back, np.float32(3), np.int64),
        (tuple_index, np.float32(3), np.int64),
        (enumeration, np.float32(3), np.float64),
        (default_in_lambda, np.float32(3), np.float64),
    ],
)
def test_as_compiled(body, given, dtype):
    assert run(body, dtype, np.array([given]), 0) == dtype(njit(body)(given, 0))


def test_bits_are_those_of_the_number():
    for value in (1.5, -0.0, np.inf, 3.4e38):
        bits = struct.unpack("<i", struct.pack("<f", value))[0]
        assert run(view_bits, np.int64, np.array([value], np.float32), 0) == bits


def test_members_that_are_arguments_have_a_value():
    def value(x, member):
        return member.value + x

    assert run(value, np.float64, np.ones(1), Colour.RED) == 4
    assert run(value, np.float64, np.ones(1), Shade.DARK) == 2.5


def test_one_element_of_a_slice():
    def only(x, b):
        return b[2:3].item()

    assert run(only, np.float64, np.ones(1), np.arange(5.0)) == 2


def test_slices_that_differ_between_threads():
    @cuda.jit
    def kernel(out, n):
        i = cuda.threadIdx.x
        start, stop, _ = slice(i, -i, 1).indices(n)
        out[i] = start * 100 + stop

    out = np.zeros(8, np.int64)
    gpusim.simulate(kernel)[1, 8](out, 6)
    assert out.tolist() == [slice(i, -i, 1).indices(6)[0] * 100 + slice(i, -i, 1).indices(6)[1] for i in range(8)]


def test_what_is_not_there_is_an_error_of_the_kernel():
    with pytest.raises(ValueError, match="not in tuple"):
        run(tuple_index, np.int64, np.array([4.0]), 0)
    with pytest.raises(KernelError, match="are not those of a"):
        run(lambda x, _: x.view(np.int64), np.int64, np.ones(1, np.float32), 0)
