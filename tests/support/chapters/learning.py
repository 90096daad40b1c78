"""Learning."""

import torch
from support.chapters import Mistake

F = torch.nn.functional

WAIT = "        cuda.syncthreads()\n"

LANES_APART = "for j in range(lane, v, LANES):"
LANES_TOGETHER = """share = (v + LANES - 1) // LANES
        for j in range(lane * share, min(v, (lane + 1) * share)):"""

ONE_STORES = """dlogits[i, j] = (probability - (float32(1) if j == target else float32(0))) * dloss"""
TARGET_BY_ATOMIC = """dlogits[i, j] = probability * dloss
            if j == target:
                cuda.atomic.add(dlogits, (i, j), -dloss)"""

ONE_ADDS = """    if y == 0 and j < n:
        for k in range(1, HIGH):
            gain += gains[k, lane]
            bias += biases[k, lane]
        dgain[j] = gain
        dbias[j] = bias
"""
ALL_ADD = """    if j < n:
        cuda.atomic.add(dgain, j, gain)
        cuda.atomic.add(dbias, j, bias)
"""

ROWS_IN_TILE = """        if first + x < t:
            for e in range(D):
                query_tile"""


def _gradients(function, inputs, upstream):
    """Autograd: the gradients of sum(function(*inputs) * upstream)."""
    leaves = [x.detach().requires_grad_() for x in inputs]
    return torch.autograd.grad(function(*leaves), leaves, upstream)


def _cross_entropy(logits, targets, dlosses):
    return _gradients(lambda x: F.cross_entropy(x, targets.long(), reduction="none"), [logits], dlosses)[0]


def _layer_norm(dout, x, gain, mean, rstd):
    """PyTorch's own backward pass, with the statistics that the puzzle gives, rounded as they are."""
    backward = torch.ops.aten.native_layer_norm_backward
    return backward(dout, x, gain.shape, mean[:, None], rstd[:, None], gain, torch.zeros_like(gain), [True] * 3)


def _attention(q, k, v, out, dout, lse):
    """PyTorch's FlashAttention for CPUs: its backward pass, too, starts from out and the log-sum-exp."""
    heads = [x[None, None] for x in (dout, q, k, v, out, lse)]
    gradients = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward(*heads, 0.0, True)
    return tuple(gradient[0, 0] for gradient in gradients)


def _adam(w, m, v, g, rate, step):
    weight = torch.nn.Parameter(w.clone())
    weight.grad = g
    optimizer = torch.optim.Adam([weight], lr=float(rate), betas=(0.9, 0.99), eps=1e-8)
    optimizer.state[weight] = {"step": torch.tensor(float(step - 1)), "exp_avg": m.clone(), "exp_avg_sq": v.clone()}
    optimizer.step()
    state = optimizer.state[weight]
    return weight.detach(), state["exp_avg"], state["exp_avg_sq"]


TORCH = {
    "product-backward": lambda a, b, dc: _gradients(torch.matmul, [a, b], dc),
    "cross-entropy-backward": _cross_entropy,
    "layer-norm-backward": _layer_norm,
    "attention-backward": _attention,
    "adam": _adam,
}

