"""Formula 3, the general matrix product (GEMM), in two ways.

    C = alpha A B + beta C        c_ij = alpha sum_k a_ik b_kj + beta c_ij

Dongarra et al. 1990, "A set of level 3 basic linear algebra subprograms" (xGEMM); as there, C is not read
when beta is 0.  A is [M, K], B [K, N], C [M, N]; no size need be a multiple of a tile.

`matmul_tiled`: a block computes a TILE x TILE piece of C, one element per thread, and fetches A and B
through shared memory, so that global memory is read TILE times less often than the formula reads
(CUDA C++ Programming Guide, "Shared Memory").

`matmul_register_tiled`: a thread computes 4 x 4 elements of C in registers.  For each k it reads 4 + 4
values from shared memory and makes 16 products of them: half a read per product instead of two (Volkov &
Demmel 2008, "Benchmarking GPUs to tune dense linear algebra").  Its elements lie SIDE apart, so that
neighbouring threads still touch neighbouring columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import cuda, float32

from lm.kernels.operation import Block, Grid, Operation, tiles

TILE = 16  # threads along each side of a block, and the depth of a step along k
SIDE = TILE
BIG = 4 * SIDE  # side of the piece of C that a register-tiled block computes


@cuda.jit
def matmul_tiled(c, a, b, alpha, beta):
    """c = alpha a b + beta c

    c [M, N], a [M, K], b [K, N], alpha, beta, float32.
    """
    a_tile = cuda.shared.array((TILE, TILE), float32)
    b_tile = cuda.shared.array((TILE, TILE), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    row = cuda.blockIdx.y * TILE + y
    column = cuda.blockIdx.x * TILE + x
    rows, columns = c.shape
    depth = a.shape[1]

    total = float32(0)
    for start in range(0, depth, TILE):
        a_tile[y, x] = a[row, start + x] if row < rows and start + x < depth else float32(0)
        b_tile[y, x] = b[start + y, column] if start + y < depth and column < columns else float32(0)
        cuda.syncthreads()
        for k in range(TILE):
            total += a_tile[y, k] * b_tile[k, x]
        cuda.syncthreads()

    store(c, row, column, total, alpha, beta)


@cuda.jit(device=True)
def store(c, row, column, product, alpha, beta):
    """c[row, column] = alpha product + beta c[row, column], if c has such an element."""
    if row < c.shape[0] and column < c.shape[1]:
        if beta == float32(0):
            c[row, column] = alpha * product
        else:
            c[row, column] = alpha * product + beta * c[row, column]


@cuda.jit
def matmul_register_tiled(c, a, b, alpha, beta):
    """c = alpha a b + beta c

    c [M, N], a [M, K], b [K, N], alpha, beta, float32.
    """
    a_tile = cuda.shared.array((BIG, TILE), float32)
    b_tile = cuda.shared.array((TILE, BIG), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    row = cuda.blockIdx.y * BIG + y  # this thread's rows: row, row + SIDE, ...
    column = cuda.blockIdx.x * BIG + x
    rows, columns = c.shape
    depth = a.shape[1]

    c00 = c01 = c02 = c03 = float32(0)
    c10 = c11 = c12 = c13 = float32(0)
    c20 = c21 = c22 = c23 = float32(0)
    c30 = c31 = c32 = c33 = float32(0)
    for start in range(0, depth, TILE):
        for s in range(0, BIG, SIDE):
            in_a = row + s < rows and start + x < depth
            in_b = start + y < depth and column + s < columns
            a_tile[y + s, x] = a[row + s, start + x] if in_a else float32(0)
            b_tile[y, x + s] = b[start + y, column + s] if in_b else float32(0)
        cuda.syncthreads()
        for k in range(TILE):
            a0 = a_tile[y, k]
            a1 = a_tile[y + SIDE, k]
            a2 = a_tile[y + 2 * SIDE, k]
            a3 = a_tile[y + 3 * SIDE, k]
            b0 = b_tile[k, x]
            b1 = b_tile[k, x + SIDE]
            b2 = b_tile[k, x + 2 * SIDE]
            b3 = b_tile[k, x + 3 * SIDE]
            c00 += a0 * b0
            c01 += a0 * b1
            c02 += a0 * b2
            c03 += a0 * b3
            c10 += a1 * b0
            c11 += a1 * b1
            c12 += a1 * b2
            c13 += a1 * b3
            c20 += a2 * b0
            c21 += a2 * b1
            c22 += a2 * b2
            c23 += a2 * b3
            c30 += a3 * b0
            c31 += a3 * b1
            c32 += a3 * b2
            c33 += a3 * b3
        cuda.syncthreads()

    store_row(c, row, column, c00, c01, c02, c03, alpha, beta)
    store_row(c, row + SIDE, column, c10, c11, c12, c13, alpha, beta)
    store_row(c, row + 2 * SIDE, column, c20, c21, c22, c23, alpha, beta)
    store_row(c, row + 3 * SIDE, column, c30, c31, c32, c33, alpha, beta)


@cuda.jit(device=True)
def store_row(c, row, column, product0, product1, product2, product3, alpha, beta):
    """`store` for four columns that lie SIDE apart."""
    store(c, row, column, product0, alpha, beta)
    store(c, row, column + SIDE, product1, alpha, beta)
    store(c, row, column + 2 * SIDE, product2, alpha, beta)
    store(c, row, column + 3 * SIDE, product3, alpha, beta)


def matmul_reference(c: np.ndarray, a: np.ndarray, b: np.ndarray, alpha: float, beta: float) -> np.ndarray:
    """[M, N], [M, K], [K, N] -> [M, N]"""
    product = np.float32(alpha) * (a @ b)
    return product if beta == 0 else product + np.float32(beta) * c


def launch_tiled(c: Any, *_: Any) -> tuple[Grid, Block]:
    """A TILE x TILE block, one thread per element of C; x along the columns."""
    return (tiles(c.shape[1], TILE), tiles(c.shape[0], TILE), 1), (TILE, TILE, 1)


def launch_register_tiled(c: Any, *_: Any) -> tuple[Grid, Block]:
    """A SIDE x SIDE block for each BIG x BIG piece of C, 4 x 4 elements per thread; x along the columns."""
    return (tiles(c.shape[1], BIG), tiles(c.shape[0], BIG), 1), (SIDE, SIDE, 1)


_TYPES = "void(float32[:,::1], float32[:,::1], float32[:,::1], float32, float32)"
MATMUL_TILED = Operation(matmul_tiled, launch_tiled, matmul_reference, _TYPES)
MATMUL_REGISTER_TILED = Operation(matmul_register_tiled, launch_register_tiled, matmul_reference, _TYPES)
