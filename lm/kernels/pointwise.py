"""Operations on single elements: bias, activation, residual connection.

    add_bias        x[r, j] += b[j]                    the b of x w + b
    gelu            x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
    relu            max(x, 0)
    relu2           max(x, 0)^2
    residual_add    x += y

GELU in its tanh form: Hendrycks & Gimpel 2016, "Gaussian Error Linear Units", section 2.  Squared ReLU:
So et al. 2021, "Primer", section 4.  Residual connections: He et al. 2015, "Deep Residual
Learning for Image Recognition", equation 1.
"""

from __future__ import annotations

import math

import numpy as np
from numba import cuda, float32

from lm.kernels.elements import launch_elements
from lm.kernels.operation import Operation

SQRT_2_OVER_PI = np.float32(math.sqrt(2 / math.pi))
CUBIC = np.float32(0.044715)
HALF = np.float32(0.5)


@cuda.jit
def add_bias(x, bias):
    """x[r, j] += bias[j]

    x [R, D] in place, bias [D], float32.
    """
    column, row = cuda.grid(2)
    if row < x.shape[0] and column < x.shape[1]:
        x[row, column] += bias[column]


def add_bias_reference(x: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """[R, D], [D] -> [R, D]"""
    return x + bias


@cuda.jit
def gelu(out, x):
    """out = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))

    out, x [R, D] float32; they may be the same array.
    """
    column, row = cuda.grid(2)
    if row < x.shape[0] and column < x.shape[1]:
        value = x[row, column]
        inner = SQRT_2_OVER_PI * (value + CUBIC * value * value * value)
        out[row, column] = HALF * value * (float32(1) + math.tanh(inner))


def gelu_reference(x: np.ndarray) -> np.ndarray:
    """[R, D] -> [R, D]"""
    return HALF * x * (1 + np.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x)))


@cuda.jit
def relu(out, x):
    """out = max(x, 0)

    out, x [R, D] float32; they may be the same array.
    """
    column, row = cuda.grid(2)
    if row < x.shape[0] and column < x.shape[1]:
        out[row, column] = max(x[row, column], float32(0))


def relu_reference(x: np.ndarray) -> np.ndarray:
    """[R, D] -> [R, D]"""
    return np.maximum(x, np.float32(0))


@cuda.jit
def relu2(out, x):
    """out = max(x, 0)^2

    out, x [R, D] float32; they may be the same array.
    """
    column, row = cuda.grid(2)
    if row < x.shape[0] and column < x.shape[1]:
        value = max(x[row, column], float32(0))
        out[row, column] = value * value


def relu2_reference(x: np.ndarray) -> np.ndarray:
    """[R, D] -> [R, D]"""
    return np.square(relu_reference(x))


@cuda.jit
def residual_add(x, y):
    """x += y

    x [R, D] in place, y [R, D], float32.
    """
    column, row = cuda.grid(2)
    if row < x.shape[0] and column < x.shape[1]:
        x[row, column] += y[row, column]


def residual_add_reference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """[R, D], [R, D] -> [R, D]"""
    return x + y


ADD_BIAS = Operation(add_bias, launch_elements, add_bias_reference, "void(float32[:,::1], float32[::1])")
_TWO = "void(float32[:,::1], float32[:,::1])"
GELU = Operation(gelu, launch_elements, gelu_reference, _TWO)
RELU = Operation(relu, launch_elements, relu_reference, _TWO)
RELU2 = Operation(relu2, launch_elements, relu2_reference, _TWO)
RESIDUAL_ADD = Operation(residual_add, launch_elements, residual_add_reference, _TWO)
