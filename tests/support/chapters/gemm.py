"""The matrix product."""

from itertools import pairwise

import torch
from support.chapters import Mistake


def _block_sparse(starts, columns, blocks, b):
    c = torch.zeros(len(starts) - 1, 8, b.shape[1], dtype=b.dtype)
    for row, (first, last) in enumerate(pairwise(starts.tolist())):
        for block, column in zip(blocks[first:last], columns[first:last].tolist(), strict=True):
            c[row] += block @ b[8 * column : 8 * column + 8]
    return c.flatten(0, 1)


TORCH = {
    "gemm-naive-3x3": torch.matmul,
    "gemm-shared-3x3": torch.matmul,
    "gemm-naive-6x6": torch.matmul,
    "gemm-tiled-6x6": torch.matmul,
    "gemm-any-size": lambda c, a, b, alpha, beta: torch.addmm(c, a, b, alpha=float(alpha), beta=float(beta)),
    "gemm-register-tile": torch.matmul,
    "gemm-wide-loads": torch.matmul,
    "gemm-split-k": torch.matmul,
    "gemm-block-sparse": _block_sparse,
    "gemm-int8-weights": lambda x, w, scale: torch.nn.functional.linear(x, w * scale[:, None]),
}

RIGHT = "            for s in range(4):\n                right[s] = b_tile[k, x + 8 * s]\n"
COPIED = "        cuda.syncthreads()\n        for k in range("
USED = "        cuda.syncthreads()\n    for "
A_HALVES = "a_tile[i // 16, i % 16] = a[top + i // 16, first + i % 16]"
B_HALVES = "b_tile[i // 32, i % 32] = b[first + i // 32, left + i % 32]"
A_WORDS = "a_words[i // A_WORDS, i % A_WORDS] = a.view(np.uint64)[top + i // A_WORDS, first // 4 + i % A_WORDS]"
B_WORDS = "b_words[i // B_WORDS, i % B_WORDS] = b.view(np.uint64)[first + i // B_WORDS, left // 4 + i % B_WORDS]"
VIEWS = "        a_tile = a_words.view(np.float16)\n        b_tile = b_words.view(np.float16)\n"
KEPT = "for p in range(starts[row], starts[row + 1]):\n        a_tile[y, x] = blocks[p, y, x]\n"

