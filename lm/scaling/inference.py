"""The cheapest model for a loss when it is also used: minimise 6 N D_train + 2 N D_infer (Sardana et al. 2024,
arXiv:2401.00448, equation 3).

A smaller model trained on more tokens reaches the same loss at a higher price of training, and each token of use costs
2 N.  At the optimum alpha A / N^alpha over beta B / D^beta is 1 + D_infer / (3 D_train), so the more use, the smaller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from lm.errors import LMError
from lm.scaling.law import Law


@dataclass(frozen=True)
class Plan:
    """N parameters trained on D tokens, and what training and use cost in FLOP."""

    parameters: float
    tokens: float
    training: float
    use: float

    @property
    def total(self) -> float:
        return self.training + self.use

    @classmethod
    def of(cls, parameters: float, tokens: float, inference: float) -> Plan:
        return cls(parameters, tokens, 6 * parameters * tokens, 2 * parameters * inference)

    def to_dict(self) -> dict[str, float]:
        return {"N": self.parameters, "D": self.tokens, "training": self.training, "inference": self.use,
                "total": self.total}  # fmt: skip


def cheapest(law: Law, loss: float, inference: float) -> Plan:
    """The plan of lowest total cost that reaches a loss (nats a token) and then serves `inference` tokens.

    Newton's method has no need here: the total falls, then rises with log N, so the range is halved by golden section.
    Raises LMError for a loss that the law never reaches, or a negative number of tokens.
    """
    if not (math.isfinite(inference) and inference >= 0):
        raise LMError(f"the tokens of inference must be 0 or more, got {inference}")
    optimum = law.optimum(law.optimal_compute(loss))
    least = (law.A / (loss - law.E)) ** (1 / law.alpha)  # parameters below which no text suffices

    def total(log_n: float) -> float:
        parameters = math.exp(log_n)
        return Plan.of(parameters, law.tokens_for(loss, parameters), inference).total

    low, high = math.log(least), math.log(optimum.parameters) + 1e-9
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(200):
        step = golden * (high - low)
        if total(high - step) <= total(low + step):
            high = low + step
        else:
            low = high - step
    parameters = math.exp((low + high) / 2)
    return Plan.of(parameters, law.tokens_for(loss, parameters), inference)


def compare(law: Law, parameters: float, inference: float) -> tuple[Plan, Plan]:
    """The compute-optimal model of N parameters, and the cheapest one of the same loss, for so many tokens of use."""
    if not (math.isfinite(parameters) and parameters > 0):
        raise LMError(f"the number of parameters must be above 0, got {parameters}")
    tokens = law.optimal_tokens(parameters)
    loss = float(law.loss(parameters, tokens))
    return Plan.of(parameters, tokens, inference), cheapest(law, loss, inference)
