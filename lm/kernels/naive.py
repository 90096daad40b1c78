"""Every operation that has a better way, the plain way: one thread for a result, straight from global memory.

The same formulas, parameters and NumPy counterparts as the kernels of the neighbouring modules, without shared memory,
barriers or a second thread: what a first correct version looks like, and what the others are measured against.
A thread has a row of the result, but for the matrix product, where it has an element (CUDA C++ Programming Guide,
"Shared Memory", the first of its two matrix products).  Operations on single elements (`lm.kernels.pointwise`,
`embedding`, `rotary`, `append`) are one thread an element already.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from numba import cuda, float32

from lm.kernels.attention import ATTENTION_SCORES, ATTENTION_VALUES, MASKED
from lm.kernels.cache import ATTENTION_DECODE
from lm.kernels.cross_entropy import CROSS_ENTROPY
from lm.kernels.elements import launch_elements
from lm.kernels.fused_attention import ATTENTION
from lm.kernels.layer_norm import EPSILON, LAYER_NORM
from lm.kernels.matmul import MATMUL_TILED, store
from lm.kernels.operation import Block, Grid, Operation, tiles
from lm.kernels.rms_norm import RMS_NORM
from lm.kernels.rows import LOWEST
from lm.kernels.softmax import SOFTMAX_ONLINE

THREADS = 128


@cuda.jit
def matmul_naive(c, a, b, alpha, beta):
    """c = alpha a b + beta c"""
    column, row = cuda.grid(2)
    if row < c.shape[0] and column < c.shape[1]:
        total = float32(0)
        for k in range(a.shape[1]):
            total += a[row, k] * b[k, column]
        store(c, row, column, total, alpha, beta)


@cuda.jit
def layer_norm_naive(out, x, gain, bias):
    """out[r] = (x[r] - mean(x[r])) / sqrt(var(x[r]) + eps) * gain + bias"""
    row = cuda.grid(1)
    if row < x.shape[0]:
        width = x.shape[1]
        mean = float32(0)
        for column in range(width):
            mean += x[row, column]
        mean /= float32(width)
        variance = float32(0)
        for column in range(width):
            difference = x[row, column] - mean
            variance += difference * difference
        scale = float32(1) / math.sqrt(variance / float32(width) + EPSILON)
        for column in range(width):
            out[row, column] = (x[row, column] - mean) * scale * gain[column] + bias[column]


@cuda.jit
def rms_norm_naive(out, x, gain):
    """out[r] = x[r] / sqrt(mean(x[r]^2) + eps) * gain"""
    row = cuda.grid(1)
    if row < x.shape[0]:
        width = x.shape[1]
        total = float32(0)
        for column in range(width):
            value = x[row, column]
            total += value * value
        scale = float32(1) / math.sqrt(total / float32(width) + EPSILON)
        for column in range(width):
            out[row, column] = x[row, column] * scale * gain[column]


@cuda.jit
def softmax_naive(out, x):
    """out[r] = exp(x[r] - m) / sum(exp(x[r] - m)), m = max(x[r])"""
    row = cuda.grid(1)
    if row < x.shape[0]:
        width = x.shape[1]
        largest = LOWEST
        for column in range(width):
            largest = max(largest, x[row, column])
        total = float32(0)
        for column in range(width):
            total += math.exp(x[row, column] - largest)
        for column in range(width):
            out[row, column] = math.exp(x[row, column] - largest) / total


@cuda.jit
def cross_entropy_naive(losses, logits, targets):
    """losses[r] = log(sum(exp(logits[r]))) - logits[r, targets[r]]"""
    row = cuda.grid(1)
    if row < logits.shape[0]:
        width = logits.shape[1]
        largest = LOWEST
        for column in range(width):
            largest = max(largest, logits[row, column])
        total = float32(0)
        for column in range(width):
            total += math.exp(logits[row, column] - largest)
        losses[row] = math.log(total) + (largest - logits[row, targets[row]])


@cuda.jit(device=True)
def product(q, k, batch, i, head, j, shared):
    """q[batch, i, head] . k[batch, j, shared] / sqrt(d)"""
    total = float32(0)
    for c in range(q.shape[3]):
        total += q[batch, i, head, c] * k[batch, j, shared, c]
    return total / math.sqrt(float32(q.shape[3]))


@cuda.jit(device=True)
def attend(out, q, k, v, batch, i, head, keys):
    """out[batch, i, head] of the first `keys` keys.  Every score is computed three times: for the maximum, for the sum
    and for the result, which is added up in global memory."""
    shared = head * k.shape[2] // q.shape[2]
    largest = LOWEST
    for j in range(keys):
        largest = max(largest, product(q, k, batch, i, head, j, shared))
    total = float32(0)
    for j in range(keys):
        total += math.exp(product(q, k, batch, i, head, j, shared) - largest)
    for c in range(out.shape[3]):
        out[batch, i, head, c] = float32(0)
    for j in range(keys):
        weight = math.exp(product(q, k, batch, i, head, j, shared) - largest) / total
        for c in range(out.shape[3]):
            out[batch, i, head, c] += weight * v[batch, j, shared, c]


@cuda.jit
def attention_naive(out, q, k, v, ahead):
    """out[b, i, h] = sum over j <= i + ahead of softmax(q[b, i, h] . k[b, :, h G / H] / sqrt(d))[j] v[b, j, h G / H]"""
    row = cuda.grid(1)  # (b T + i) H + h
    batch, length, heads = q.shape[0], q.shape[1], q.shape[2]
    if row < batch * length * heads:
        position, head = row // heads, row % heads
        i = position % length
        attend(out, q, k, v, position // length, i, head, min(k.shape[1], i + ahead + 1))


@cuda.jit
def attention_decode_naive(out, q, k, v, length):
    """out[b, 0, h] = sum over j < length of softmax(q[b, 0, h] . k[b, :, g] / sqrt(d))[j] v[b, j, g], g = h G / H"""
    row = cuda.grid(1)  # b H + h
    heads = q.shape[2]
    if row < q.shape[0] * heads:
        attend(out, q, k, v, row // heads, 0, row % heads, length)


@cuda.jit
def attention_scores_naive(scores, q, k, ahead):
    """scores[b, h, i, j] = q[b, i, h] . k[b, j, h G / H] / sqrt(d) if j <= i + ahead else -infinity"""
    j, row = cuda.grid(2)  # row = (b H + h) T + i
    batch, heads, length, keys = scores.shape
    if j < keys and row < batch * heads * length:
        b, head, i = row // length // heads, row // length % heads, row % length
        if j <= i + ahead:
            scores[b, head, i, j] = product(q, k, b, i, head, j, head * k.shape[2] // heads)
        else:
            scores[b, head, i, j] = MASKED


@cuda.jit
def attention_values_naive(out, weights, v, ahead):
    """out[b, i, h] = sum over j <= i + ahead of weights[b, h, i, j] v[b, j, h G / H]"""
    c, row = cuda.grid(2)  # row = (b T + i) H + h
    batch, length, heads, width = out.shape
    if c < width and row < batch * length * heads:
        position, head = row // heads, row % heads
        b, i = position // length, position % length
        total = float32(0)
        for j in range(min(weights.shape[3], i + ahead + 1)):
            total += weights[b, head, i, j] * v[b, j, head * v.shape[2] // heads, c]
        out[b, i, head, c] = total


def launch_per_row(out: Any, x: Any, *_: Any) -> tuple[Grid, Block]:
    """A thread for each row of the matrix `x`."""
    return (tiles(x.shape[0], THREADS), 1, 1), (THREADS, 1, 1)


def launch_per_query(out: Any, *_: Any) -> tuple[Grid, Block]:
    """A thread for each position and head of `out`."""
    batch, length, heads, _width = out.shape
    return (tiles(batch * length * heads, THREADS), 1, 1), (THREADS, 1, 1)


def launch_per_number(out: Any, *_: Any) -> tuple[Grid, Block]:
    """A thread for each number of the four-dimensional `out`; x is its last axis, y all others."""
    first, second, third, columns = out.shape
    return (tiles(columns, 32), tiles(first * second * third, 4), 1), (32, 4, 1)


def _naive(kernel: Any, launch: Any, good: Operation) -> Operation:
    return replace(good, kernel=kernel, launch=launch)


MATMUL_NAIVE = _naive(matmul_naive, launch_elements, MATMUL_TILED)
LAYER_NORM_NAIVE = _naive(layer_norm_naive, launch_per_row, LAYER_NORM)
RMS_NORM_NAIVE = _naive(rms_norm_naive, launch_per_row, RMS_NORM)
SOFTMAX_NAIVE = _naive(softmax_naive, launch_per_row, SOFTMAX_ONLINE)
CROSS_ENTROPY_NAIVE = _naive(cross_entropy_naive, launch_per_row, CROSS_ENTROPY)
ATTENTION_NAIVE = _naive(attention_naive, launch_per_query, ATTENTION)
ATTENTION_DECODE_NAIVE = _naive(attention_decode_naive, launch_per_query, ATTENTION_DECODE)
ATTENTION_SCORES_NAIVE = _naive(attention_scores_naive, launch_per_number, ATTENTION_SCORES)
ATTENTION_VALUES_NAIVE = _naive(attention_values_naive, launch_per_number, ATTENTION_VALUES)
