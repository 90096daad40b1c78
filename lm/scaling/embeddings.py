"""What leaving out the embeddings does to the exponent of N_opt (Pearce & Song 2024, arXiv:2406.12907).

M counts the parameters without embeddings, and N = M + k M^p all of them: embeddings grow as the width, M as its third
power where depth grows with it (p = 1/3) and as its square at a fixed depth (p = 1/2).  Let a law E + A / N^alpha +
B / D^beta hold in all parameters.  Who charges C = 6 M D for a run finds, of all M at a given C, the lowest loss where

    alpha A N^-alpha e = beta B D^-beta,    e = d log N / d log M = 1 - (1 - p) s,    s = k M^p / N

s being the embeddings' share.  Differentiated once more along that line of optima,

    d log M_opt / d log C = 1 / (1 + (alpha e - (1 - p)^2 s (1 - s) / e) / beta)

which is beta / (alpha + beta) where embeddings are nothing, and beta / (p alpha + beta) where they are everything.
Small models have large shares: so a straight line through small models is too steep.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lm.errors import LMError
from lm.scaling.law import Floats, Law


@dataclass(frozen=True)
class Embeddings:
    """N = M + factor M^power."""

    factor: float
    power: float

    def total(self, bare: ArrayLike) -> Floats:
        """N of each M."""
        m = np.asarray(bare, np.float64)
        return np.asarray(m + self.factor * m**self.power)

    def share(self, bare: ArrayLike) -> Floats:
        """s, the embeddings' part of N, for each M."""
        return 1 - np.asarray(bare, np.float64) / self.total(bare)


CHINCHILLA = Embeddings(47491, 1 / 3)
"""Of the models of Hoffmann et al. 2022, table A9, as Pearce & Song fit them (section 3)."""
KAPLAN_SIZES = (768.0, 1.5e9)
"""M of the smallest and the largest model of Kaplan et al. 2020 (section 3)."""


def local_exponent(law: Law, embeddings: Embeddings, bare: ArrayLike) -> Floats:
    """d log M_opt / d log C, C = 6 M D, where each M is optimal; the formula above, elementwise."""
    s, p = embeddings.share(bare), embeddings.power
    e = 1 - (1 - p) * s
    return np.asarray(1 / (1 + (law.alpha * e - (1 - p) ** 2 * s * (1 - s) / e) / law.beta))


def optimal_compute(law: Law, embeddings: Embeddings, bare: ArrayLike) -> Floats:
    """C = 6 M D in FLOP for which each M is the optimum, elementwise."""
    m, total = np.asarray(bare, np.float64), embeddings.total(bare)
    e = 1 - (1 - embeddings.power) * embeddings.share(m)
    tokens = (law.beta * law.B * total**law.alpha / (law.alpha * law.A * e)) ** (1 / law.beta)
    return np.asarray(6 * m * tokens)


def seen_exponent(law: Law, embeddings: Embeddings, sizes: tuple[float, float]) -> float:
    """The slope of the straight line through log M_opt at equal steps of log C, from the smallest M to the largest.

    Raises LMError unless they are two sizes above 0, the smaller first.
    """
    low, high = sizes
    if not 0 < low < high:
        raise LMError(f"the exponent is seen between two sizes above 0, the smaller first, got {low:g} and {high:g}")
    bare = np.geomspace(low, high, 2000)
    compute = np.log(optimal_compute(law, embeddings, bare))
    even = np.linspace(compute[0], compute[-1], 200)
    return float(np.polyfit(even, np.interp(even, compute, np.log(bare)), 1)[0])
