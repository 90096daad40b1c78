"""The block of a transformer."""

import torch
from support.chapters import Mistake

functional = torch.nn.functional


def _layer_norm(x, gain, bias):
    return functional.layer_norm(x, x.shape[1:], gain, bias, eps=1e-5)


def _turned(tokens, token, cosine, sine):
    """Both halves turned, as Hugging Face's models do it: x cos + rotate_half(x) sin."""
    x = functional.embedding(tokens, token)
    a, b = x.chunk(2, dim=-1)
    return (x * cosine.repeat(1, 2) + torch.cat([-b, a], -1) * sine.repeat(1, 2)).flatten(0, 1)


TORCH = {
    "embedding": lambda tokens, token, position: (functional.embedding(tokens, token) + position).flatten(0, 1),
    "rotary": _turned,
    "layer-norm": _layer_norm,
    "layer-norm-once": _layer_norm,
    "gelu": lambda x: functional.gelu(x, approximate="tanh"),
    "gemm-gelu": lambda a, b, bias: functional.gelu(functional.linear(a, b.t(), bias), approximate="tanh"),
    "residual-rms-norm": lambda x, delta, gain: (
        functional.rms_norm(x + delta, x.shape[1:], gain, eps=1e-5),
        x + delta,
    ),
}

LAST_WAIT = "    cuda.syncthreads()  # the next call overwrites"
TILE_WAIT = "        cuda.syncthreads()\n        for k in range(TILE)"
TILE_USED = "total += a_tile[y, k] * b_tile[k, x]\n        cuda.syncthreads()\n"

MISTAKES = [
    Mistake("embedding", (("position[r % t, j]", "position[r // t, j]"),), "result"),
    Mistake("embedding", (("tokens[r // t, r % t]", "tokens[r % t, r // t]"),), "launch", "out of bounds", "tokens["),
    Mistake("embedding", (("token[tokens[r // t, r % t], j]", "token[r % t, j]"),), "result"),
    Mistake("embedding", (("    j = cuda.threadIdx.x\n", "    j = 0\n"),), "finding", "race", "out[r, j]"),
    Mistake("rotary", (("a * c - b * s", "a * c + b * s"),), "result"),
    Mistake("rotary", (("cosine[p, i]", "cosine[r, i]"),), "launch", "out of bounds", "cosine["),
    Mistake(
        "rotary",
        (
            ("    out[r, i] = a * c - b * s\n", "    out[r, i] = a\n    out[r, i + h] = b\n"),
            ("    out[r, i + h] = a * s", "    out[r, i] = a * c - b * s\n    out[r, i + h] = a * s"),
        ),
        "limit",
        "global stores",
    ),
    Mistake("rotary", (("a * s + b * c", "token[word, i] * s + b * c"),), "limit", "global loads"),
    Mistake("rotary", (("b = token[word, i + h]", "b = token[word, i]"),), "result"),
    Mistake("layer-norm", (("/ float32(n) + float32(EPS)", "/ float32(n - 1) + float32(EPS)"),), "result"),
    Mistake(
        "layer-norm", ((LAST_WAIT, "    pass  # the next call overwrites"),), "finding", "race", "partial[t] = value"
    ),
    Mistake(
        "layer-norm",
        (("        cuda.syncthreads()\n        half", "        half"),),
        "finding",
        "race",
        "partial[t] +=",
    ),
    Mistake(
        "layer-norm", (("/ deviation * gain[j]", "* gain[j] / deviation + 0 * x[row, j]"),), "limit", "global loads"
    ),
    Mistake("layer-norm", (("* gain[j] + bias[j]", "+ bias[j]"),), "result"),
    Mistake(
        "layer-norm-once",
        ((LAST_WAIT, "    pass  # the next call overwrites"),),
        "finding",
        "race",
        "sums[cuda.threadIdx.x // 32] = total",
    ),
    Mistake("layer-norm-once", (("        if t + THREADS * k < n:\n", "        if True:\n"),), "result"),
    Mistake("layer-norm-once", (("sums[0] + sums[1]", "sums[0]"),), "result"),
    Mistake(
        "layer-norm-once", (("values[k] / deviation", "(x[row, j] - mean) / deviation"),), "limit", "global loads of x"
    ),
    Mistake(
        "layer-norm-once",
        (("    if cuda.laneid == 0:\n        sums", "    if True:\n        sums"),),
        "finding",
        "race",
        "sums[cuda.threadIdx.x // 32] = total",
    ),
    Mistake("gelu", (("cuda.gridDim.x", "1"),), "finding", "race", "out[i, j] ="),
    Mistake("gelu", (("value**3", "value**2"),), "result"),
    Mistake("gelu", (("            value = x[i, j]\n", ""), ("value", "x[i, j]")), "limit", "global loads"),
    Mistake("gelu", (("range(cuda.threadIdx.x, n, cuda.blockDim.x)", "range(cuda.threadIdx.x, n, 64)"),), "unwritten"),
    Mistake("gelu", (("range(cuda.threadIdx.x, n, cuda.blockDim.x)", "range(n)"),), "finding", "race", "out[i, j] ="),
    Mistake("gemm-gelu", (("total + bias[j]", "total"),), "result"),
    Mistake("gemm-gelu", (("bias[j]", "bias[i]"),), "result"),
    Mistake("gemm-gelu", ((TILE_WAIT, "        for k in range(TILE)"),), "finding", "race", "total += a_tile"),
    Mistake("gemm-gelu", ((TILE_USED, "total += a_tile[y, k] * b_tile[k, x]\n"),), "finding", "race", "a_tile[y, x] ="),
    Mistake(
        "gemm-gelu",
        (
            ("value = total + bias[j]", "out[i, j] = total + bias[j]"),
            ("        inner =", "        value = out[i, j]\n        inner ="),
        ),
        "limit",
        "global loads",
    ),
    Mistake(
        "gemm-gelu", (("a[i, first + x] if i < m and", "a[i, first + x] if"),), "launch", "out of bounds", "a_tile"
    ),
    Mistake("residual-rms-norm", (("x[row, j] = values[k]", "x[row, j] += values[k]"),), "result"),
    Mistake("residual-rms-norm", (("values[k] / deviation", "x[row, j] / deviation"),), "limit", "global loads"),
    Mistake("residual-rms-norm", (("            step //= 2", "            step //= 4"),), "result"),
    Mistake("residual-rms-norm", (("squares / float32(n)", "squares"),), "result"),
    Mistake("residual-rms-norm", (("lane + 32 * k", "lane * KEPT + k"),), "limit", "busiest thread"),
    Mistake("residual-rms-norm", (("                x[row, j] = values[k]\n", ""),), "result"),
]
