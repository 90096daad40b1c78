"""The key-value cache in torch: keys and values of the positions so far, so that a new token is one position's work.

`reserve` decides where they lie: in arrays for the whole context, of which the first positions are used, or in arrays
that grow, which are exactly as large as needed and copied at each growth.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lm.config import Config
from lm.inference.limits import check_causal, check_room


class TorchCache:
    """A `lm.transformer.Past`.  Keys and values of each layer are [B, G, S, d], S the positions so far.

    length  positions so far
    """

    def __init__(self, config: Config, sequences: int = 1, reserve: bool = True) -> None:
        check_causal(config)
        self.config, self.reserve = config, reserve
        shape = (sequences, config.kv_heads, config.context if reserve else 0, config.head_width)
        self._keys = [torch.empty(shape) for _ in range(config.layers)]
        self._values = [torch.empty(shape) for _ in range(config.layers)]
        self._tokens = torch.empty((sequences, 0), dtype=torch.long)

    @property
    def length(self) -> int:
        return self._tokens.shape[1]

    @property
    def nbytes(self) -> int:
        """Bytes that the keys and values take."""
        return sum(x.nbytes for x in (*self._keys, *self._values))

    def tokens(self, new: Tensor) -> Tensor:
        """All tokens so far, the new ones [B, T] at their end.  Raises LMError when they exceed the context."""
        check_room(self.config, self.length + new.shape[1])
        self._tokens = torch.cat([self._tokens, new], dim=1)
        return self._tokens

    def keys_and_values(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """The layer's keys and values so far, the new ones [B, G, T, d] at their end."""
        if not self.reserve:
            self._keys[layer] = torch.cat([self._keys[layer], k], dim=2)
            self._values[layer] = torch.cat([self._values[layer], v], dim=2)
            return self._keys[layer], self._values[layer]
        last, first = self.length, self.length - k.shape[2]
        self._keys[layer][:, :, first:last] = k
        self._values[layer][:, :, first:last] = v
        return self._keys[layer][:, :, :last], self._values[layer][:, :, :last]

