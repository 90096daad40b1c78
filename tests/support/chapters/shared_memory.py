"""Shared memory."""

import torch
from support.chapters import Mistake

F = torch.nn.functional


def _convolved(a, w):
    return F.conv1d(F.pad(a, (0, 4))[None, None], w[None, None])[0, 0]


def _diffused(a):
    weights = torch.tensor([1, 2, 1], dtype=a.dtype) / 4
    for _ in range(6):
        a = torch.cat([a[:1], F.conv1d(a[None, None], weights[None, None])[0, 0], a[-1:]])
    return a


TORCH = {
    "reverse": lambda a: a.reshape(-1, 64).flip(1).reshape(-1),
    "pooling": lambda a: F.conv1d(F.pad(a, (1, 1))[None, None], torch.ones(1, 1, 3, dtype=a.dtype))[0, 0],
    "row-sum": lambda x: x.sum(1),
    "dot-tree": lambda a, b: (a * b).reshape(-1, 256).sum(1),
    "dot-shuffles": lambda a, b: (a.reshape(-1, 256) * b.reshape(-1, 256)).sum(1),
    "convolution": _convolved,
    "block-scan": lambda a: a.reshape(-1, 128).cumsum(1).reshape(-1),
    "grid-scan": lambda a: a.cumsum(0),
    "transpose": lambda a: a.t(),
    "stencil": _diffused,
}

FIRST_WAIT = "    cuda.syncthreads()\n"

MISTAKES = [
    Mistake("row-sum", (("range(t, x.shape[1], THREADS)", "range(t, x.shape[1] - 1, THREADS)"),), "result"),
    Mistake("reverse", ((FIRST_WAIT, ""),), "finding", "race"),
    Mistake("reverse", (("tile[THREADS - 1 - t]", "tile[THREADS - 2 - t]"),), "result"),
    Mistake("reverse", (("tile[THREADS - 1 - t]", "tile[t]"),), "result"),
    Mistake("reverse", ((FIRST_WAIT, FIRST_WAIT + FIRST_WAIT),), "limit", "barriers"),
    Mistake("pooling", ((FIRST_WAIT, ""),), "finding", "race"),
    Mistake("pooling", (("a[i - 1] if i > 0 else float32(0)", "a[i - 1]"),), "finding", "negative index"),
    Mistake("pooling", (("a[i + 1] if i + 1 < n else float32(0)", "a[i + 1]"),), "launch", "out of bounds"),
    Mistake("pooling", (("tile[t] + tile[t + 1] + tile[t + 2]", "tile[t] + tile[t + 1]"),), "result"),
    Mistake("dot-tree", (("half = THREADS // 2", "half = THREADS // 4"),), "result"),
    Mistake("dot-tree", (("        cuda.syncthreads()\n", ""),), "finding", "race"),
    Mistake(
        "dot-tree",
        (
            ("half = THREADS // 2\n    while half > 0:", "half = 1\n    while half < THREADS:"),
            ("if t < half:", "if t % (2 * half) == 0:"),
            ("half //= 2", "half *= 2"),
        ),
        "limit",
        "divergent branches",
    ),
    Mistake("dot-tree", (("a[i] * b[i]", "a[i] + b[i]"),), "result"),
    Mistake("dot-shuffles", ((FIRST_WAIT, ""),), "finding", "race"),
    Mistake("dot-shuffles", (("step = WARPS // 2", "step = WARPS // 4"),), "result"),
    Mistake("dot-shuffles", (("sums[t] if t < WARPS else float32(0)", "sums[t]"),), "launch", "out of bounds"),
    Mistake("dot-shuffles", (("if t % 32 == 0:\n        sums", "if t % 16 == 0:\n        sums"),), "finding", "race"),
    Mistake("convolution", ((FIRST_WAIT, ""),), "finding", "race"),
    Mistake("convolution", (("a[j] if j < n else float32(0)", "a[j]"),), "launch", "out of bounds"),
    Mistake("convolution", (("tile[t + k] * weights[k]", "tile[t + k] * w[k]"),), "limit", "global loads"),
    Mistake("convolution", (("tile[t + k] * weights[k]", "tile[t + k] * weights[4 - k]"),), "result"),
    Mistake(
        "block-scan",
        (("        cuda.syncthreads()\n        values[t] = total", "        values[t] = total"),),
        "finding",
        "race",
    ),
    Mistake("block-scan", (("if t >= step", "if t > step"),), "result"),
    Mistake("block-scan", (("step *= 2", "step += 1"),), "result"),
    Mistake("block-scan", (("while step < THREADS", "while step < THREADS // 2"),), "result"),
    Mistake("grid-scan", (("sums[block - 1]", "sums[block]"),), "result"),
    Mistake("grid-scan", (("if block > 0 and i < out.shape[0]", "if block > 0"),), "launch", "out of bounds"),
    Mistake("grid-scan", (("a[i] if i < a.shape[0] else float32(0)", "a[i]"),), "launch", "out of bounds"),
    Mistake(
        "grid-scan", (("        sums[cuda.blockIdx.x] = total", "        sums[cuda.blockIdx.x] = values[0]"),), "result"
    ),
    Mistake("transpose", (("PITCH = 33", "PITCH = 32"),), "limit", "bank conflicts"),
    Mistake("transpose", ((FIRST_WAIT, ""),), "finding", "race"),
    Mistake("transpose", (("= tile[x, k]", "= tile[k, x]"),), "result"),
    Mistake("transpose", (("out[cuda.blockIdx.x * SIDE + k, i]", "out[i, cuda.blockIdx.x * SIDE + k]"),), "result"),
    Mistake("stencil", (("        cuda.syncthreads()\n", ""),), "finding", "race"),
    Mistake("stencil", (("rods[1 - old, t] = value", "rods[old, t] = value"),), "finding", "race"),
    Mistake("stencil", (("if t > 0 and t < POINTS - 1", "if t < POINTS - 1"),), "finding", "negative index"),
    Mistake("stencil", (("range(STEPS)", "range(STEPS - 1)"),), "result"),
]
