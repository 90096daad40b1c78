"""An encoder and a decoder: the transformer as it was first written (Vaswani et al. 2017, section 3.1).

The encoder is a transformer whose positions see each other in both directions.  The decoder is a causal one whose
blocks have a second attention, between the first and the MLP: its queries come from the decoder, its keys and values
from the encoder's output (section 3.2.3).  Letters: B sentences, S source and T target positions, D width.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from lm.attention import attention, merge_heads, split_heads
from lm.config import Config, modern, parameter_shapes
from lm.transformer import Parameters, embed, head, initial, linear, mlp, norm, part, self_attention


@dataclass(frozen=True)
class Translator:
    """Sizes of both halves: the encoder's vocabulary and the decoder's configuration."""

    source: int
    decoder: Config

    @classmethod
    def of(cls, source: int, target: int, context: int, width: int = 32, layers: int = 2, heads: int = 2) -> Translator:
        return cls(source, modern(target, context=context, width=width, layers=layers, heads=heads))

    @property
    def encoder(self) -> Config:
        return replace(self.decoder, vocabulary=self.source, causal=False)

    def initial(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Fresh parameters: "encoder.*", "decoder.*" and "cross.<layer>.*"."""
        parameters = {f"encoder.{name}": p for name, p in initial(self.encoder, generator).items()}
        parameters |= {f"decoder.{name}": p for name, p in initial(self.decoder, generator).items()}
        shapes = parameter_shapes(self.decoder)
        for i in range(self.decoder.layers):
            for name in ("wq", "wk", "wv", "wo"):
                shape = shapes[f"blocks.{i}.attn.{name}"]
                parameters[f"cross.{i}.{name}"] = torch.randn(shape, generator=generator) * 0.02
            parameters[f"cross.{i}.ln.gain"] = torch.ones(self.decoder.width)
        return parameters


def cross_attention(x: Tensor, memory: Tensor, p: Parameters, config: Config) -> Tensor:
    """Queries from x, keys and values from memory; every source position is seen.  [B, T, D], [B, S, D] -> [B, T, D]"""
    q = split_heads(linear(x, p["wq"]), config.heads)  # [B, H, T, d]
    k, v = (split_heads(linear(memory, p[name]), config.heads) for name in ("wk", "wv"))  # [B, H, S, d]
    return linear(merge_heads(attention(q, k, v)), p["wo"])


def encode(parameters: Parameters, source: Tensor, translator: Translator) -> Tensor:
    """[B, S] -> [B, S, D]"""
    config, p = translator.encoder, part(parameters, "encoder")
    x = embed(source, part(p, "embedding"), config)
    for i in range(config.layers):
        block = part(p, f"blocks.{i}")
        x = x + self_attention(norm(x, part(block, "ln1"), config), part(block, "attn"), config)
        x = x + mlp(norm(x, part(block, "ln2"), config), part(block, "mlp"), config)
    return norm(x, part(p, "ln"), config)


def decode(parameters: Parameters, memory: Tensor, target: Tensor, translator: Translator) -> Tensor:
    """Logits of the target word after each: [B, S, D], [B, T] -> [B, T, V]"""
    config, p = translator.decoder, part(parameters, "decoder")
    x = embed(target, part(p, "embedding"), config)
    for i in range(config.layers):
        block, cross = part(p, f"blocks.{i}"), part(parameters, f"cross.{i}")
        x = x + self_attention(norm(x, part(block, "ln1"), config), part(block, "attn"), config)
        x = x + cross_attention(norm(x, part(cross, "ln"), config), memory, cross, config)
        x = x + mlp(norm(x, part(block, "ln2"), config), part(block, "mlp"), config)
    return head(norm(x, part(p, "ln"), config), p, config)


@torch.no_grad()
def translate(parameters: Parameters, source: Tensor, translator: Translator, start: int, words: int) -> Tensor:
    """The likeliest word, again and again: [B, S] -> [B, words]"""
    memory = encode(parameters, source, translator)
    target = torch.full((len(source), 1), start)
    for _ in range(words):
        logits = decode(parameters, memory, target, translator)[:, -1]
        target = torch.cat([target, logits.argmax(dim=-1, keepdim=True)], dim=1)
    return target[:, 1:]
