"""Ordinary kernels against Numba: whatever is certain without asking it, it accepts."""

from __future__ import annotations

import itertools
import math
from types import SimpleNamespace

import numba
import numpy as np
import pytest
from numba import cuda

from gpusim.infer.judge import accept
from gpusim.kernel.sourceless import exec_with_source
from gpusim.kernel.target import numpy_support
from gpusim.simulator import Specialization

DTYPES = [np.dtype(letter) for letter in "?bhilBHILfd"]

FACTOR = 3
SCALE = np.float32(0.5)

OF_ONE = [
    *(f"o[0] = {sign} x" for sign in ("-", "+", "not", "~")),
    *(
        f"o[0] = {name}(x)"
        for name in ("int", "float", "abs", "numba.float32", "numba.int8", "np.float64", "np.uint16")
    ),
    *(
        f"o[0] = math.{name}(x)"
        for name in ("sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tan", "tanh", "fabs")
    ),
    *(f"o[0] = math.{name}(x)" for name in ("floor", "ceil", "erf", "isnan", "isinf")),
    "o[x] = 1",
    "o[0] = a[x]",
    "o[0] = a[0]",
    "a[0] = x",
    "a[0] = 1.5",
    "a[0] += x",
    "a[0] **= 2",
    "a[0] <<= 1",
    "v = x\n    v += 1\n    o[0] = v",
    "for k in range(x):\n        o[0] = k",
    "for k in range(0, x, 2):\n        o[0] = k",
    "while x:\n        break",
    "while x > 0 and a[0] < x:\n        x -= 1",
    "if x:\n        o[0] = 1",
    "o[0] = x ** 2",
    "o[0] = x ** -1",
    "o[0] = x ** 0.5",
    "o[0] = FACTOR * x + SCALE",
    "o[0] = x // 2 + x % 3 + x / 7",
    "o[0] = x << 3",
    "o[0] = 1 << x",
    "o[0] = 1 if x > 0 else x",
    "v = 0\n    if x > 1:\n        v = x\n    o[0] = v",
    "v = 0.0\n    for k in range(3):\n        v += x\n    o[0] = v",
    "o[0] = 0 < x < 3",
    "o[0] = x and 1",
    "o[0] = min(x, 3)",
    "o[0] = max(x, 2.5)",
    "s = cuda.shared.array(4, numba.{x})\n    s[0] = x\n    o[0] = s[1]",
    "s = cuda.local.array((2, FACTOR), dtype=np.{x})\n    s[0, 1] = x\n    o[0] = s[1, 0] + s.shape[1] + s.size",
    "n, m = b.shape\n    o[0] = n * m + b.size + len(a) + b[0, x]",
    "o[0] = twice(x)",
    "o[0] = first(a, x)",
    "i, j = cuda.grid(2)\n    b[i, j] = x",
    "o[0] = cuda.grid(1) + cuda.gridsize(1) + cuda.threadIdx.x * cuda.blockDim.y + cuda.laneid + cuda.warpsize",
    "cuda.syncthreads()\n    cuda.threadfence()\n    cuda.threadfence_block()",
    "x, o[0] = 1, 2",
    "u, v = x, a[0]\n    u, v = v, u\n    o[0] = u + v",
]
OF_TWO = [
    *(f"o[0] = x {op} y" for op in ("+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>")),
    *(f"o[0] = x {op} y" for op in ("==", "!=", "<", "<=", ">", ">=")),
    *(f"o[0] = {name}(x, y)" for name in ("min", "max", "math.pow", "math.atan2", "math.fmod")),
    "a[0] = y",
    "a[0] -= y",
    "a[0] /= y",
    "a[y] = x",
    "x = y\n    o[0] = x",
    "v = x\n    if o[0] > 0:\n        v = y\n    o[0] = v",
    "v = x if o[0] > 0 else y\n    o[0] = v",
    "v = x and y\n    o[0] = v",
    "v = x or y\n    o[0] = v",
    "v = x\n    while v < y:\n        v = v + y\n    o[0] = v",
    "for k in range(x, y):\n        o[0] = k",
    "b[x, y] = 1",
    "o[0] = chosen(x, y)",
    *(f"o[0] = cuda.atomic.{name}(a, 0, y)" for name in ("add", "sub", "max", "min")),
    "cuda.atomic.add(b, (x, y), 1)",
]


@cuda.jit(device=True)
def twice(value):
    return value * 2


@cuda.jit(device=True)
def first(array, value):
    """Either."""
    if value > 0:
        return array[0]
    return value


@cuda.jit(device=True)
def chosen(one, other):
    if one < other:
        return one
    return other


def function_of(*statements):
    names = {"cuda": cuda, "math": math, "np": np, "numba": numba, "FACTOR": FACTOR, "SCALE": SCALE}
    names |= {"twice": twice, "first": first, "chosen": chosen}
    exec_with_source("def kernel(o, a, b, x, y):\n    " + "\n    ".join(statements) + "\n", names)
    return names["kernel"]


def is_certain(function, *given):
    return Specialization(function).is_certain(given)


def arguments(x, y):
    """o, a, b, x, y: an array of float64, two of the first type, and a number of each type."""
    return np.ones(4), np.ones(4, x), np.ones((2, 2), x), x.type(1), y.type(1)


def accepted(function, given):
    """Numba's whole compiler, as far as LLVM's language."""
    types = [
        numpy_support.from_dtype(value.dtype)[(slice(None),) * (value.ndim - 1) + (slice(None, None, 1),)]
        if isinstance(value, np.ndarray)
        else numpy_support.from_dtype(value.dtype)
        for value in given
    ]
    accept(SimpleNamespace(py_func=function, targetoptions={}), tuple(types))


def compare(templates, x, y):
    """Numba accepts a kernel of all statements that are certain; returns how many they are."""
    given = arguments(x, y)
    texts = [template.replace("{x}", x.name).replace("numba.bool", "numba.int8") for template in templates]
    certain = [text for text in texts if is_certain(function_of(text), *given)]
    for text in certain:
        function = function_of(text)
        try:
            accepted(function, given)
        except Exception as error:
            pytest.fail(f"certain of `{text}` with {x}, {y}, which Numba refuses: {str(error)[-300:]}")
    return len(certain)


@pytest.mark.parametrize("x", DTYPES, ids=str)
def test_statements_with_one_number(x):
    assert compare(OF_ONE, x, np.dtype(np.int64)) >= len(OF_ONE) // 2


@pytest.mark.parametrize("x", DTYPES, ids=str)
@pytest.mark.parametrize("apart", [0, 4])
def test_statements_with_two_numbers(x, apart):
    assert compare(OF_TWO, x, DTYPES[(DTYPES.index(x) + apart) % len(DTYPES)])


@pytest.mark.slow
@pytest.mark.parametrize(("x", "y"), [*itertools.product(DTYPES, repeat=2)], ids=str)
def test_statements_with_any_two_numbers(x, y):
    assert compare(OF_TWO, x, y)
