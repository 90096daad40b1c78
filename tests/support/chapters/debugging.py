"""Debugging: the mistakes beside the planted one."""

import torch
from support.chapters import Mistake


def _blocks(a, threads=64):
    return torch.split(a, threads)


def _differences(a):
    left = torch.cat([torch.zeros(1, dtype=a.dtype), a[:-1]])
    left[::32] = 0
    return a - left


TORCH = {
    "bug-maximum": lambda a: a.reshape(-1, 128).amax(1),
    "bug-total": lambda a: torch.stack([block.sum() for block in _blocks(a)]),
    "bug-reverse": lambda a: torch.cat([block.flip(0) for block in _blocks(a)]),
    "bug-histogram": lambda a: torch.stack([torch.bincount(block, minlength=8) for block in _blocks(a)]),
    "bug-blur": lambda a: torch.nn.functional.avg_pool1d(a[None], 5, 1, 2, count_include_pad=True)[0] * 5,
    "bug-neighbours": lambda a: (a + torch.cat([a[1:], a[-1:]])) / 2,
    "bug-differences": _differences,
    "bug-row-sum": lambda a: a.sum(1),
}

WAIT = "    cuda.syncthreads()\n"

MISTAKES = [
    Mistake("bug-maximum", (("half = THREADS // 2", "half = THREADS // 4"),), "result"),
    Mistake("bug-maximum", (("        cuda.syncthreads()\n        half", "        half"),), "finding", "race"),
    Mistake("bug-maximum", (("while half > 0", "while half > 1"),), "result"),
    Mistake("bug-maximum", (("max(largest[t]", "min(largest[t]"),), "result"),
    Mistake("bug-total", (("else float32(0)", "else float32(1)"),), "result"),
    Mistake("bug-total", (("half = THREADS // 2", "half = THREADS // 4"),), "result"),
    Mistake("bug-total", (("        cuda.syncthreads()\n        half", "        half"),), "finding", "race"),
    Mistake("bug-total", (("while half > 0", "while half > 1"),), "result"),
    Mistake("bug-reverse", ((WAIT, ""),), "finding", "race", at="out[first + t]"),
    Mistake("bug-reverse", (("count - 1 - t", "THREADS - 1 - t"),), "finding", "nothing has written there"),
    Mistake("bug-reverse", (("tile[count - 1 - t]", "tile[t]"),), "result"),
    Mistake("bug-reverse", (("cuda.blockIdx.x * THREADS", "0 * THREADS"),), "unwritten"),
    Mistake("bug-histogram", (("cuda.atomic.add(bins, value, 1)", "bins[value] += 1"),), "finding", "race"),
    Mistake("bug-histogram", (("        bins[t] = 0\n    cuda.syncthreads()\n", "        bins[t] = 0\n"),), "finding"),
    Mistake("bug-histogram", (("bins, value, 1", "bins, value, 2"),), "result"),
    Mistake("bug-histogram", (("bins[t] = 0", "bins[t] = 1"),), "result"),
    Mistake("bug-blur", (("i + THREADS < n else", "i + THREADS < n - 1 else"),), "result"),
    Mistake("bug-blur", ((WAIT, ""),), "finding", "race", at="total += tile"),
    Mistake("bug-blur", (("range(2 * RADIUS + 1)", "range(2 * RADIUS)"),), "result"),
    Mistake("bug-blur", (("a[i - RADIUS]", "a[i - 1]"),), "result"),
    Mistake("bug-neighbours", (("and i + 1 < n:", "and i < n:"),), "launch", "out of bounds"),
    Mistake("bug-neighbours", ((WAIT, ""),), "finding", "race"),
    Mistake("bug-neighbours", (("float32(0.5)", "float32(1)"),), "result"),
    Mistake("bug-neighbours", (("tile[t + 1] if", "tile[t] if"),), "result"),
    Mistake("bug-differences", (("sync(mask", "sync(EVERYONE"),), "finding", "names lanes", at="shfl_up_sync"),
    Mistake("bug-differences", (("shfl_up_sync", "shfl_down_sync"),), "result"),
    Mistake("bug-differences", (("cuda.laneid > 0", "cuda.laneid > 1"),), "result"),
    Mistake("bug-differences", (("value, 1)", "value, 2)"),), "result"),
    Mistake("bug-row-sum", (("and t == 0:", "and t == count - 1:"),), "finding", "race"),
    Mistake("bug-row-sum", (("count % 2 == 1", "count % 2 == 0"),), "result"),
    Mistake("bug-row-sum", (("        cuda.syncthreads()\n        count", "        count"),), "finding", "race"),
    Mistake("bug-row-sum", (("partial[count - 1]", "partial[count - 2]"),), "result"),
]
