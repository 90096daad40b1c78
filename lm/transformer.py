"""The transformer in torch, one function per formula.

A pre-norm transformer (Radford et al. 2019): embedding, then blocks of x + attention(norm(x)) and x + mlp(norm(x)),
a last norm, a linear head.  `lm.config.Config` says which norm, activation and positions, whether there are biases,
whether a position sees those after it, and the sizes.  Every matrix product is rows times columns of a stored matrix.
`lm.kernels` has the same operations as GPU kernels.

Matrices may be bfloat16 (training casts them): products are then taken in bfloat16, the residual stream stays float32.

Letters in the comments: B sequences, T positions, D width, H heads, G heads of keys and values, d channels of a head,
V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from lm.attention import attention, causal_mask, merge_heads, share_heads, split_heads
from lm.config import Config, parameter_shapes
from lm.hashing import hashed_rows
from lm.positions import rotary_angles, rotate

Parameters = Mapping[str, Tensor]
EPSILON = 1e-5  # added to the variance in layer norm and to the mean square in RMS norm


class Past(Protocol):
    """What earlier calls of `forward` left behind, so that only new tokens are computed (`lm.inference.cache`)."""

    def tokens(self, new: Tensor) -> Tensor:
        """All tokens so far, the new ones [B, T] at their end: [B, S]."""

    def keys_and_values(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """The layer's keys and values so far, the new ones [B, G, T, d] at their end: [B, G, S, d] each."""


