"""The matrix product."""

import torch
from support.chapters import Mistake

TORCH = {
    "gemm-naive-3x3": torch.matmul,
    "gemm-shared-3x3": torch.matmul,
    "gemm-naive-6x6": torch.matmul,
    "gemm-tiled-6x6": torch.matmul,
    "gemm-any-size": lambda c, a, b, alpha, beta: torch.addmm(c, a, b, alpha=float(alpha), beta=float(beta)),
}

MISTAKES = [
    Mistake("gemm-tiled-6x6", (("range(0, n, tile)", "range(0, tile, tile)"),), "result"),
    Mistake("gemm-any-size", (("if beta != 0:", "if beta == beta:"),), "result"),
    Mistake("gemm-any-size", (("        if i < m and first + x < depth:\n    ", "        if i < m:\n    "),), "launch"),
    Mistake("gemm-any-size", (("beta * c[i, j]", "c[i, j]"),), "result"),
]
