"""The transformer in torch, one function per formula.

A decoder-only, pre-norm transformer in GPT-2's arrangement (Radford et al. 2019): learned positions,
causal multi-head attention, an MLP with GELU (the tanh form), residual connections, a final layer norm and
a linear head of its own (not tied to the token embedding, so that every matrix product is rows times
columns of a stored matrix).  `lm.kernels` has the same operations as GPU kernels.

Letters in the comments: B sequences, T positions, D width, H heads, d = D / H, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from lm.attention import attention, causal_mask, merge_heads, split_heads
from lm.config import Config, parameter_shapes

Parameters = Mapping[str, Tensor]
EPSILON = 1e-5  # added to the variance in layer norm


def initial(config: Config, generator: torch.Generator) -> dict[str, Tensor]:
    """Fresh parameters: matrices from N(0, 0.02), those that write to the residual stream scaled by
    1 / sqrt(2 L) (Radford et al. 2019, section 2.3), biases 0, gains 1."""
    parameters = {}
    for name, shape in parameter_shapes(config).items():
        if name.endswith("gain"):
            value = torch.ones(shape)
        elif len(shape) == 1:
            value = torch.zeros(shape)
        else:
            value = torch.randn(shape, generator=generator) * 0.02
            if name.endswith(("attn.wo", "mlp.w2")):
                value /= math.sqrt(2 * config.layers)
        parameters[name] = value
    return parameters


def part(parameters: Parameters, prefix: str) -> dict[str, Tensor]:
    """The parameters under `prefix.`, without it: part(p, "blocks.0.mlp") has "w1", "b1", "w2", "b2"."""
    return {name[len(prefix) + 1 :]: p for name, p in parameters.items() if name.startswith(prefix + ".")}


def layer_norm(x: Tensor, gain: Tensor, bias: Tensor) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * gain + bias over the channels (Ba et al. 2016).  [B, T, D]"""
    mean = x.mean(dim=-1, keepdim=True)  # [B, T, 1]
    variance = ((x - mean) ** 2).mean(dim=-1, keepdim=True)  # [B, T, 1]
    return (x - mean) / torch.sqrt(variance + EPSILON) * gain + bias


def gelu(x: Tensor) -> Tensor:
    """x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks & Gimpel 2016, section 2)."""
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def self_attention(x: Tensor, p: Parameters, heads: int) -> Tensor:
    """Multi-head causal self-attention (Vaswani et al. 2017, section 3.2.2).  [B, T, D] -> [B, T, D]"""
    q, k, v = (split_heads(x @ p["w" + of] + p["b" + of], heads) for of in "qkv")  # [B, H, T, d] each
    mixed = attention(q, k, v, causal_mask(x.shape[1]))  # [B, H, T, d]
    return merge_heads(mixed) @ p["wo"] + p["bo"]


def mlp(x: Tensor, *, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    """Two linear layers with a GELU between them.  [B, T, D] -> [B, T, 4D] -> [B, T, D]"""
    return gelu(x @ w1 + b1) @ w2 + b2


def embed(tokens: Tensor, token: Tensor, position: Tensor) -> Tensor:
    """The token's vector plus the position's.  [B, T] -> [B, T, D]"""
    return torch.nn.functional.embedding(tokens, token) + position[: tokens.shape[1]]


def forward(
    parameters: Parameters,
    tokens: Tensor,
    config: Config,
    drop: Callable[[Tensor], Tensor] = lambda x: x,
) -> Tensor:
    """Logits for the character after each position: [B, T] integers -> [B, T, V] float32.

    T must not exceed `config.context`.  `drop` is applied to what enters the residual stream; training
    passes dropout there.
    """
    x = drop(embed(tokens, **part(parameters, "embedding")))  # [B, T, D]
    for i in range(config.layers):
        block = part(parameters, f"blocks.{i}")
        x = x + drop(self_attention(layer_norm(x, **part(block, "ln1")), part(block, "attn"), config.heads))
        x = x + drop(mlp(layer_norm(x, **part(block, "ln2")), **part(block, "mlp")))
    x = layer_norm(x, **part(parameters, "ln"))
    return x @ parameters["head.w"] + parameters["head.b"]  # [B, T, V]


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """-log softmax(logits)[target] of every position.  [..., V], [...] -> [...]"""
    shifted = logits - logits.amax(dim=-1, keepdim=True)
    log_partition = shifted.exp().sum(dim=-1).log()  # [...]
    return log_partition - shifted.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
