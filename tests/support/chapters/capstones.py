"""Capstones."""

import torch
from support.chapters import Mistake

from lm.config import modern
from lm.transformer import forward

F = torch.nn.functional


def _model(text, token, projections, widening, narrowing, head, gains, head_gains, cosine, sine):
    """`lm.transformer`, in float64."""
    layers, width = len(widening), token.shape[1]
    parameters = {"embedding.token": token, "ln.gain": gains[-1], "head.w": head[0]}
    for i in range(layers):
        own = {f"attn.w{name}": projections[4 * i + n] for n, name in enumerate("qkvo")}
        own |= {"mlp.w1": widening[i], "mlp.w2": narrowing[i], "ln1.gain": gains[2 * i], "ln2.gain": gains[2 * i + 1]}
        own |= {"attn.q.gain": head_gains[2 * i], "attn.k.gain": head_gains[2 * i + 1]}
        parameters |= {f"blocks.{i}.{name}": value for name, value in own.items()}
    heads = width // head_gains.shape[1]
    config = modern(len(token), context=len(text) - 1, width=width, layers=layers, heads=heads)
    logits = forward(parameters, text[None, :-1].long(), config)[0]
    losses = F.cross_entropy(logits, text[1:].long(), reduction="none")
    return losses.mean().exp()[None], losses


TORCH = {"language-model": _model}

WAIT = "        cuda.syncthreads()\n"

MISTAKES = [
    Mistake("language-model", (("if first + x > i:", "if first + x > t:"),), "result", "result[0]"),
    Mistake(
        "language-model", (("total = total * shrink + warp_sum(weight)", "total = total + warp_sum(weight)"),), "result"
    ),
    Mistake("language-model", (("x[i, c] = a * cos - b * sin", "x[i, c] = a * cos + b * sin"),), "result"),
    Mistake("language-model", (("logits[i, text[i + 1]]", "logits[i, text[i]]"),), "result"),
    Mistake("language-model", (("scale * gains[which, j]", "scale"),), "result"),
    Mistake("language-model", (("stack[which, first + y, j]", "stack[0, first + y, j]"),), "result"),
    Mistake("language-model", ((WAIT, ""),), "finding", "race", "total += a_tile"),
    Mistake(
        "language-model",
        (("a[i, first + x] if i < t and", "a[i, first + x] if"),),
        "launch",
        "out of bounds",
        "a[i, first + x]",
    ),
    Mistake(
        "language-model",
        (("total += a_tile[y, k] * b_tile[k, x]", "total += a[min(i, t - 1), first + k] * b_tile[k, x]"),),
        "limit",
        "global loads",
    ),
    Mistake(
        "language-model",
        (
            (
                "shfl_sync(ALL, weight, j) * values[j, x]",
                "shfl_sync(ALL, weight, j) * (v[first + j, channel] if x < width else float32(0))",
            ),
        ),
        "limit",
        "global loads",
    ),
]
