"""How long a model takes to the first token (prefill) and for each after it (decode), and what its cache takes."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import numpy as np

from lm.counting import cache_bytes
from lm.inference.session import Generator


@dataclass(frozen=True)
class Timing:
    """Seconds, and bytes of the cache at the end.

    first           from the prompt to the first token: all of the prompt's positions at once
    each            the median of the tokens after it
    cache_bytes     measured; 0 without a cache
    bytes_needed    by formula, for the positions in use
    """

    prompt: int
    tokens: int
    first: float
    each: float
    cache_bytes: int
    bytes_needed: int


def generation(model: Generator, prompt: np.ndarray, tokens: int, cache: object = None) -> Timing:
    """Greedy decoding of `tokens` >= 2 after a prompt, both within the context; without a cache the whole text is
    computed for each token."""
    text = np.array(prompt, np.int32)[None]
    seconds = []
    new = text
    for _ in range(tokens):
        start = time.perf_counter()
        logits = model.logits(new, cache) if cache is not None else model.logits(text)
        following = np.array([[logits[0, -1].argmax()]], np.int32)
        seconds.append(time.perf_counter() - start)
        text, new = np.concatenate([text, following], axis=1), following
    used = text.shape[1] - 1  # the last token was drawn, not read
    return Timing(
        prompt=len(prompt),
        tokens=tokens,
        first=seconds[0],
        each=statistics.median(seconds[1:]),
        cache_bytes=getattr(cache, "nbytes", 0),
        bytes_needed=cache_bytes(model.config, used),
    )
