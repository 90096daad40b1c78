"""Whether matrix products are faster in bfloat16 on this CPU: measured, not assumed."""

from __future__ import annotations

import time

import torch

from lm.training.options import Precision

ROWS, INPUTS, OUTPUTS = 1024, 128, 512
GAIN = 1.5  # how much faster bfloat16 must be: casts and coarser sums are not free


def fastest() -> Precision:
    """ "bfloat16" where its product of [1024, 128] and [128, 512] takes less than 1 / GAIN of float32's time."""
    half, single = _seconds(torch.bfloat16), _seconds(torch.float32)
    return "bfloat16" if half * GAIN < single else "float32"


def _seconds(kind: torch.dtype) -> float:
    """The best of a few products."""
    a, b = torch.ones(ROWS, INPUTS, dtype=kind), torch.ones(INPUTS, OUTPUTS, dtype=kind)
    times = []
    for _ in range(8):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return min(times[2:])
