"""The grid of a sweep: which models are trained, for how long, how fast, and by which schedule.

Two schedules of the learning rate.  "own": each number of tokens is a run of its own, which warms up for a tenth of its
steps and ends at a rate of zero (Hoffmann et al. 2022, section 3).  "shared": one run a size, whose losses are read on
its way; it warms up for half of the longest length, so that the shorter ones end within the warm-up.  Kaplan et al.
2020 trained all sizes with one warm-up of 3,000 steps (section 2.2): too long for small models, and one of the reasons
for their exponent (Porian et al. 2024, arXiv:2406.19146).

The highest rate of both is the same, and depends on the width alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lm.config import Config, modern, parameter_shapes
from lm.errors import LMError
from lm.language import Language

LANGUAGE = Language(types=512, length=32, groups=24, choice=0.9, repeat=0.0, silence=8)
"""512 words, documents of 32 tokens.  No names come back: what is to be learned is syntax, words, and which objects
go with which verbs, and a document's beginning tells nothing about its end."""
LAYERS, HEAD_WIDTH = 1, 8
"""Of every model, with a head for two channels of the width: one shape at every size, so that parameters without
embeddings grow as width^2 while embeddings, the larger part, grow as width.  With one narrow head a model does not find
the verb that an object depends on until long after others, and the loss falls in a step instead of a power."""
BATCH = 8  # documents a step: few, so that runs are short of text and not of steps
TOKENS = BATCH * LANGUAGE.length  # a step

WIDTHS = (4, 6, 8, 12, 16, 24, 32)
STEPS = (512, 1024, 2048, 4096, 8192)
RATES = (1.0,)
RATE = 0.05  # over sqrt(width): by trials of 256 to 4,096 steps
WARMUP = {"own": 0.1, "shared": 0.5}  # of a trial's steps

Schedule = Literal["own", "shared"]


@dataclass(frozen=True)
class Trial:
    """One training run: `records` are the steps after which its loss is measured, the last one its end."""

    width: int
    records: tuple[int, ...]
    rate: float
    schedule: Schedule
    seed: int = 0

    @property
    def steps(self) -> int:
        return self.records[-1]

    @property
    def name(self) -> str:
        """Its record's file, without the ending."""
        return f"{self.schedule}-width{self.width}-steps{self.steps}-rate{self.rate:g}-seed{self.seed}"

    @property
    def config(self) -> Config:
        return modern(
            LANGUAGE.types,
            context=LANGUAGE.length,
            width=self.width,
            layers=LAYERS,
            heads=max(1, self.width // 2),
            head_width=HEAD_WIDTH,
        )


def grid(
    widths: tuple[int, ...] = WIDTHS,
    steps: tuple[int, ...] = STEPS,
    rates: tuple[float, ...] = RATES,
    seeds: int = 1,
) -> list[Trial]:
    """All trials, the longest first, so that processes end together.

    rates: factors of RATE / sqrt(width), which compete for the schedule "own".  Raises LMError for numbers that are not
    above 0.
    """
    for name, values in (("widths", widths), ("steps", steps), ("rates", rates)):
        if not values or not all(math.isfinite(value) and value > 0 for value in values):
            raise LMError(f"--{name} must be numbers above 0, got {', '.join(map(str, values)) or 'none'}")
    if seeds < 1:
        raise LMError(f"--seeds must be 1 or more, got {seeds}")
    records = tuple(sorted(set(steps)))
    trials = [
        Trial(width, (count,), rate * RATE / math.sqrt(width), "own", seed)
        for seed in range(seeds)
        for width in widths
        for count in records
        for rate in rates
    ]
    trials += [
        Trial(width, records, RATE / math.sqrt(width), "shared", seed) for seed in range(seeds) for width in widths
    ]
    return sorted(trials, key=lambda trial: -trial.steps * (trial.width + 32))


def parameters_without_embeddings(config: Config) -> int:
    """Kaplan's N: everything but the token embedding and the head."""
    total = 0
    for name, shape in parameter_shapes(config).items():
        if not name.startswith(("embedding.", "head.")):
            size = 1
            for extent in shape:
                size *= extent
            total += size
    return total
