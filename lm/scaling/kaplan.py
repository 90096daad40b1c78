"""The laws of Kaplan et al. 2020 (arXiv:2001.08361): power laws without an irreducible loss.

    L(N) = (N_c / N)^0.076    L(D) = (D_c / D)^0.095    L(C) = (C_c / C_min)^0.050    (equations 1.1 to 1.3)
    L(N, D) = ((N_c / N)^(alpha_N / alpha_D) + D_c / D)^alpha_D                        (equation 1.5, table 2)

N counts parameters without the embeddings.  C_min is the compute at a batch far below the critical one; training at
the critical batch takes about twice as much, so 6 N D comes to 1.8 C_min on their line of optima.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lm.errors import LMError
from lm.scaling.law import Floats, Optimum

PF_DAY = 1e15 * 86400  # FLOP


@dataclass(frozen=True)
class KaplanLaw:
    """L(N, D) with the constants of table 2, and the optimum of section 6.1."""

    alpha_n: float = 0.076
    alpha_d: float = 0.103
    n_c: float = 6.4e13
    d_c: float = 1.8e13

    def loss(self, parameters: ArrayLike, tokens: ArrayLike) -> Floats:
        """L(N, D) at early stopping, elementwise, in nats a token; N without embeddings."""
        n, d = np.asarray(parameters, np.float64), np.asarray(tokens, np.float64)
        return np.asarray(((self.n_c / n) ** (self.alpha_n / self.alpha_d) + self.d_c / d) ** self.alpha_d)

    def optimum(self, compute: float) -> Optimum:
        """N = 1.3e9 C^0.73 and D = 2e10 C^0.27 with C in PF-days; the loss is (3.1e8 / C)^0.050."""
        if not (math.isfinite(compute) and compute > 0):
            raise LMError(f"the compute budget must be above 0 FLOP, got {compute}")
        days = compute / PF_DAY
        return Optimum(compute, 1.3e9 * days**0.73, 2e10 * days**0.27, (3.1e8 / days) ** 0.050)


@dataclass(frozen=True)
class PowerLaw:
    """One of the three straight lines in log-log: loss = (scale / x)^exponent; `what` names x and its unit."""

    what: str
    scale: float
    exponent: float

    def loss(self, x: ArrayLike) -> Floats:
        return np.asarray((self.scale / np.asarray(x, np.float64)) ** self.exponent)


LINES = (
    PowerLaw("parameters without embeddings", 8.8e13, 0.076),
    PowerLaw("tokens", 5.4e13, 0.095),
    PowerLaw("compute, PF-days", 3.1e8, 0.050),
)
