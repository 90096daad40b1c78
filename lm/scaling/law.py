"""The scaling law L(N, D) = E + A / N^alpha + B / D^beta, and what follows from it in closed form.

N parameters, D training tokens, L the loss in nats a token: Hoffmann et al. 2022 (arXiv:2203.15556), section 3.3.
E is what no model can get below (the entropy of the text), A / N^alpha what a model of N parameters misses for its
size, B / D^beta what it misses for having seen D tokens only.  Training costs C = 6 N D FLOP (Kaplan et al. 2020,
section 2.1: two for the forward pass and four for the backward pass, for each parameter and token).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lm.errors import LMError

Floats = NDArray[np.float64]
NAMES = ("E", "A", "B", "alpha", "beta")


def training_compute(parameters: float, tokens: float) -> float:
    """C = 6 N D, in FLOP."""
    return 6 * parameters * tokens


@dataclass(frozen=True)
class Optimum:
    """The model that a law makes of a budget: C in FLOP, N parameters, D tokens, its loss in nats a token."""

    compute: float
    parameters: float
    tokens: float
    loss: float

    @property
    def tokens_per_parameter(self) -> float:
        return self.tokens / self.parameters

    def to_dict(self) -> dict[str, float]:
        return {
            "C": self.compute,
            "N": self.parameters,
            "D": self.tokens,
            "loss": self.loss,
            "perplexity": math.exp(self.loss),
            "tokens_per_parameter": self.tokens_per_parameter,
        }


@dataclass(frozen=True)
class Law:
    """L(N, D) = E + A / N^alpha + B / D^beta; E in nats a token, the others as the formula has them, all above 0."""

    E: float
    A: float
    B: float
    alpha: float
    beta: float

    def __post_init__(self) -> None:
        for name in NAMES:
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise LMError(f"a scaling law needs {name} above 0, got {value}")

    def to_dict(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in NAMES}

    def loss(self, parameters: ArrayLike, tokens: ArrayLike) -> Floats:
        """L(N, D), elementwise; in nats a token."""
        n, d = np.asarray(parameters, np.float64), np.asarray(tokens, np.float64)
        return np.asarray(self.E + self.A / n**self.alpha + self.B / d**self.beta)

    @property
    def parameter_exponent(self) -> float:
        """a in N_opt ~ C^a: beta / (alpha + beta)  (Hoffmann et al. 2022, equation 4)."""
        return self.beta / (self.alpha + self.beta)

    def optimum(self, compute: float) -> Optimum:
        """The N and D with the lowest loss among those with 6 N D = C.

        N = G (C/6)^a, D = (C/6)^(1-a) / G, G = (alpha A / (beta B))^(1 / (alpha + beta)), a = beta / (alpha + beta)
        (Hoffmann et al. 2022, equation 4).  Raises LMError when the budget is not above 0.
        """
        if not (math.isfinite(compute) and compute > 0):
            raise LMError(f"the compute budget must be above 0 FLOP, got {compute}")
        ratio = (self.alpha * self.A / (self.beta * self.B)) ** (1 / (self.alpha + self.beta))
        parameters = ratio * (compute / 6) ** self.parameter_exponent
        tokens = compute / 6 / parameters
        return Optimum(compute, parameters, tokens, float(self.loss(parameters, tokens)))

    def optimal_tokens(self, parameters: float) -> float:
        """The D for which N parameters are the optimum: alpha A / N^alpha = beta B / D^beta."""
        return float((self.beta * self.B * parameters**self.alpha / (self.alpha * self.A)) ** (1 / self.beta))

    def optimal_compute(self, loss: float) -> float:
        """The smallest C in FLOP that reaches a loss.  Raises LMError for a loss of E or less."""
        if not loss > self.E:
            raise LMError(f"this law ends at a loss of {self.E:.4f} nats a token: {loss:.4f} is out of its reach")
        # On the optimum line the reducible loss falls as C^-gamma, gamma = alpha beta / (alpha + beta).
        gamma = self.alpha * self.parameter_exponent
        return float(((self.optimum(1.0).loss - self.E) / (loss - self.E)) ** (1 / gamma))

    def tokens_for(self, loss: float, parameters: float) -> float:
        """The D at which N parameters reach a loss; infinite where they never do."""
        left = loss - self.E - self.A / parameters**self.alpha
        return math.inf if left <= 0 else float((self.B / left) ** (1 / self.beta))
