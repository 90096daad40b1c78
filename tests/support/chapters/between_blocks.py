"""Between blocks."""

import torch
from support.chapters import Mistake


def _blended(canvas, turns, colour, opacity):
    for paint, alpha in zip(colour, opacity, strict=True):
        canvas = torch.lerp(canvas, paint, alpha)
    return canvas, torch.full((2,), len(colour))


def _sparse_product(starts, columns, values, x):
    rows = torch.repeat_interleave(torch.arange(len(starts) - 1), starts.diff())
    dense = torch.zeros(len(starts) - 1, len(x), dtype=x.dtype)
    return dense.index_put((rows, columns.long()), values, accumulate=True) @ x


TORCH = {
    "histogram": lambda counts, a: counts + torch.bincount(a, minlength=64),
    "last-block": lambda done, a: (a.sum()[None], torch.zeros(1)),
    "ordered-blending": _blended,
    "bitonic-sort": lambda a: torch.sort(a).values,
    "sparse-matrix": _sparse_product,
}

COUNT = "        cuda.atomic.add(bins, a[i], 1)\n"
CLEAR = "    bins[t] = 0\n    cuda.syncthreads()\n"
TAKE = "        cuda.threadfence()\n        before[0] = cuda.atomic.add(done, 0, 1)\n"
TOLD = "    cuda.syncthreads()\n    if before[0]"
TURN = "        while cuda.atomic.add(turns, 1, 0) != layer:\n            pass\n"
PASS_ON = "    cuda.syncthreads()\n    if p == 0:\n        cuda.threadfence()\n        cuda.atomic.add(turns, 1, 1)"
SHUFFLE = "            total += cuda.shfl_down_sync(EVERYONE, total, step)\n"

