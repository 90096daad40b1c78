"""The key-value cache on a device of `lm.devices`: arrays for the whole context, filled from the front."""

from __future__ import annotations

import numpy as np

from lm.config import Config
from lm.devices import Device
from lm.inference.limits import check_causal, check_room


class KernelCache:
    """Keys and values of each layer, [B, context, G, d] on the device; the first `length` positions are used."""

    def __init__(self, device: Device, config: Config, sequences: int = 1) -> None:
        check_causal(config)
        self.config = config
        shape = (sequences, config.context, config.kv_heads, config.head_width)
        self.keys = [device.empty(shape) for _ in range(config.layers)]
        self.values = [device.empty(shape) for _ in range(config.layers)]
        self._tokens = np.empty((sequences, 0), np.int32)

    @property
    def length(self) -> int:
        return self._tokens.shape[1]

    @property
    def nbytes(self) -> int:
        """Bytes that the keys and values take."""
        return sum(x.nbytes for x in (*self.keys, *self.values))

    def extend(self, new: np.ndarray) -> np.ndarray:
        """All tokens so far, the new ones [B, T] at their end: [B, S].  Raises LMError beyond the context."""
        check_room(self.config, self.length + new.shape[1])
        self._tokens = np.concatenate([self._tokens, new], axis=1)
        return self._tokens
