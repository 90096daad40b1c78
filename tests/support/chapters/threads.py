"""Threads."""

import torch
from support.chapters import Mistake

TORCH = {
    "map": lambda a: torch.add(1, a, alpha=2),
    "guard": lambda alpha, x, y: torch.add(y, x, alpha=float(alpha)),
    "add-bias": lambda x, bias: x + bias,
}

MISTAKES = [
    Mistake("map", (("2 * a[i] + 1", "2 * a[0] + 1"),), "result", "should be"),
    Mistake("map", (("    out[i] =", "    a[i] = a[i]\n    out[i] ="),), "input", "stores into a"),
    Mistake("guard", (("    if i < out.shape[0]:\n        out", "    out"),), "launch", "out of bounds", "out[i] ="),
    Mistake("guard", (("alpha * x[i]", "x[i]"),), "result"),
    Mistake("guard", (("out[i] =", "out[i] +="),), "unwritten", "+="),
    Mistake("add-bias", (("j, i = cuda.grid(2)", "i, j = cuda.grid(2)"),), "result"),
    Mistake("add-bias", ((" and j < x.shape[1]", ""),), "launch", "out of bounds"),
]
