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


def _loss(weights, text):
    """The mean loss of the small model whose weights lie below each other."""
    t, d = len(text) - 1, weights.shape[1]
    token, position, wq, wk, wv, wo = weights.split([len(weights) - t - 4 * d, t, d, d, d, d])
    x = F.embedding(text[:-1], token) + position
    mixed = F.scaled_dot_product_attention((x @ wq)[None], (x @ wk)[None], (x @ wv)[None], is_causal=True)[0]
    return F.cross_entropy((x + mixed @ wo) @ token.T, text[1:])


def _training(weights, means, squares, text):
    """Autograd and `torch.optim.Adam`, whose means start at zero."""
    weights = weights.clone().requires_grad_()
    optimizer = torch.optim.Adam([weights], lr=0.03, betas=(0.9, 0.99), eps=1e-5)
    losses = []
    for row in text.long():
        optimizer.zero_grad()
        losses.append(_loss(weights, row))
        losses[-1].backward()
        optimizer.step()
    state = optimizer.state[weights]
    return torch.stack(losses).detach(), weights.detach(), state["exp_avg"], state["exp_avg_sq"]


TORCH = {"language-model": _model, "five-steps": _training}

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
    Mistake("five-steps", (("range(i + 1)", "range(t)"),), "result", "losses[0]"),
    Mistake("five-steps", (("probability -= float32(1)", "pass"),), "result", "weights["),
    Mistake("five-steps", (("total = gradients[row, j]", "total = float32(0)"),), "result", "weights["),
    Mistake("five-steps", (("float32(step + 1)", "float32(step + 2)"),), "result"),
    Mistake("five-steps", (("p * (dp - delta[i])", "p * dp"),), "result"),
    Mistake("five-steps", (("probability / float32(t)", "probability"),), "result"),
    Mistake("five-steps", (("weights[row + column + y, first + x]", "weights[column + y, first + x]"),), "result"),
    Mistake("five-steps", ((WAIT, ""),), "finding", "race", "total += a_tile"),
    Mistake("five-steps", (("if row < position:", "if row <= position:"),), "result"),
    Mistake(
        "five-steps",
        (
            ("        total = gradients[row, j]\n", ""),
            ("total += dh[i, j]", "gradients[row, j] += dh[i, j]"),
            ("        gradients[row, j] = total\n    else", "    else"),
        ),
        "limit",
        "global",
    ),
    Mistake(
        "five-steps",
        (
            (
                "total += a_tile[k, y] * b_tile[k, x]",
                "total += a[first + k, min(i, m - 1)] * b_tile[k, x] if first + k < depth else float32(0)",
            ),
        ),
        "limit",
        "global loads",
    ),
]
