"""A law for mixtures of experts, which tells total from active parameters (Abnar et al. 2025, arXiv:2501.12370).

    L(N, D, S) = e + a / N^alpha + b / D^beta + c / (1 - S)^lambda + d / ((1 - S)^delta N^gamma)      (equation 6)

N counts all parameters, S is the part of the experts that a token does not use, so that about (1 - S) N are active
and training costs C = 6 (1 - S) N D.  Constants: their table 3.  They report R^2 = 0.99 on the fitted runs and 0.68
on runs with S = 0.98 that were left out: at extreme sparsity the law is a guess.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lm.errors import LMError
from lm.scaling.law import Floats, Optimum


@dataclass(frozen=True)
class MixtureLaw:
    """Equation 6 with the constants of table 3."""

    e: float = 0.94
    a: float = 16612.50
    alpha: float = 0.5962
    b: float = 5455.67
    beta: float = 0.3954
    c: float = 0.4598
    lambda_: float = -0.1666
    d: float = 17.26
    delta: float = 0.1603
    gamma: float = 0.1595

    def loss(self, total: ArrayLike, tokens: ArrayLike, sparsity: ArrayLike) -> Floats:
        """L(N, D, S), elementwise, in nats a token; N counts all parameters."""
        n, t, s = (np.asarray(x, np.float64) for x in (total, tokens, sparsity))
        used = 1 - s
        return np.asarray(
            self.e
            + self.a / n**self.alpha
            + self.b / t**self.beta
            + self.c / used**self.lambda_
            + self.d / (used**self.delta * n**self.gamma)
        )

    def optimum(self, compute: float, sparsity: float) -> Optimum:
        """The total N and the D with 6 (1 - S) N D = C and the lowest loss (by search over log N).

        Raises LMError unless C > 0 and 0 <= S < 1.
        """
        if not (math.isfinite(compute) and compute > 0):
            raise LMError(f"the compute budget must be above 0 FLOP, got {compute}")
        if not 0 <= sparsity < 1:
            raise LMError(f"the sparsity is the part of the experts that rests, at least 0 and below 1, got {sparsity}")
        sizes = np.geomspace(1e5, 1e16, 20001)
        tokens = compute / (6 * (1 - sparsity) * sizes)
        losses = self.loss(sizes, tokens, sparsity)
        best = int(np.argmin(losses))
        return Optimum(compute, float(sizes[best]), float(tokens[best]), float(losses[best]))