MISTAKES = [
    Mistake("product-backward", (("PITCH = 17", "PITCH = 16"),), "limit", "bank conflicts"),
    Mistake("product-backward", (("b_tile[x, j]", "b_tile[j, x]"),), "result"),
    Mistake("product-backward", (("a_tile[i, y]", "a_tile[y, i]"),), "result"),
    Mistake("product-backward", ((WAIT, ""),), "finding", "race", "total +="),
    Mistake(
        "product-backward",
        (
            ("b_tile[y, x] = b[column + y, first + x]", "b_tile[x, y] = b[column + x, first + y]"),
            ("a_tile[y, x] = a[first + y, row + x]", "a_tile[x, y] = a[first + x, row + y]"),
        ),
        "limit",
        "global load sectors",
    ),
    Mistake(
        "product-backward",
        (("dc_tile[y, j] * b_tile[x, j]", "dc[row + y, first + j] * b[column + x, first + j]"),),
        "limit",
        "global loads",
    ),
    Mistake("cross-entropy-backward", (("(float32(1) if j == target else float32(0))", "float32(0)"),), "result"),
    Mistake("cross-entropy-backward", (("step = LANES // 2", "step = LANES // 4"),), "result"),
    Mistake("cross-entropy-backward", (("total * math.exp(largest - both)", "total"),), "result"),
    Mistake("cross-entropy-backward", (("float32(0))) * dloss", "float32(0)))"),), "result"),
    Mistake("cross-entropy-backward", (("LOWEST = -3.4e38", "LOWEST = 0.0"),), "result", "not finite"),
    Mistake("cross-entropy-backward", (("shfl_xor_sync", "shfl_up_sync"),), "result"),
    Mistake("cross-entropy-backward", ((LANES_APART, LANES_TOGETHER),), "limit", "sectors"),
    Mistake("cross-entropy-backward", ((ONE_STORES, TARGET_BY_ATOMIC),), "limit", "global atomics"),
    Mistake("layer-norm-backward", ((" - xhat * products", ""),), "result"),
    Mistake("layer-norm-backward", (("* gain[j] - shares", "- shares"),), "result"),
    Mistake("layer-norm-backward", (("(x[i, j] - mean[i]) * rstd[i]", "x[i, j] * rstd[i]"),), "result"),
    Mistake(
        "layer-norm-backward",
        (("bias\n    cuda.syncthreads()\n", "bias\n"),),
        "finding",
        "race",
        "gains[k, lane]",
    ),
    Mistake(
        "layer-norm-backward",
        (("    if j < n:\n        for i in range(y", "    if True:\n        for i in range(y"),),
        "launch",
        "out of bounds",
        "d = dout[i, j]",
    ),
    Mistake("layer-norm-backward", (("if y == 0 and j < n", "if j < n"),), "finding", "race", "dgain[j] = gain"),
    Mistake("layer-norm-backward", ((ONE_ADDS, ALL_ADD),), "unwritten", "poison"),
    Mistake("attention-backward", (("min(min(first + tile, i + 1), t)", "min(first + tile, t)"),), "result"),
    Mistake("attention-backward", (("range(max(first, j), min", "range(first, min"),), "result"),
    Mistake(
        "attention-backward",
        (("range(cuda.blockIdx.x * tile, t, tile)", "range(0, t, tile)"),),
        "limit",
        "global loads",
    ),
    Mistake("attention-backward", (("(dp - own_delta)", "dp"),), "result"),
    Mistake("attention-backward", (("dq[i, e] = sums[e] * scale", "dq[i, e] = sums[e]"),), "result"),
    Mistake("attention-backward", ((WAIT, ""),), "finding", "race", "score += query"),
    Mistake(
        "attention-backward",
        ((ROWS_IN_TILE, ROWS_IN_TILE.replace("first + x < t", "first < t")),),
        "launch",
        "out of bounds",
        "query_tile[x, e] = q",
    ),
    Mistake(
        "attention-backward",
        (("key_sums[e] += ds * query_tile[i - first, e]", "key_sums[e] += ds * q[i, e]"),),
        "limit",
        "global loads",
    ),
    Mistake("adam", (("float32(1 - BETA2) * gradient * gradient", "float32(1 - BETA2) * gradient"),), "result"),
    Mistake("adam", (("mean /= float32(1) - math.pow(float32(BETA1), float32(step))", "pass"),), "result", "w["),
    Mistake(
        "adam", (("        m[i] = mean\n", ""), ("        w[i] -=", "        m[i] = mean\n        w[i] -=")), "result"
    ),
    Mistake("adam", (("        mean /=", "        mean = m[i]\n        mean /="),), "limit", "global loads"),
    Mistake("adam", (("if i < w.shape[0]", "if i <= w.shape[0]"),), "launch", "out of bounds", "gradient = g[i]"),
    Mistake("adam", (("(math.sqrt(square) + float32(EPS))", "math.sqrt(square)"),), "result", "not finite"),
    Mistake("adam", (("gradient = g[i]", "gradient = g[i // 2 * 2]"),), "result"),
]
