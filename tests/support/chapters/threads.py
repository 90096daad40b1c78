"""Threads."""

import torch
from support.chapters import Mistake

TORCH = {
    "map": lambda a: torch.add(1, a, alpha=2),
    "guard": lambda alpha, x, y: torch.add(y, x, alpha=float(alpha)),
    "add-bias": lambda x, bias: x + bias,
    "zip": lambda a, b: a * b,
    "map-2d": lambda a: a**2,
    "broadcast": lambda a, b: a[:, None] + b,
    "blocks": lambda a: -a,
    "blocks-2d": lambda a: a.clone(),
    "grid-stride": lambda a, alpha: a * float(alpha),
}

MISTAKES = [
    Mistake("map", (("2 * a[i] + 1", "2 * a[0] + 1"),), "result", "should be"),
    Mistake("map", (("    out[i] =", "    a[i] = a[i]\n    out[i] ="),), "input", "stores into a"),
    Mistake("guard", (("    if i < out.shape[0]:\n        out", "    out"),), "launch", "out of bounds", "out[i] ="),
    Mistake("guard", (("alpha * x[i]", "x[i]"),), "result"),
    Mistake("guard", (("out[i] =", "out[i] +="),), "unwritten", "+="),
    Mistake("add-bias", (("j, i = cuda.grid(2)", "i, j = cuda.grid(2)"),), "result"),
    Mistake("add-bias", ((" and j < x.shape[1]", ""),), "launch", "out of bounds"),
    Mistake("zip", (("* b[i]", "* b[0]"),), "result"),
    Mistake("zip", (("* b[i]", "+ b[i]"),), "result"),
    Mistake("zip", (("    out[i] = a[i] * b[i]", "    out[i] = a[i]\n    out[i] *= b[i]"),), "limit", "24"),
    Mistake("zip", (("cuda.threadIdx.x", "cuda.threadIdx.x + 1"),), "launch", "out of bounds"),
    Mistake(
        "map-2d",
        (("i = cuda.threadIdx.y", "i = cuda.threadIdx.x"), ("j = cuda.threadIdx.x", "j = cuda.threadIdx.y")),
        "launch",
        "out of bounds",
    ),
    Mistake("map-2d", (("* a[i, j]\n", "+ a[i, j]\n"),), "result"),
    Mistake("map-2d", (("out[i, j] =", "out[i, 0] ="),), "finding", "race"),
    Mistake("map-2d", (("a[i, j] * a[i, j]", "a[i, j] * a[i, j] + 0 * a[i, 0]"),), "limit"),
    Mistake("broadcast", ((" and j < out.shape[1]", ""),), "launch", "out of bounds"),
    Mistake("broadcast", (("j, i = cuda.grid(2)", "i, j = cuda.grid(2)"),), "unwritten"),
    Mistake("broadcast", (("a[i] + b[j]", "a[i] - b[j]"),), "result"),
    Mistake("broadcast", (("a[i] + b[j]", "a[i] + b[0]"),), "result"),
    Mistake("blocks", (("    if i < out.shape[0]:\n        out", "    out"),), "launch", "out of bounds"),
    Mistake("blocks", (("cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x", "cuda.threadIdx.x"),), "unwritten"),
    Mistake("blocks", (("cuda.blockIdx.x * cuda.blockDim.x", "cuda.blockIdx.x"),), "unwritten"),
    Mistake("blocks", (("= -a[i]", "= a[i]"),), "result"),
    Mistake(
        "blocks-2d",
        (("j, i = cuda.grid(2)", "i, j = cuda.grid(2)"),),
        "limit",
        "sectors",
    ),
    Mistake("blocks-2d", (("= a[i, j]", "= a[j, i]"),), "result", "transpose"),
    Mistake("blocks-2d", ((" and j < out.shape[1]", ""),), "launch", "out of bounds"),
    Mistake("blocks-2d", (("= a[i, j]", "= a[i, j] + 1"),), "result"),
    Mistake("grid-stride", (("cuda.gridsize(1)", "cuda.blockDim.x"),), "finding", "race"),
    Mistake(
        "grid-stride",
        (("range(cuda.grid(1), out.shape[0], cuda.gridsize(1))", "range(cuda.grid(1), out.shape[0], 65)"),),
        "unwritten",
    ),
    Mistake(
        "grid-stride",
        (
            (
                "    for i in range(cuda.grid(1), out.shape[0], cuda.gridsize(1)):\n",
                "    if cuda.grid(1) < out.shape[0]:\n        i = cuda.grid(1)\n",
            ),
        ),
        "unwritten",
    ),
    Mistake("grid-stride", (("alpha * a[i]", "alpha + a[i]"),), "result"),
]
