"""Generating with a cache: a text that grows by one token is one position's work, not a window's.

Prefill computes all positions of the prompt at once; decode computes one position a token.  When the context is full,
the session starts again with the later half of the window (Press et al. 2021, section 2: a sliding window is recomputed
for each token; this one once for half a context), so a token is predicted from between half and all of the context.
Without the cache a session does the same with whole windows: the same logits, more work.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from lm.config import Config


class Generator(Protocol):
    """What a session needs of a model: `lm.torch_model.TorchModel`, `lm.kernel_model.KernelModel`."""

    config: Config

    def new_cache(self) -> Any:
        """An empty cache for one sequence."""

    def logits(self, tokens: np.ndarray, cache: Any = None) -> np.ndarray:
        """[B, T] int32 -> [B, T, V] float32"""


class Session:
    """`logits` of a model for windows that grow or slide by a token, as `lm.sampling.sample` asks for them.

    computed  how many positions have been computed so far
    """

    def __init__(self, model: Generator, cached: bool = True) -> None:
        self.model = model
        self.cached = cached
        self.computed = 0
        self._seen = np.empty(0, np.int32)
        self._cache: Any = None

    def logits(self, window: np.ndarray) -> np.ndarray:
        """[1, T] int32, T at most the context -> [1, at least 1, V]: the last is for the token after the window."""
        context = self.model.config.context
        tokens = window[0]
        grown = len(self._seen) < context and np.array_equal(tokens[-len(self._seen) - 1 : -1], self._seen)
        if not (grown and len(self._seen)):
            full = len(self._seen) == context and np.array_equal(tokens[:-1], self._seen[-(len(tokens) - 1) :])
            self._seen = tokens[-max(1, context // 2) :] if full else tokens
            return self._start()
        self._seen = np.append(self._seen, tokens[-1])
        return self._run(self._seen[-1:]) if self.cached else self._start()

    @property
    def cache_bytes(self) -> int:
        """What the keys and values take now; 0 without a cache."""
        return 0 if self._cache is None else self._cache.nbytes

    def _start(self) -> np.ndarray:
        """Prefill: all tokens of the session, into a new cache."""
        self._cache = self.model.new_cache() if self.cached else None
        return self._run(self._seen)

    def _run(self, tokens: np.ndarray) -> np.ndarray:
        self.computed += len(tokens)
        return self.model.logits(tokens[None], self._cache)
