"""Softmax."""

import torch
from support.chapters import Mistake

cross_entropy = torch.nn.functional.cross_entropy


def _sampled(logits, temperature, k, p, u):
    """The two cuts as masks over the sorted probabilities, as in many a library."""
    tokens = []
    for row, heat, count, share, point in zip(logits, temperature, k, p, u, strict=True):
        order = torch.sort(row, descending=True, stable=True).indices
        kept = torch.softmax(row[order] / heat, 0)
        kept[count:] = 0
        kept /= kept.sum()
        kept[kept.cumsum(0) - kept >= share] = 0
        tokens.append(order[(kept.cumsum(0) > point * kept.sum()).int().argmax()])
    return torch.stack(tokens)


TORCH = {
    "softmax-three-pass": lambda x: torch.softmax(x, 1),
    "softmax-online": lambda x: torch.softmax(x, 1),
    "softmax-warp": lambda x: torch.softmax(x, 1),
    "cross-entropy": lambda logits, targets: cross_entropy(logits, targets.long(), reduction="none"),
    "perplexity": lambda logits, targets: cross_entropy(logits, targets.long()).exp()[None],
    "sampling": _sampled,
}

BUTTERFLY = """        step = 16
        while step > 0:
            largest = max(largest, cuda.shfl_xor_sync(EVERYONE, largest, step))
            step //= 2
"""
WAIT = "    cuda.syncthreads()\n"

MISTAKES = [
    Mistake("softmax-three-pass", (("range(1, n)", "range(1, n - 1)"),), "result"),
    Mistake(
        "softmax-three-pass", (("    if row < m:\n", "    if row <= m:\n"),), "launch", "out of bounds", "largest ="
    ),
    Mistake("softmax-three-pass", (("total = float32(0)", "total = float32(1)"),), "result"),
    Mistake(
        "softmax-three-pass",
        (
            ("total += math.exp(x[row, j] - largest)", "out[row, j] = math.exp(x[row, j] - largest)"),
            (
                "        for j in range(n):\n            out[row, j] = math.exp(x[row, j] - largest) / total",
                "        for j in range(n):\n            total += out[row, j]\n"
                "        for j in range(n):\n            out[row, j] = out[row, j] / total",
            ),
        ),
        "limit",
        "global loads",
    ),
    Mistake("softmax-online", (("total * math.exp(before - largest)", "total"),), "result"),
    Mistake("softmax-online", (("math.exp(before - largest)", "math.exp(largest - before)"),), "result"),
    Mistake("softmax-online", (("total = float32(1)", "total = float32(0)"),), "result"),
    Mistake(
        "softmax-online", (("            value = x[row, j]\n", ""), ("value", "x[row, j]")), "limit", "global loads"
    ),
    Mistake("softmax-warp", ((BUTTERFLY, ""),), "result"),
    Mistake(
        "softmax-warp",
        (("x[row, j] if j < n else float32(-math.inf)", "x[row, j]"),),
        "launch",
        "out of bounds",
        "values[k] = x[row, j]",
    ),
    Mistake("softmax-warp", (("if j < n else float32(-math.inf)", "if j < n else float32(0)"),), "result"),
    Mistake(
        "softmax-warp",
        (("out[row, j] = values[k] / total", "out[row, j] = math.exp(x[row, j] - largest) / total"),),
        "limit",
        "global loads",
    ),
    Mistake(
        "softmax-warp",
        (
            (
                "            largest = max(largest, cuda.shfl",
                "            if lane < n:\n                largest = max(largest, cuda.shfl",
            ),
        ),
        "finding",
        "names lanes",
        "cuda.shfl_xor_sync",
    ),
    Mistake("softmax-warp", (("cuda.grid(1) // 32", "cuda.threadIdx.x // 32"),), "finding", "race", "out[row, j]"),
    Mistake("cross-entropy", (("targets[i]]", "i]"),), "result"),
    Mistake("cross-entropy", (("float32(-math.inf)", "float32(0)"),), "result"),
    Mistake("cross-entropy", (("range(v)", "range(1, v)"),), "result"),
    Mistake("cross-entropy", (("math.log(total) + (largest -", "(math.log(total) +"),), "result"),
    Mistake(
        "cross-entropy",
        (
            ("            before = largest\n", ""),
            ("            total = total * math.exp(before - largest) + math.exp(logit - largest)\n", ""),
            (
                "        losses[i] =",
                "        for j in range(v):\n            total += math.exp(logits[i, j] - largest)\n"
                "        losses[i] =",
            ),
        ),
        "limit",
        "global loads",
    ),
    Mistake("perplexity", (("LOWEST = -3e38", "LOWEST = -math.inf"),), "result", "not finite"),
    Mistake("perplexity", ((WAIT, ""),), "finding", "race", "losses[other]"),
    Mistake("perplexity", (("addend * math.exp(other - largest)", "addend"),), "result"),
    Mistake(
        "perplexity",
        (("        if lane == 0:\n            loss += math", "        if True:\n            loss += math"),),
        "limit",
        "global loads",
    ),
    Mistake(
        "perplexity",
        (
            ("            other = cuda.shfl_xor_sync(EVERYONE, largest, step)\n", ""),
            (
                "            before = largest\n            largest = max(largest, other)",
                "            before = largest\n"
                "            largest = max(largest, cuda.shfl_xor_sync(EVERYONE, largest, step))",
            ),
            ("addend * math.exp(other - largest)", "addend * math.exp(before - largest)"),
        ),
        "result",
    ),
    Mistake(
        "perplexity",
        (("    if cuda.threadIdx.x == 0:\n        for", "    if lane == 0:\n        for"),),
        "finding",
        "race",
        "perplexity[0]",
    ),
    Mistake(
        "sampling", (("(scores[other] == score and other < t)", "False"),), "finding", "race", "ranked[place] = score"
    ),
    Mistake("sampling", (("other < t)", "other > t)"),), "result"),
    Mistake("sampling", (("ranked[t] - ranked[0]", "ranked[t]"),), "unwritten"),
    Mistake("sampling", (("if t < k[row]", "if t <= k[row]"),), "result"),
    Mistake("sampling", (("sums[THREADS - 1]", "sums[THREADS - 2]"),), "result"),
    Mistake("sampling", (("u[row] * mass[0]", "u[row] * sums[THREADS - 1]"),), "result"),
    Mistake("sampling", ((" / temperature[row]", " * temperature[row]"),), "result"),
    Mistake(
        "sampling",
        (("        mass[0] = through\n    cuda.syncthreads()\n", "        mass[0] = through\n"),),
        "finding",
        "race",
        "point = u[row]",
    ),
    Mistake(
        "sampling",
        (("    scores[t] = score\n    cuda.syncthreads()\n", "    scores[t] = score\n"),),
        "finding",
        "race",
        "if scores[other] > score",
    ),
]
