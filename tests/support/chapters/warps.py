"""Warps."""

import torch
from support.chapters import Mistake


def _compacted(a):
    rows = []
    for row in a.reshape(-1, 32):
        kept = row[row > 0]
        rows.append(torch.cat([kept, torch.zeros(32 - len(kept), dtype=a.dtype)]))
    return torch.cat(rows)


TORCH = {
    "structures": lambda records, columns: records[:, 3],
    "clamp": lambda a, low, high: torch.clamp(torch.clamp(a, min=float(low)), max=float(high)),
    "warp-sum": lambda a: a.reshape(-1, 32).sum(1),
    "warp-max": lambda a: (a.reshape(-1, 32) / a.reshape(-1, 32).abs().amax(1, keepdim=True)).reshape(-1),
    "warp-scan": lambda a: a.reshape(-1, 32).cumsum(1).reshape(-1),
    "compact": _compacted,
    "occupancy": lambda records: records.cumsum(1).amin(1).clamp(max=0),
}

BRANCHES = """    out[i] = a[i]
    if out[i] < low:
        out[i] = low
    if out[i] > high:
        out[i] = high"""

MISTAKES = [
    Mistake("structures", (("columns[NUMBER, i]", "records[i, NUMBER]"),), "limit", "sectors"),
    Mistake("structures", (("NUMBER = 3", "NUMBER = 2"),), "result"),
    Mistake("structures", (("    if i < out.shape[0]:\n        out", "    out"),), "launch", "out of bounds"),
    Mistake("structures", (("columns[NUMBER, i]", "columns[NUMBER, i] + 0 * columns[0, i]"),), "limit"),
    Mistake("clamp", (("    out[i] = min(max(a[i], low), high)", BRANCHES),), "limit", "divergent branches"),
    Mistake("clamp", (("min(max(a[i], low), high)", "max(min(a[i], low), high)"),), "result"),
    Mistake("clamp", (("min(max(a[i], low), high)", "max(a[i], low)"),), "result"),
    Mistake("clamp", (("min(max(a[i], low), high)", "min(max(a[i], low), max(a[i], high))"),), "result"),
    Mistake("warp-sum", (("step = 16", "step = 8"),), "result"),
    Mistake("warp-sum", (("    if cuda.laneid == 0:\n        out[i // 32]", "    out[i // 32]"),), "finding", "race"),
    Mistake(
        "warp-sum",
        (
            (
                "        total += cuda.shfl_down_sync(EVERYONE, total, step)",
                "        if cuda.laneid < step:\n            total += cuda.shfl_down_sync(EVERYONE, total, step)",
            ),
        ),
        "finding",
        "names lanes",
    ),
    Mistake(
        "warp-sum",
        (
            (
                "    if cuda.laneid == 0:\n        out[i // 32] = total",
                "    if cuda.laneid == 0:\n        for k in range(32):\n            total += 0 * a[i + k]\n"
                "        out[i // 32] = total",
            ),
        ),
        "limit",
    ),
    Mistake("warp-max", (("shfl_xor_sync", "shfl_down_sync"),), "result"),
    Mistake("warp-max", (("largest = abs(value)", "largest = value"),), "result"),
    Mistake("warp-max", (("step = 16", "step = 8"),), "result"),
    Mistake("warp-max", (("while step > 0", "while step > 1"),), "result"),
    Mistake("warp-scan", (("if lane >= step", "if lane > step"),), "result"),
    Mistake("warp-scan", (("step *= 2", "step += 1"),), "result"),
    Mistake("warp-scan", (("while step < 32", "while step < 16"),), "result"),
    Mistake(
        "warp-scan",
        (
            (
                "        below = cuda.shfl_up_sync(EVERYONE, total, step)\n"
                "        if lane >= step:\n            total += below",
                "        if lane >= step:\n            total += cuda.shfl_up_sync(EVERYONE, total, step)",
            ),
        ),
        "finding",
        "names lanes",
    ),
    Mistake("compact", (("(1 << lane) - 1", "(2 << lane) - 1"),), "finding", "race"),
    Mistake("compact", (("    if lane >= kept:\n        out[i] = float32(0)\n", ""),), "unwritten"),
    Mistake("compact", (("    if lane >= kept:\n        out[i]", "    out[i]"),), "finding", "race"),
    Mistake("compact", (("value > 0)\n", "value >= 1)\n"),), "result"),
    Mistake(
        "occupancy",
        (
            ("(THREADS, 9)", "(THREADS, 33)"),
            ("BOOKINGS, 8)", "BOOKINGS, 32)"),
            ("range(8)", "range(32)"),
            ("4 * k + lane // 8", "k"),
            ("lane % 8", "lane"),
        ),
        "limit",
        "occupancy",
    ),
    Mistake(
        "occupancy",
        (
            (
                "tile[t - lane + row, lane % 8] = records[i - lane + row, first + lane % 8]",
                "tile[t, k] = records[i, first + k]",
            ),
        ),
        "limit",
        "sectors",
    ),
    Mistake(
        "occupancy",
        (
            (
                "k]\n            lowest = min(lowest, balance)\n        cuda.syncwarp()\n",
                "k]\n            lowest = min(lowest, balance)\n",
            ),
        ),
        "finding",
        "race",
        "tile[t - lane + row",
    ),
    Mistake(
        "occupancy",
        (("        cuda.syncwarp()\n        for", "        for"),),
        "finding",
        "race",
        "balance += tile[t, k]",
    ),
    Mistake("occupancy", (("cuda.syncwarp()", "cuda.syncthreads()"),), "limit", "barriers"),
    Mistake("occupancy", (("4 * k + lane // 8", "k + lane // 8"),), "finding", "race", "tile[t - lane + row"),
    Mistake("occupancy", (("range(0, BOOKINGS, 8)", "range(0, BOOKINGS - 8, 8)"),), "result"),
]