MISTAKES = [
    Mistake("gemm-tiled-6x6", (("range(0, n, tile)", "range(0, tile, tile)"),), "result"),
    Mistake("gemm-any-size", (("if beta != 0:", "if beta == beta:"),), "result"),
    Mistake("gemm-any-size", (("        if i < m and first + x < depth:\n    ", "        if i < m:\n    "),), "launch"),
    Mistake("gemm-any-size", (("beta * c[i, j]", "c[i, j]"),), "result"),
    Mistake("gemm-register-tile", ((COPIED, COPIED.partition("\n")[2]),), "finding", "race"),
    Mistake("gemm-register-tile", ((USED, "    for "),), "finding", "race"),
    Mistake("gemm-register-tile", (("a_tile[y + 8 * r, k]", "a_tile[y + r, k]"),), "result", "c["),
    Mistake(
        "gemm-register-tile",
        ((RIGHT, ""), ("value * right[s]", "value * b_tile[k, x + 8 * s]")),
        "limit",
        "shared loads: 40960",
    ),
    Mistake(
        "gemm-register-tile",
        (
            ("b_tile[k, x + 8 * s]", "b_tile[k, 4 * x + s]"),
            ("a_tile[y + 8 * r, k]", "a_tile[4 * y + r, k]"),
            ("c[top + y + 8 * r, left + x + 8 * s]", "c[top + 4 * y + r, left + 4 * x + s]"),
        ),
        "limit",
        "bank conflicts",
    ),
    Mistake(
        "gemm-register-tile",
        (("a[top + i // DEPTH, first + i % DEPTH]", "a[top + i // DEPTH, i % DEPTH]"),),
        "result",
        "c[",
    ),
    Mistake(
        "gemm-wide-loads",
        ((COPIED.replace("for k", "a_tile").partition(" in ")[0], "        a_tile"),),
        "finding",
        "race",
    ),
    Mistake("gemm-wide-loads", (("first // 4 + i", "first + i"),), "launch", "out of bounds", "a_words["),
    Mistake("gemm-wide-loads", (("left // 4 + i", "left + i"),), "launch", "out of bounds", "b_words["),
    Mistake("gemm-wide-loads", (("range(t, SIDE * A_WORDS,", "range(t, 64,"),), "finding", "a_words", "a_tile["),
    Mistake(
        "gemm-wide-loads",
        (
            (VIEWS, ""),
            ("    totals = cuda", VIEWS.replace("        ", "    ") + "    totals = cuda"),
            (A_WORDS, A_HALVES),
            (B_WORDS, B_HALVES),
            ("range(t, SIDE * A_WORDS,", "range(t, 512,"),
        ),
        "limit",
        "global load requests: 64",
    ),
    Mistake("gemm-split-k", (("range(z * share, stop, TILE)", "range(0, stop, TILE)"),), "result", "c["),
    Mistake(
        "gemm-split-k",
        (
            ("first + x < stop else", "first + x < a.shape[1] else"),
            ("first + y < stop else", "first + y < a.shape[1] else"),
        ),
        "result",
        "c[",
    ),
    Mistake(
        "gemm-split-k",
        (("stop = min((z + 1) * share, a.shape[1])", "stop = (z + 1) * share"),),
        "launch",
        "out of bounds",
    ),
    Mistake("gemm-split-k", (("total += parts[z, i, j]", "total = parts[z, i, j]"),), "result", "c["),
    Mistake("gemm-split-k", ((COPIED, COPIED.partition("\n")[2]),), "finding", "race"),
    Mistake(
        "gemm-split-k",
        (
            ("stop = min((z + 1) * share, a.shape[1])", "stop = a.shape[1] if z == 0 else 0"),
            ("range(z * share, stop, TILE)", "range(0, stop, TILE)"),
        ),
        "limit",
        "busiest thread: 24",
    ),
    Mistake("gemm-block-sparse", (("columns[p] * SIDE + y", "p * SIDE + y"),), "result", "c["),
    Mistake("gemm-block-sparse", (("columns[p] * SIDE + y", "columns[p] + y"),), "result", "c["),
    Mistake("gemm-block-sparse", (("blocks[p, y, x]", "blocks[p, x, y]"),), "result", "c["),
    Mistake(
        "gemm-block-sparse",
        (("    c[i, j] = total", "    if total != 0:\n        c[i, j] = total"),),
        "unwritten",
        "c[",
    ),
    Mistake("gemm-block-sparse", ((COPIED, COPIED.partition("\n")[2]),), "finding", "race"),
    Mistake(
        "gemm-block-sparse",
        (
            (
                KEPT,
                KEPT.replace("starts[row], starts[row + 1]", "columns.shape[0]").replace(
                    "blocks[p, y, x]", "blocks[p, y, x] if starts[row] <= p < starts[row + 1] else float32(0)"
                ),
            ),
        ),
        "limit",
        "sectors of b",
    ),
    Mistake(
        "gemm-int8-weights",
        (("float32(int32(word << (24 - 8 * q)) >> 24)", "float32((word >> (8 * q)) & 255)"),),
        "result",
        "out[",
    ),
    Mistake("gemm-int8-weights", (("4 * column + q] =", "column + 8 * q] ="),), "result", "out["),
    Mistake("gemm-int8-weights", (("first // 4 + column", "first + column"),), "launch", "out of bounds"),
    Mistake("gemm-int8-weights", (("total * scale[j]", "total"),), "result", "out["),
    Mistake("gemm-int8-weights", (("    if i < m:\n        out", "    out"),), "launch", "out of bounds"),
    Mistake("gemm-int8-weights", (("PITCH = 33", "PITCH = 32"),), "limit", "bank conflicts"),
    Mistake("gemm-int8-weights", ((COPIED, COPIED.partition("\n")[2]),), "finding", "race"),
    Mistake(
        "gemm-int8-weights",
        (("w_tile[column, k]\n", "w[j, first + k]\n"),),
        "limit",
        "bytes of w: 9216",
    ),
]
