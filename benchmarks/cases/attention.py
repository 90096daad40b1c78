"""Softmax of rows, and causal attention with the scores in shared memory."""

from __future__ import annotations

import math

import numpy as np
from numba import cuda, float32, njit

from cases.case import Case, random

BLOCK = 128
LENGTH = 128
WIDTH = 64


@cuda.jit
def softmax(out, a):
    """A block to a row: maximum, sum of exponentials, quotient; each thread takes every 128th element."""
    part = cuda.shared.array(BLOCK, float32)
    row = cuda.blockIdx.x
    i = cuda.threadIdx.x
    best = a[row, i]
    for k in range(i + BLOCK, a.shape[1], BLOCK):
        best = max(best, a[row, k])
    part[i] = best
    cuda.syncthreads()
    step = BLOCK // 2
    while step > 0:
        if i < step:
            part[i] = max(part[i], part[i + step])
        cuda.syncthreads()
        step //= 2
    best = part[0]
    cuda.syncthreads()
    total = float32(0)
    for k in range(i, a.shape[1], BLOCK):
        total += math.exp(a[row, k] - best)
    part[i] = total
    cuda.syncthreads()
    step = BLOCK // 2
    while step > 0:
        if i < step:
            part[i] += part[i + step]
        cuda.syncthreads()
        step //= 2
    total = part[0]
    for k in range(i, a.shape[1], BLOCK):
        out[row, k] = math.exp(a[row, k] - best) / total


@njit
def softmax_loops(out, a):
    for row in range(a.shape[0]):
        best = a[row, 0]
        for k in range(a.shape[1]):
            best = max(best, a[row, k])
        total = np.float32(0)
        for k in range(a.shape[1]):
            total += math.exp(a[row, k] - best)
        for k in range(a.shape[1]):
            out[row, k] = math.exp(a[row, k] - best) / total


def _softmax(out: np.ndarray, a: np.ndarray) -> np.ndarray:
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@cuda.jit
def attention(out, q, k, v):
    """A block to a query: scores by one thread a key, normalised in shared memory, then one thread a column."""
    scores = cuda.shared.array(LENGTH, float32)
    query = cuda.blockIdx.x
    i = cuda.threadIdx.x
    if i <= query:
        score = float32(0)
        for c in range(WIDTH):
            score += q[query, c] * k[i, c]
        scores[i] = score / float32(8)
    cuda.syncthreads()
    best = scores[0]
    for j in range(1, query + 1):
        best = max(best, scores[j])
    total = float32(0)
    for j in range(query + 1):
        total += math.exp(scores[j] - best)
    if i < WIDTH:
        value = float32(0)
        for j in range(query + 1):
            value += math.exp(scores[j] - best) * v[j, i]
        out[query, i] = value / total


@njit
def attention_loops(out, q, k, v):
    scores = np.empty(LENGTH, np.float32)
    for query in range(LENGTH):
        for i in range(query + 1):
            score = np.float32(0)
            for c in range(WIDTH):
                score += q[query, c] * k[i, c]
            scores[i] = score / np.float32(8)
        best = scores[0]
        for j in range(1, query + 1):
            best = max(best, scores[j])
        total = np.float32(0)
        for j in range(query + 1):
            total += math.exp(scores[j] - best)
        for i in range(WIDTH):
            value = np.float32(0)
            for j in range(query + 1):
                value += math.exp(scores[j] - best) * v[j, i]
            out[query, i] = value / total


def _attention(out: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    scores = q @ k.T / 8
    scores[np.triu_indices(LENGTH, 1)] = -np.inf
    return _softmax(scores, scores) @ v


def _softmax_loads(rows: int, columns: int) -> int:
    trees = 2 * 2 * (BLOCK - 1)
    return rows * (3 * columns + trees + 2 * BLOCK)


def _attention_loads() -> int:
    pairs = LENGTH * (LENGTH + 1) // 2
    return pairs * (2 * WIDTH + LENGTH + LENGTH + 2 * WIDTH)


CASES = [
    Case(
        "softmax of 512x512",
        softmax,
        softmax_loops,
        512,
        BLOCK,
        lambda: (np.zeros((512, 512), np.float32), *random((512, 512))),
        _softmax,
        _softmax_loads(512, 512),
        slow=True,
    ),
    Case(
        "attention, 128 positions of 64",
        attention,
        attention_loops,
        LENGTH,
        LENGTH,
        lambda: (np.zeros((LENGTH, WIDTH), np.float32), *random(*[(LENGTH, WIDTH)] * 3)),
        _attention,
        _attention_loads(),
        slow=True,
    ),
]
