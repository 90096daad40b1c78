"""How the learning rate changes: a factor between 0 and 1 for each step."""

from __future__ import annotations

import math

from lm.training.options import Options


def rate_factor(step: int, options: Options) -> float:
    """What the highest rate is multiplied by at step 0, 1, ..

    "stable": linear warm-up, constant, then linear to 0 in the last `cooldown` of the steps (Hu et al. 2024,
    "MiniCPM", section 4; Hagele et al. 2024, "Scaling laws and compute-optimal training beyond fixed durations").
    "cosine": linear warm-up, then a half cosine down to a tenth (Loshchilov & Hutter 2017, SGDR, equation 5).
    """
    if step < options.warmup:
        return (step + 1) / options.warmup
    if options.schedule == "cosine":
        progress = (step - options.warmup) / max(1, options.steps - options.warmup)
        return 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * progress))
    return min(1.0, (options.steps - step) / (options.cooldown * options.steps))
