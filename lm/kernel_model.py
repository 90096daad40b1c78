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
from lm.kernels import KernelSet
from lm.kernels.attention import CAUSAL
from lm.kernels.fused_attention import HEAD_WIDTH
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
        self.fused = config.head_width <= HEAD_WIDTH if attention == "auto" else attention == "fused"
        self.parameters = {name: device.put(p) for name, p in parameters.items()}
        if config.tied:
            self.parameters["head.w"] = device.put(np.ascontiguousarray(parameters["embedding.token"].T))
        if config.norm == "layer" and not config.bias:
            self._no_bias = device.put(np.zeros(config.width, np.float32))
        if config.positions == "rotary":
            self._turn = [device.put(table) for table in rotary_tables(config.context, config.head_width)]

    def logits(self, tokens: np.ndarray) -> np.ndarray:
        """[B, T] int32 -> [B, T, V] float32, T at most the context."""
        return self.device.get(self._logits(tokens)).reshape(*tokens.shape, self.config.vocabulary)

    def losses(self, tokens: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Negative log likelihood of each target, in nats.  [B, T], [B, T] int32 -> [B, T] float32"""
        losses = self.device.empty((tokens.size,))
        self._run("cross_entropy", losses, self._logits(tokens), self.device.put(targets.reshape(-1)))
        return self.device.get(losses).reshape(tokens.shape)

    def _run(self, place: str, *args: Any) -> None:
        self.device.launch(place, getattr(self.kernels, place), *args)

    def _logits(self, tokens: np.ndarray) -> Any:
        """[B, T] on the host -> [R, V] on the device"""
        batch, length = tokens.shape
        x = self._embed(self.device.put(tokens), tokens.size)
        for i in range(self.config.layers):
            block = f"blocks.{i}"
            normed = self._norm(x, f"{block}.ln1")
            self._run("residual_add", x, self._self_attention(normed, f"{block}.attn", batch, length))
            normed = self._norm(x, f"{block}.ln2")
            self._run("residual_add", x, self._mlp(normed, f"{block}.mlp"))
        return self._linear(self._norm(x, "ln"), "head.w", "head.b")

    def _embed(self, tokens: Any, rows: int) -> Any:
        """[B, T] on the device -> [R, D], the residual stream"""
        x = self.device.empty((rows, self.config.width))
        token = self.parameters["embedding.token"]
        if self.config.positions == "learned":
            self._run("embed", x, tokens, token, self.parameters["embedding.position"])
        else:
            self._run("embed_tokens", x, tokens, token)
        for order in self.config.ngram_orders:
            self._run("add_ngrams", x, tokens, self.parameters[f"embedding.ngram{order}"], np.int32(order))
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

    def _self_attention(self, x: Any, name: str, batch: int, length: int) -> Any:
        """[R, D] -> [R, D]"""
        config = self.config
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
                self._run("rotary", heads, *self._turn, np.int32(0))
        ahead = CAUSAL if config.causal else np.int32(length - 1)
        mixed = self._attention(q, k, v, ahead).reshape(x.shape[0], config.query_width)
        return self._linear(mixed, f"{name}.wo", f"{name}.bo")

    def _attention(self, q: Any, k: Any, v: Any, ahead: np.int32) -> Any:
        """[B, T, H, d], [B, S, G, d] twice -> [B, T, H, d]"""
        batch, length, heads, _ = q.shape
        mixed = self.device.empty(q.shape)
        if self.fused:
            self._run("attention", mixed, q, k, v, ahead)
        else:
            scores = self.device.empty((batch, heads, length, k.shape[1]))
            self._run("attention_scores", scores, q, k, ahead)
            rows = scores.reshape(batch * heads * length, k.shape[1])
            self._run("softmax", rows, rows)
            self._run("attention_values", mixed, scores, v, ahead)
        return mixed

    def _mlp(self, x: Any, name: str) -> Any:
        """[R, D] -> [R, hidden] -> [R, D]"""
        hidden = self._linear(x, f"{name}.w1", f"{name}.b1")
        self._run(self.config.activation, hidden, hidden)
        return self._linear(hidden, f"{name}.w2", f"{name}.b2")
