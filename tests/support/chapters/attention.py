"""Attention."""

import torch
from support.chapters import Mistake

functional = torch.nn.functional


def attention(q, k, v):
    return functional.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0]


def weights(q, k, v):
    """Attention weights: attention to the identity matrix."""
    return attention(q, k, torch.eye(len(q), dtype=q.dtype))


def soft_lookup(q, k, v, sharpness):
    looked_up = functional.scaled_dot_product_attention(q[None], k[None], v[None, :, None], scale=float(sharpness))
    return looked_up[0, :, 0]


def grouped(q, k, v):
    return functional.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True, enable_gqa=True)[0]


def one_query(q, k, v):
    return functional.scaled_dot_product_attention(q[None, None], k[None], v[None])[0, 0]


TORCH = {
    "hard-lookup": lambda q, k, v: v[(q @ k.t()).argmax(1)],
    "soft-lookup": soft_lookup,
    "attention-scores": lambda q, k, v: (attention(q, k, v), weights(q, k, v)),
    "attention-streaming": attention,
    "attention-tiled": attention,
    "grouped-query": grouped,
    "decode-split": one_query,
}

WAIT = "    cuda.syncthreads()\n"
SECOND_WAIT = "values[j - first, e]\n        cuda.syncthreads()\n"

MISTAKES = [
    Mistake("hard-lookup", (("largest = float32(-math.inf)", "largest = float32(0)"),), "result"),
    Mistake("hard-lookup", (("score > largest", "score >= largest"),), "result"),
    Mistake("hard-lookup", (("k[j, e]", "k[e, j]"),), "launch", "out of bounds", "score +="),
    Mistake(
        "hard-lookup",
        (("                best = j\n", "                best = j\n                out[i] = v[j]\n"),),
        "limit",
    ),
    Mistake("hard-lookup", (("score += query[e] *", "score += q[i, e] *"),), "limit", "global loads"),
    Mistake("soft-lookup", (("mean * shrink", "mean"),), "result"),
    Mistake("soft-lookup", (("largest = max(largest, score)", "largest = float32(0)"),), "result", "not finite"),
    Mistake("soft-lookup", (("q[i, e] * sharpness", "q[i, e]"),), "result"),
    Mistake("soft-lookup", (("mean / total", "mean"),), "result"),
    Mistake(
        "soft-lookup", (("total = total * shrink + weight\n", "total = total * shrink + weight + 0 * v[j]\n"),), "limit"
    ),
    Mistake("attention-scores", (("range(i + 1)", "range(t)"),), "result"),
    Mistake("attention-scores", (("score * scale", "score"),), "result"),
    Mistake("attention-scores", (("range(i + 1, t)", "range(i + 2, t)"),), "unwritten"),
    Mistake(
        "attention-scores",
        (
            (
                "            weights[i, j] = score * scale\n            largest = max(largest, score * scale)",
                "            weights[i, j] = score * scale\n            largest = max(largest, weights[i, j])",
            ),
        ),
        "limit",
        "global loads",
    ),
    Mistake("attention-scores", (("k[j, e]", "k[e, j]"),), "launch", "out of bounds", "score +="),
    Mistake("attention-streaming", (("range(i + 1)", "range(t)"),), "result"),
    Mistake("attention-streaming", (("sums[e] * shrink", "sums[e]"),), "result"),
    Mistake("attention-streaming", (("range(i + 1)", "range(i)"),), "result"),
    Mistake("attention-streaming", (("query[e] * k[j, e]", "q[i, e] / float32(math.sqrt(D)) * k[j, e]"),), "limit"),
    Mistake("attention-streaming", (("if i < t:", "if i <= t:"),), "launch", "out of bounds", "query[e] ="),
    Mistake("attention-tiled", (("min(first + tile, i + 1, t)", "min(first + tile, t)"),), "result"),
    Mistake("attention-tiled", ((SECOND_WAIT, "values[j - first, e]\n"),), "finding", "race", "[x, e] ="),
    Mistake(
        "attention-tiled",
        (("        if first + x < t:", "        if i < t:"),),
        "finding",
        "nothing has written there",
        "score +=",
    ),
    Mistake("attention-tiled", (("query[e] * keys[j - first, e]", "query[e] * k[j, e]"),), "limit", "global loads"),
    Mistake("attention-tiled", (("(cuda.blockIdx.x + 1) * tile", "t"),), "limit", "global loads"),
    Mistake("grouped-query", (("range(y, D, GROUP)", "range(D)"),), "finding", "race", "[x, e] ="),
    Mistake("grouped-query", ((SECOND_WAIT, "values[j - first, e]\n"),), "finding", "race", "[x, e] ="),
    Mistake("grouped-query", (("group * GROUP + y", "group + y * GROUP"),), "launch", "out of bounds", "query[e] ="),
    Mistake("grouped-query", (("k[group,", "k[head,"),), "launch", "out of bounds", "keys[x, e]"),
    Mistake(
        "grouped-query", (("query[e] * keys[j - first, e]", "query[e] * k[group, j, e]"),), "limit", "global loads"
    ),
    Mistake(
        "grouped-query",
        (("range(y, D, GROUP)", "range(y, D - 4, GROUP)"),),
        "finding",
        "nothing has written",
        "score +=",
    ),
    Mistake("decode-split", (("totals[stretch] * share", "totals[stretch]"),), "result"),
    Mistake("decode-split", (("        maxima[cuda.blockIdx.x] = largest\n", ""),), "result", "not finite"),
    Mistake(
        "decode-split",
        (("    if first + t < n:\n        score = float32(0)", "    if True:\n        score = float32(0)"),),
        "launch",
        "out of bounds",
        "score +=",
    ),
    Mistake("decode-split", (("min(first + D, n)", "n"),), "launch", "out of bounds", "total +="),
    Mistake(
        "decode-split",
        (
            (
                "    weights[t] = math.exp(score - largest)\n    cuda.syncthreads()\n",
                "    weights[t] = math.exp(score - largest)\n",
            ),
        ),
        "finding",
        "race",
        "total += weights",
    ),
    Mistake("decode-split", (("query[e] * k", "q[e] / 8 * k"),), "limit", "global loads"),
]