MISTAKES = [
    Mistake("histogram", ((CLEAR, "    bins[t] = 0\n"),), "finding", "race"),
    Mistake("histogram", ((CLEAR, "    cuda.syncthreads()\n"),), "finding", "bins", "cuda.atomic.add(bins"),
    Mistake("histogram", ((COUNT, "        bins[a[i]] += 1\n"),), "finding", "race", "bins[a[i]] += 1"),
    Mistake("histogram", (("cuda.atomic.add(counts, t, bins[t])", "counts[t] += bins[t]"),), "finding", "race"),
    Mistake("histogram", (("cuda.atomic.add(counts, t,", "cuda.atomic.exch(counts, t,"),), "result", "counts["),
    Mistake(
        "histogram",
        (
            (COUNT, "        cuda.atomic.add(counts, a[i], 1)\n"),
            ("    cuda.syncthreads()\n    cuda.atomic.add(counts, t, bins[t])\n", ""),
        ),
        "limit",
        "global atomics: 1000",
    ),
    Mistake("last-block", ((TAKE, TAKE.partition("\n")[2]),), "finding", "threadfence"),
    Mistake(
        "last-block",
        ((TAKE, "".join(reversed(TAKE.splitlines(keepends=True)))),),
        "finding",
        "race",
        "total += sums[block]",
    ),
    Mistake("last-block", ((TOLD, "    if before[0]"),), "finding", "race"),
    Mistake("last-block", (("before[0] == blocks - 1", "before[0] == blocks"),), "unwritten", "out[0]"),
    Mistake("last-block", (("before[0] == blocks", "cuda.blockIdx.x == blocks"),), "finding", "race"),
    Mistake(
        "last-block",
        (
            (
                "range(cuda.grid(1), a.shape[0], cuda.gridsize(1))",
                "range(t, a.shape[0] * (cuda.blockIdx.x == 0), THREADS)",
            ),
        ),
        "limit",
        "busiest thread: 16",
    ),
    Mistake("last-block", (("            done[0] = 0\n", ""),), "result", "done[0]"),
    Mistake("last-block", (("range(t, blocks, THREADS)", "range(t, THREADS)"),), "launch", "out of bounds"),
    Mistake("ordered-blending", ((PASS_ON, PASS_ON.partition("\n")[2]),), "finding", "race", "canvas[p] ="),
    Mistake("ordered-blending", ((PASS_ON, PASS_ON.replace("        cuda.threadfence()\n", "")),), "finding", "race"),
    Mistake("ordered-blending", ((TURN + "        cuda.threadfence()\n", TURN),), "finding", "race", "canvas[p] ="),
    Mistake("ordered-blending", ((PASS_ON.partition("\n")[2], ""),), "launch", "wait"),
    Mistake(
        "ordered-blending", (("layer = number[0]", "layer = cuda.blockIdx.x"),), "launch", "blocks start in any order"
    ),
    Mistake(
        "ordered-blending",
        (
            (TURN, "        while cuda.atomic.add(turns, 1, 0) < layer:\n            pass\n"),
            ("turns, 1, 1)", "turns, 1, 2)"),
        ),
        "finding",
        "race",
    ),
    Mistake("ordered-blending", ((TURN, ""),), "finding", "race"),
    Mistake(
        "ordered-blending",
        (
            (TURN, "        while cuda.atomic.cas(turns, 1, 0, 1) != 0:\n            pass\n"),
            ("cuda.atomic.add(turns, 1, 1)", "cuda.atomic.exch(turns, 1, 0)"),
        ),
        "result",
    ),
    Mistake("ordered-blending", ((TURN, TURN.replace("cuda.atomic.add(turns, 1, 0)", "turns[1]")),), "finding", "race"),
    Mistake(
        "bitonic-sort",
        (("    while half > 0:\n        cuda.syncthreads()\n", "    while half > 0:\n"),),
        "finding",
        "race",
    ),
    Mistake("bitonic-sort", (("order(tile, i, i ^ (width - 1))", "order(tile, i, i ^ half)"),), "result", "a["),
    Mistake(
        "bitonic-sort",
        (("values[i] = min(x, y)\n    values[j] = max(x, y)", "values[i] = max(x, y)\n    values[j] = min(x, y)"),),
        "result",
    ),
    Mistake(
        "bitonic-sort",
        (("    if i ^ mask < a.shape[0]:\n        order(a, i", "    order(a, i"),),
        "launch",
        "out of bounds",
    ),
    Mistake(
        "bitonic-sort",
        (
            (
                "    cuda.syncthreads()\n    put_back(a, tile)\n\n\n@cuda.jit\ndef exchange",
                "    put_back(a, tile)\n\n\n@cuda.jit\ndef exchange",
            ),
        ),
        "finding",
        "race",
    ),
    Mistake("bitonic-sort", (("width *= 2", "width *= 4"),), "result"),
    Mistake(
        "bitonic-sort",
        (("        order(tile, i, i ^ half)", "        order(tile, i, i ^ half)\n        cuda.syncthreads()"),),
        "limit",
        "barriers",
    ),
    Mistake("sparse-matrix", (("starts[row + 1], 32)", "starts[row + 1])"),), "result", "y["),
    Mistake("sparse-matrix", (("x[columns[k]]", "x[k]"),), "launch", "out of bounds", "x[k]"),
    Mistake(
        "sparse-matrix",
        ((SHUFFLE, "            if lane < step:\n    " + SHUFFLE),),
        "finding",
        "names lanes",
    ),
    Mistake("sparse-matrix", (("        if lane == 0:\n            y[row]", "        y[row]"),), "finding", "race"),
    Mistake("sparse-matrix", (("    if row < y.shape[0]:", "    if row <= y.shape[0]:"),), "launch", "out of bounds"),
    Mistake(
        "sparse-matrix",
        (
            ("row = cuda.grid(1) // 32", "row = cuda.grid(1)"),
            ("starts[row] + lane, starts[row + 1], 32", "starts[row], starts[row + 1]"),
            ("        step = 16\n        while step > 0:\n" + SHUFFLE + "            step //= 2\n", ""),
            ("        if lane == 0:\n            y[row]", "        y[row]"),
        ),
        "limit",
        "sectors of values: 270",
    ),
]
