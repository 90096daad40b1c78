"""Entropy by betting (Cover & King 1978, "A convergent gambling estimate of the entropy of English").

A gambler puts his whole wealth on the next symbol, shares b(x) that sum to one, and is paid V times what lies on the
one that comes.  After n symbols his wealth is S_n = V^n prod b(x_i), so

    log2 V - log2(S_n) / n  =  -1/n sum log2 b(x_i)  >=  H   on average

with equality when b is the true distribution (Kelly 1956).  Betting asks for probabilities where guessing asks for an
order only, and so has one estimate instead of two bounds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lm.errors import LMError


@dataclass
class Gambler:
    """symbols: V; bits: log2 of what came of one unit of wealth, bet by bet."""

    symbols: int
    bits: list[float] = field(default_factory=list)

    def bet(self, stakes: np.ndarray, symbol: int) -> None:
        """Stakes float64 [V], at least 0, shares of the wealth; what is not staked is lost."""
        if len(stakes) != self.symbols or (stakes < 0).any() or not 0 < stakes.sum() <= 1 + 1e-9:
            raise LMError(f"stakes are {self.symbols} shares that sum to at most 1, got {stakes.sum():.3f}")
        with np.errstate(divide="ignore"):
            self.bits.append(float(np.log2(self.symbols * stakes[symbol])))

    @property
    def log2_wealth(self) -> float:
        return sum(self.bits)

    @property
    def entropy(self) -> float:
        """The estimate, in bits per symbol.  Raises LMError before the first bet."""
        if not self.bits:
            raise LMError("no bet has been made yet")
        return float(np.log2(self.symbols)) - self.log2_wealth / len(self.bits)


def spread(stakes: dict[str, float], alphabet: str) -> np.ndarray:
    """float64 [alphabet]: named stakes, and what they leave of the wealth in equal parts on all other symbols.

    Raises LMError for a stake on another symbol, or for more than the wealth; a person may name percentages up to 100
    in all, given as shares here.
    """
    result = np.zeros(len(alphabet))
    for symbol, stake in stakes.items():
        if len(symbol) != 1 or symbol not in alphabet or stake < 0:
            raise LMError(f"no bet can be made on {symbol!r}: name symbols of {alphabet!r}")
        result[alphabet.index(symbol)] += stake
    rest = 1 - result.sum()
    if rest < -1e-9:
        raise LMError(f"the stakes are {result.sum():.0%} of the wealth: bet at most 100 % together")
    others = np.array([symbol not in stakes for symbol in alphabet])
    if others.any():
        result[others] = max(rest, 0) / others.sum()
    return result
