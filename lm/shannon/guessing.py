"""The guessing game: how often the first guess is right, the second, ... bounds the entropy from both sides.

Somebody who knows the text so far names symbols, the likeliest first, until the next one is hit.  With q_i the share of
symbols that took i guesses, the entropy of a symbol given those before it is

    sum_i i (q_i - q_{i+1}) log2 i  <=  H  <=  -sum_i q_i log2 q_i

(Shannon 1951, "Prediction and entropy of printed English", section 5).  The upper bound holds for any player, as the
numbers of guesses let an identical twin of the player restore the text.  The lower one holds for a player who always
names the likeliest next; one who does not takes more guesses than needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from lm.errors import LMError


@dataclass(frozen=True)
class Bounds:
    """Bits per symbol."""

    lower: float
    upper: float


def bounds(shares: np.ndarray) -> Bounds:
    """Of float64 q_1, q_2, ..., which sum to one.

    The lower one supposes that q falls, which the q of few symbols, or of a bad player, may not.
    """
    q = np.append(shares, 0)
    i = np.arange(1, len(q))
    positive = shares[shares > 0]
    lower = float((i * (q[:-1] - q[1:]) * np.log2(i)).sum())
    return Bounds(lower, max(0.0, float(-(positive * np.log2(positive)).sum())))


def shares(guesses: list[int] | np.ndarray, symbols: int) -> np.ndarray:
    """float64 [symbols]: q_1 ... from how many guesses each symbol took, each from 1 to `symbols`."""
    return np.bincount(np.asarray(guesses) - 1, minlength=symbols) / len(guesses)


def guesses_of(p: np.ndarray, symbol: int) -> int:
    """How many guesses a player takes who names symbols by falling p, equals by number."""
    return int((p > p[symbol]).sum() + (p[:symbol] == p[symbol]).sum()) + 1


@dataclass
class Game:
    """One game: a text whose beginning is known, and `rounds` symbols to guess.

    text      what is guessed, in `alphabet`
    begin     how many symbols are shown at first
    guesses   how many each symbol took so far, the present one left out
    """

    text: str
    alphabet: str
    begin: int
    rounds: int
    guesses: list[int] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not 0 < self.rounds <= len(self.text) - self.begin:
            raise LMError(f"the text has {len(self.text) - self.begin} symbols to guess: give it or ask for fewer")
        if strange := set(self.text) - set(self.alphabet):
            raise LMError(f"the text has {min(strange)!r}, which is not in the alphabet")

    @property
    def over(self) -> bool:
        return len(self.guesses) == self.rounds

    @property
    def shown(self) -> str:
        """The text so far."""
        return self.text[: self.begin + len(self.guesses)]

    def guess(self, symbol: str) -> bool:
        """Name a symbol; True if it is the next.  Naming one twice does not count twice.

        Raises LMError for anything but one symbol of the alphabet, and when the game is over.
        """
        if self.over:
            raise LMError("the game is over: start another")
        if len(symbol) != 1 or symbol not in self.alphabet:
            raise LMError(f"{symbol!r} is not a symbol of this game: name one of {self.alphabet!r}")
        if symbol not in self.tried:
            self.tried.append(symbol)
        if symbol != self.text[self.begin + len(self.guesses)]:
            return False
        self.guesses.append(len(self.tried))
        self.tried = []
        return True

    def bounds(self) -> Bounds:
        """Bounds from the symbols guessed so far.  Raises LMError before the first."""
        if not self.guesses:
            raise LMError("nothing has been guessed yet")
        return bounds(shares(self.guesses, len(self.alphabet)))


def play(game: Game, predict: Callable[[str], np.ndarray]) -> None:
    """A model plays to the end: predict(text so far) -> float64 [alphabet], p of each symbol."""
    while not game.over:
        p = predict(game.shown)
        for place in np.argsort(-p, kind="stable"):
            if game.guess(game.alphabet[place]):
                break
