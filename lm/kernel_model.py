"""The transformer as kernel launches: the same steps as `lm.transformer.forward`, on the simulator or a GPU.

Letters in the comments: B sequences, T positions, R = B T rows, D width, H heads, G heads of keys and values, d
channels of a head, V vocabulary.  Matrices keep one position per row; attention sees the same memory as [B, T, H, d].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from lm.config import Config
from lm.devices import Device
from lm.inference.kernel_cache import KernelCache
from lm.kernels import KernelSet, fused_attention
from lm.kernels import cache as decoding
from lm.kernels.rotary import rotary_tables

Attention = Literal["auto", "fused", "materialised"]
ONE, ZERO = np.float32(1), np.float32(0)


class KernelModel:
    """A transformer whose every operation is a kernel.

    parameters  name -> float32 array on the host, as in a checkpoint; copied to the device once
    attention   "fused": one kernel, scores stay on the chip; "materialised": scores, softmax, values;
                "auto": fused where a head fits that kernel
    """

    def __init__(
        self,
        device: Device,
        config: Config,
        parameters: Mapping[str, np.ndarray],
        kernels: KernelSet | None = None,
        attention: Attention = "auto",
    ) -> None:
        self.device = device
        self.config = config
        self.kernels = kernels or KernelSet()
        self.fused = config.head_width <= fused_attention.HEAD_WIDTH if attention == "auto" else attention == "fused"
        self.parameters = {name: device.put(p) for name, p in parameters.items()}
        if config.tied:
            self.parameters["head.w"] = device.put(np.ascontiguousarray(parameters["embedding.token"].T))
        if config.norm == "layer" and not config.bias:
            self._no_bias = device.put(np.zeros(config.width, np.float32))
        if config.positions == "rotary":
            self._turn = [device.put(table) for table in rotary_tables(config.context, config.head_width)]

    def new_cache(self, sequences: int = 1) -> KernelCache:
        """Room for the keys and values of so many sequences of the context's length."""
        return KernelCache(self.device, self.config, sequences)

    def logits(self, tokens: np.ndarray, cache: KernelCache | None = None) -> np.ndarray:
        """[B, T] int32 -> [B, T, V] float32, T at most the context; with a cache, tokens that follow those in it."""
        return self.device.get(self._logits(tokens, cache)).reshape(*tokens.shape, self.config.vocabulary)

    def losses(self, tokens: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Negative log likelihood of each target, in nats.  [B, T], [B, T] int32 -> [B, T] float32"""
        losses = self.device.empty((tokens.size,))
        self._run("cross_entropy", losses, self._logits(tokens), self.device.put(targets.reshape(-1)))
        return self.device.get(losses).reshape(tokens.shape)

    def _run(self, place: str, *args: Any) -> None:
        self.device.launch(place, getattr(self.kernels, place), *args)

    def _logits(self, tokens: np.ndarray, cache: KernelCache | None = None) -> Any:
        """[B, T] on the host -> [R, V] on the device"""
        batch, length = tokens.shape
        first = cache.length if cache else 0
        x = self._embed(cache.extend(tokens) if cache else tokens, first)
        for i in range(self.config.layers):
            block = f"blocks.{i}"
            normed = self._norm(x, f"{block}.ln1")
            self._run("residual_add", x, self._self_attention(normed, i, batch, length, first, cache))
            normed = self._norm(x, f"{block}.ln2")
            self._run("residual_add", x, self._mlp(normed, f"{block}.mlp"))
        return self._linear(self._norm(x, "ln"), "head.w", "head.b")

    def _embed(self, tokens: np.ndarray, first: int) -> Any:
        """Tokens first, first + 1, .. of [B, S] on the host -> [R, D] on the device, the residual stream"""
        new, everything = self.device.put(tokens[:, first:]), self.device.put(tokens)
        x = self.device.empty((tokens[:, first:].size, self.config.width))
        token = self.parameters["embedding.token"]
        if self.config.positions == "learned":
            self._run("embed", x, new, token, self.parameters["embedding.position"][first:])
        else:
            self._run("embed_tokens", x, new, token)
        for order in self.config.ngram_orders:
            self._run("add_ngrams", x, everything, self.parameters[f"embedding.ngram{order}"], np.int32(order))
        return x

    def _norm(self, x: Any, name: str) -> Any:
        """[R, D] -> [R, D]"""
        if self.config.norm == "none":
            return x
        out = self.device.empty(x.shape)
        gain = self.parameters[f"{name}.gain"]
        if self.config.norm == "rms":
            self._run("rms_norm", out, x, gain)
        else:
            bias = self.parameters[f"{name}.bias"] if self.config.bias else self._no_bias
            self._run("layer_norm", out, x, gain, bias)
        return out

    def _linear(self, x: Any, w: str, b: str) -> Any:
        """x w + b, or x w where there is no b.  [R, n] -> [R, m]"""
        weights = self.parameters[w]
        out = self.device.empty((x.shape[0], weights.shape[1]))
        self._run("matmul", out, x, weights, ONE, ZERO)
        if b in self.parameters:
            self._run("add_bias", out, self.parameters[b])
        return out

    def _self_attention(
        self, x: Any, layer: int, batch: int, length: int, first: int, cache: KernelCache | None
    ) -> Any:
        """[R, D] -> [R, D], of positions first, first + 1, .."""
        config, name = self.config, f"blocks.{layer}.attn"
        counts = {"q": config.heads, "k": config.kv_heads, "v": config.kv_heads}
        q, k, v = (
            self._linear(x, f"{name}.w{of}", f"{name}.b{of}").reshape(batch, length, heads, config.head_width)
            for of, heads in counts.items()
        )
        for of, heads in (("q", q), ("k", k)):
            if config.qk_norm:
                rows = heads.reshape(batch * length * counts[of], config.head_width)
                self._run("rms_norm", rows, rows, self.parameters[f"{name}.{of}.gain"])
            if config.positions == "rotary":
                self._run("rotary", heads, *self._turn, np.int32(first))
        if cache:
            self._run("append", cache.keys[layer], k, np.int32(first))
            self._run("append", cache.values[layer], v, np.int32(first))
            k, v = cache.keys[layer], cache.values[layer]
        if cache and length == 1 and config.head_width <= decoding.HEAD_WIDTH:
            mixed = self.device.empty(q.shape)
            self._run("attention_decode", mixed, q, k, v, np.int32(first + 1))
        else:
            mixed = self._attention(q, k, v, np.int32(first if config.causal else length - 1))
        mixed = mixed.reshape(x.shape[0], config.query_width)
        return self._linear(mixed, f"{name}.wo", f"{name}.bo")

    def _attention(self, q: Any, k: Any, v: Any, ahead: np.int32) -> Any:
        """[B, T, H, d], [B, S, G, d] twice -> [B, T, H, d]"""
        batch, length, heads, _ = q.shape
        mixed = self.device.empty(q.shape)
        if self.fused:
            self._run("attention", mixed, q, k, v, ahead)
        else:
            keys = min(k.shape[1], length + int(ahead))
            scores = self.device.empty((batch, heads, length, keys))
            self._run("attention_scores", scores, q, k, ahead)
            rows = scores.reshape(batch * heads * length, keys)
            self._run("softmax", rows, rows)
            self._run("attention_values", mixed, scores, v, ahead)
        return mixed

    def _mlp(self, x: Any, name: str) -> Any:
        """[R, D] -> [R, hidden] -> [R, D]"""
        hidden = self._linear(x, f"{name}.w1", f"{name}.b1")
        self._run(self.config.activation, hidden, hidden)
        return self._linear(hidden, f"{name}.w2", f"{name}.b2")
