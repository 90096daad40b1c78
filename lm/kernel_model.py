"""The transformer as kernel launches: the same steps as `lm.transformer.forward`, on the simulator or a GPU.

Letters in the comments: B sequences, T positions, R = B T rows, D width, H heads, d = D / H, V vocabulary.
Matrices keep one position per row; attention sees the same memory as [B, T, H, d].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from lm.config import Config
from lm.devices import Device
from lm.kernels import KernelSet

Attention = Literal["fused", "materialised"]
ONE, ZERO = np.float32(1), np.float32(0)


class KernelModel:
    """A transformer whose every operation is a kernel.

    parameters  name -> float32 array on the host, as in a checkpoint; copied to the device once
    attention   "fused": one kernel, scores stay on the chip; "materialised": scores, softmax, values
    """

    def __init__(
        self,
        device: Device,
        config: Config,
        parameters: Mapping[str, np.ndarray],
        kernels: KernelSet | None = None,
        attention: Attention = "fused",
    ) -> None:
        self.device = device
        self.config = config
        self.kernels = kernels or KernelSet()
        self.attention_form = attention
        self.parameters = {name: device.put(p) for name, p in parameters.items()}

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
        x = self.device.empty((tokens.size, self.config.width))  # [R, D], the residual stream
        token, position = self.parameters["embedding.token"], self.parameters["embedding.position"]
        self._run("embed", x, self.device.put(tokens), token, position)
        for i in range(self.config.layers):
            block = f"blocks.{i}"
            normed = self._layer_norm(x, f"{block}.ln1")
            self._run("residual_add", x, self._self_attention(normed, f"{block}.attn", batch, length))
            normed = self._layer_norm(x, f"{block}.ln2")
            self._run("residual_add", x, self._mlp(normed, f"{block}.mlp"))
        return self._linear(self._layer_norm(x, "ln"), "head.w", "head.b")

    def _layer_norm(self, x: Any, name: str) -> Any:
        """[R, D] -> [R, D]"""
        out = self.device.empty(x.shape)
        self._run("layer_norm", out, x, self.parameters[f"{name}.gain"], self.parameters[f"{name}.bias"])
        return out

    def _linear(self, x: Any, w: str, b: str) -> Any:
        """x w + b.  [R, n] -> [R, m]"""
        weights = self.parameters[w]
        out = self.device.empty((x.shape[0], weights.shape[1]))
        self._run("matmul", out, x, weights, ONE, ZERO)
        self._run("add_bias", out, self.parameters[b])
        return out

    def _self_attention(self, x: Any, name: str, batch: int, length: int) -> Any:
        """[R, D] -> [R, D]"""
        heads = (batch, length, self.config.heads, self.config.head_width)
        q, k, v = (self._linear(x, f"{name}.w{of}", f"{name}.b{of}").reshape(*heads) for of in "qkv")
        mixed = self.device.empty(heads)
        if self.attention_form == "fused":
            self._run("attention", mixed, q, k, v)
        else:
            scores = self.device.empty((batch, self.config.heads, length, length))
            self._run("attention_scores", scores, q, k)
            rows = scores.reshape(batch * self.config.heads * length, length)
            self._run("softmax", rows, rows)
            self._run("attention_values", mixed, scores, v)
        return self._linear(mixed.reshape(*x.shape), f"{name}.wo", f"{name}.bo")

    def _mlp(self, x: Any, name: str) -> Any:
        """[R, D] -> [R, 4D] -> [R, D]"""
        hidden = self._linear(x, f"{name}.w1", f"{name}.b1")
        self._run("gelu", hidden, hidden)
        return self._linear(hidden, f"{name}.w2", f"{name}.b2")
