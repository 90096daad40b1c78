"""How to train: every choice that changes the result, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from lm.errors import LMError

Optimizer = Literal["muon", "adamw"]
Schedule = Literal["stable", "cosine"]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Options:
    """The course of a training run.  All losses are nats per token.

    steps          how many updates of the parameters
    batch          windows per step, from all processes together
    accumulate     parts of equal size that a step's batch is computed in, one after the other: less memory, same result
    optimizer      "muon": Muon for the blocks' matrices and AdamW for the rest; "adamw": AdamW for all
    rate           AdamW's highest learning rate
    muon_rate      Muon's
    table_rate     of the hashed n-gram tables (Adam on the rows that a step touches)
    schedule       "stable": warm-up, constant, linear to 0; "cosine": warm-up, half a cosine to a tenth
    warmup         steps from 0 to the highest rate
    cooldown       of a stable schedule: the part of all steps in which the rate falls
    decay          weight decay of matrices
    dropout        probability with which what enters the residual stream is zeroed
    table_dropout  probability with which a position goes without the vector of one of its n-grams
    clip           largest norm of the gradient under "adamw"
    precision      of the blocks' matrix products; parameters are float32 in any case
    seed           of the parameters, the windows and the dropout
    report         steps between two measurements of the validation loss
    """

    steps: int = 2000
    batch: int = 16
    accumulate: int = 1
    optimizer: Optimizer = "muon"
    rate: float = 3e-3
    muon_rate: float = 0.02
    table_rate: float = 0.01
    schedule: Schedule = "stable"
    warmup: int = 100
    cooldown: float = 0.6
    decay: float = 0.1
    dropout: float = 0.0
    table_dropout: float = 0.0
    clip: float = 1.0
    precision: Precision = "float32"
    seed: int = 0
    report: int = 100

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "accumulate", "report"):
            if getattr(self, name) < 1:
                raise LMError(f"training needs {name} >= 1, got {getattr(self, name)}")
        if self.batch % self.accumulate:
            raise LMError(
                f"a batch of {self.batch} windows has no {self.accumulate} equal parts: change one of the two"
            )
        for name in ("dropout", "table_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise LMError(f"{name} must be at least 0 and below 1, got {getattr(self, name)}")
        for name in ("rate", "muon_rate", "table_rate", "clip"):
            if not getattr(self, name) > 0:
                raise LMError(f"training needs {name} > 0, got {getattr(self, name)}")
        if not 0 < self.cooldown <= 1:
            raise LMError(f"the cooldown is a part of the steps, above 0 and at most 1, got {self.cooldown}")
        for name, kind in (("optimizer", Optimizer), ("schedule", Schedule), ("precision", Precision)):
            if getattr(self, name) not in get_args(kind):
                raise LMError(f"there is no {name} {getattr(self, name)!r}: take one of {', '.join(get_args(kind))}")