class Nothing:
    """No past: the new tokens are all there are."""

    def tokens(self, new: Tensor) -> Tensor:
        return new

    def keys_and_values(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        return k, v


NOTHING = Nothing()


def initial(config: Config, generator: torch.Generator) -> dict[str, Tensor]:
    """Fresh parameters: matrices from N(0, 0.02), those that write to the residual stream scaled by
    1 / sqrt(2 L) (Radford et al. 2019, section 2.3), biases and hashed tables 0, gains 1."""
    parameters = {}
    for name, shape in parameter_shapes(config).items():
        if name.endswith("gain"):
            value = torch.ones(shape)
        elif len(shape) == 1 or name.startswith("embedding.ngram"):
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


def layer_norm(x: Tensor, gain: Tensor, bias: Tensor | None = None) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * gain + bias over the channels (Ba et al. 2016).  [..., D]"""
    return functional.layer_norm(x, x.shape[-1:], gain, bias, EPSILON)


def rms_norm(x: Tensor, gain: Tensor) -> Tensor:
    """x / sqrt(mean(x^2) + eps) * gain over the channels (Zhang & Sennrich 2019, equation 4).  [..., D]"""
    return functional.rms_norm(x, x.shape[-1:], gain.to(x.dtype), EPSILON)


def norm(x: Tensor, p: Parameters, config: Config) -> Tensor:
    """The configuration's norm with the gain and bias in `p`.  [B, T, D] -> [B, T, D]"""
    if config.norm == "none":
        return x
    return layer_norm(x, **p) if config.norm == "layer" else rms_norm(x, **p)


def gelu(x: Tensor) -> Tensor:
    """x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks & Gimpel 2016, section 2)."""
    return functional.gelu(x, approximate="tanh")


def relu(x: Tensor) -> Tensor:
    """max(x, 0)"""
    return functional.relu(x)


def relu2(x: Tensor) -> Tensor:
    """max(x, 0)^2 (So et al. 2021, "Primer", section 4)."""
    return functional.relu(x).square()


ACTIVATIONS = {"gelu": gelu, "relu": relu, "relu2": relu2}


def linear(x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    """x w + b, in the precision of w.  [..., n], [n, m], [m] -> [..., m]"""
    product = x.to(w.dtype) @ w
    return product if b is None else product + b


def self_attention(
    x: Tensor,
    p: Parameters,
    config: Config,
    first: int = 0,
    extend: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] = lambda k, v: (k, v),
) -> Tensor:
    """Multi-head self-attention (Vaswani et al. 2017, section 3.2.2) of positions first, first + 1, ..

    `extend` puts the keys and values of earlier positions before the new ones.  [B, T, D] -> [B, T, D]
    """
    x = x.to(p["wq"].dtype)
    q, k, v = (
        split_heads(linear(x, p["w" + of], p.get("b" + of)), heads)
        for of, heads in (("q", config.heads), ("k", config.kv_heads), ("v", config.kv_heads))
    )  # [B, H, T, d], [B, G, T, d] twice
    if config.qk_norm:
        q, k = rms_norm(q, p["q.gain"]), rms_norm(k, p["k.gain"])
    if config.positions == "rotary":
        turn = rotary_angles(first, x.shape[1], config.head_width)
        q, k = rotate(q, *turn), rotate(k, *turn)
    k, v = extend(k, v)  # [B, G, S, d]
    mask = causal_mask(q.shape[2], k.shape[2]) if config.causal else None
    mixed = attention(q, share_heads(k, config.heads), share_heads(v, config.heads), mask)  # [B, H, T, d]
    return linear(merge_heads(mixed), p["wo"], p.get("bo"))


def mlp(x: Tensor, p: Parameters, config: Config) -> Tensor:
    """Two linear layers with the activation between them.  [B, T, D] -> [B, T, hidden] -> [B, T, D]"""
    hidden = ACTIVATIONS[config.activation](linear(x, p["w1"], p.get("b1")))
    return linear(hidden, p["w2"], p.get("b2"))


Drop = Callable[[Tensor], Tensor]


def embed(tokens: Tensor, p: Parameters, config: Config, first: int = 0, drop_ngrams: Drop = lambda x: x) -> Tensor:
    """The vectors of tokens first, first + 1, ..: the token's, plus its position's and its n-grams' where there are
    such.  [B, S] -> [B, S - first, D]"""
    x = functional.embedding(tokens[:, first:], p["token"])
    if config.positions == "learned":
        x = x + p["position"][first : tokens.shape[1]]
    for order in config.ngram_orders:
        rows = torch.from_numpy(hashed_rows(tokens.numpy(), order, config.ngram_rows)[:, first:])
        x = x + drop_ngrams(functional.embedding(rows, p[f"ngram{order}"], sparse=True))
    return x


def head(x: Tensor, parameters: Parameters, config: Config) -> Tensor:
    """Logits, by the head's own matrix or the transpose of the token embedding.  [..., D] -> [..., V]"""
    if config.tied:
        return linear(x, parameters["embedding.token"].T)
    return linear(x, parameters["head.w"], parameters.get("head.b"))


def forward(
    parameters: Parameters,
    tokens: Tensor,
    config: Config,
    drop: Drop = lambda x: x,
    past: Past = NOTHING,
    drop_ngrams: Drop = lambda x: x,
) -> Tensor:
    """Logits for the token after each position: [B, T] integers -> [B, T, V] float32.

    T must not exceed `config.context`.  `drop` is applied to what enters the residual stream and
    `drop_ngrams` to the vectors of hashed n-grams; training passes dropout there.  `past` holds the positions before
    these.
    """
    everything = past.tokens(tokens)  # [B, S]
    first = everything.shape[1] - tokens.shape[1]
    x = drop(embed(everything, part(parameters, "embedding"), config, first, drop_ngrams))  # [B, T, D]
    for i in range(config.layers):
        block = part(parameters, f"blocks.{i}")
        normed = norm(x, part(block, "ln1"), config)
        x = x + drop(self_attention(normed, part(block, "attn"), config, first, partial(past.keys_and_values, i)))
        x = x + drop(mlp(norm(x, part(block, "ln2"), config), part(block, "mlp"), config))
    return head(norm(x, part(parameters, "ln"), config), parameters, config)  # [B, T, V]


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """-log softmax(logits)[target] of every position.  [..., V], [...] -> [...]"""
    flat = functional.cross_entropy(logits.float().flatten(0, -2), targets.flatten(), reduction="none")
    return flat.view(targets.shape)
