"""Laws for text that runs out: D tokens of training on U different ones.

Muennighoff et al. 2023 (arXiv:2305.16264, section 3.1) let a repetition be worth less each time, and parameters
beyond what the text supports as well:

    L = E + A / N'^alpha + B / D'^beta,    D' = U + U R_D* (1 - exp(-R_D / R_D*)),    R_D = max(D / U - 1, 0)
    N' = U_N + U_N R_N* (1 - exp(-R_N / R_N*)),    U_N = min(N, N_opt(U)),    R_N = max(N / U_N - 1, 0)

where N_opt(U) is the model for which U tokens are the optimum.  There the loss never rises with more passes.

Lovelace et al. 2026 (arXiv:2605.01640) add a price of overfitting to the plain law instead, so that it does:

    L = E + A / N^alpha + B / D^beta + P R_D^delta (N / U)^kappa
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from lm.errors import LMError
from lm.scaling.law import Floats, Law, Optimum


class RepeatedLaw(Protocol):
    """What this module's laws share: the loss of N parameters after D tokens of U different ones."""

    def loss(self, parameters: ArrayLike, tokens: ArrayLike, unique: ArrayLike) -> Floats: ...


@dataclass(frozen=True)
class Decay:
    """Muennighoff's law: `law` for fresh text, and how fast repetitions and surplus parameters lose their worth."""

    law: Law
    tokens_decay: float  # R_D*
    parameters_decay: float  # R_N*

    def loss(self, parameters: ArrayLike, tokens: ArrayLike, unique: ArrayLike) -> Floats:
        """L(N, D, U), elementwise, in nats a token."""
        n, d, u = (np.asarray(x, np.float64) for x in (parameters, tokens, unique))
        u = np.minimum(u, d)
        base_n = np.minimum(n, self.supported(u))
        worth_d = _worth(u, d / u - 1, self.tokens_decay)
        worth_n = _worth(base_n, n / base_n - 1, self.parameters_decay)
        return self.law.loss(worth_n, worth_d)

    def supported(self, unique: ArrayLike) -> Floats:
        """N_opt(U) = G (U G)^(beta / alpha), G as in `Law.optimum`."""
        law = self.law
        g = (law.alpha * law.A / (law.beta * law.B)) ** (1 / (law.alpha + law.beta))
        return np.asarray((np.asarray(unique, np.float64) * g) ** (law.beta / law.alpha) * g)


def _worth(base: Floats, repetitions: Floats, decay: float) -> Floats:
    return np.asarray(base + base * decay * -np.expm1(-np.maximum(repetitions, 0) / decay))


@dataclass(frozen=True)
class Overfitting:
    """Lovelace's law: `law` for fresh text, and the price P R_D^delta (N / U)^kappa of repetitions."""

    law: Law
    price: float
    delta: float
    kappa: float

    def __post_init__(self) -> None:
        for name in ("price", "delta", "kappa"):
            if not getattr(self, name) > 0:
                raise LMError(f"the price of overfitting needs {name} above 0, got {getattr(self, name)}")

    def loss(self, parameters: ArrayLike, tokens: ArrayLike, unique: ArrayLike) -> Floats:
        """L(N, D, U), elementwise, in nats a token."""
        n, d, u = (np.asarray(x, np.float64) for x in (parameters, tokens, unique))
        repetitions = np.maximum(d / np.minimum(u, d) - 1, 0)
        return np.asarray(self.law.loss(n, d) + self.price * repetitions**self.delta * (n / u) ** self.kappa)


def best_with(law: RepeatedLaw, compute: float, unique: float) -> Optimum:
    """The N and D with 6 N D = C and the lowest loss when only U tokens are different (by search over log N).

    compute in FLOP.  Raises LMError when either is not above 0.
    """
    for name, value in (("compute budget", compute), ("number of unique tokens", unique)):
        if not (math.isfinite(value) and value > 0):
            raise LMError(f"the {name} must be above 0, got {value}")
    low, high = 0.0, math.log(compute / 6)  # one parameter, or one token
    for _ in range(8):  # each round narrows the range about the lowest of its points 60 times
        sizes = np.linspace(low, high, 121)
        losses = law.loss(np.exp(sizes), compute / 6 / np.exp(sizes), unique)
        best = int(np.argmin(losses))
        low, high = sizes[max(best - 1, 0)], sizes[min(best + 1, len(sizes) - 1)]
    parameters = float(np.exp(sizes[best]))
    return Optimum(compute, parameters, compute / 6 / parameters, float(losses[best]))
