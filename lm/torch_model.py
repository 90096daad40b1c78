"""The transformer in torch behind the same methods as `lm.kernel_model.KernelModel`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from lm.config import Config
from lm.inference.torch_cache import TorchCache
from lm.transformer import NOTHING, cross_entropy, forward


class TorchModel:
    """A transformer on the CPU.  parameters: name -> float32 NumPy array."""

    def __init__(self, config: Config, parameters: Mapping[str, np.ndarray]) -> None:
        self.config = config
        self.parameters = {name: torch.from_numpy(np.array(p)) for name, p in parameters.items()}

    def new_cache(self, sequences: int = 1, reserve: bool = True) -> TorchCache:
        """For the keys and values of so many sequences: room for the whole context, or arrays that grow."""
        return TorchCache(self.config, sequences, reserve)

    @torch.no_grad()
    def logits(self, tokens: np.ndarray, cache: TorchCache | None = None) -> np.ndarray:
        """[B, T] int32 -> [B, T, V] float32; with a cache, tokens that follow those in it."""
        past = NOTHING if cache is None else cache
        return forward(self.parameters, torch.from_numpy(tokens).long(), self.config, past=past).numpy()

    @torch.no_grad()
    def losses(self, tokens: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Negative log likelihood of each target, in nats.  [B, T], [B, T] int32 -> [B, T] float32"""
        logits = forward(self.parameters, torch.from_numpy(tokens).long(), self.config)
        return cross_entropy(logits, torch.from_numpy(targets).long()).numpy()
