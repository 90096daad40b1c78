"""The distinct n-grams of a text, length after length, by sorting.

An n-gram is its first n - 1 tokens, an (n - 1)-gram with a number of its own, and its last token; so two integers make
the key

    key = number of its context * types + last token

whose sorted distinct values number the n-grams of length n, 0, 1, 2, ...  All n-grams with the same context lie side by
side.  One sort of the text's positions for each length is all the work.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lm.errors import LMError
from lm.text.stream import START

HIGHEST = 1000  # order: each takes a table, however empty


@dataclass(frozen=True)
class Grams:
    """The distinct n-grams of one length, in the order of their keys.

    keys     int64 [grams], ascending
    context  int64 [grams]: the number of the (n - 1)-gram that it begins with; 0 for single tokens
    suffix   int64 [grams]: the number of the (n - 1)-gram that it ends with; 0 for single tokens
    count    int64 [grams]: how often the text has it
    starts   bool [grams]: its first token is START
    contexts the number of (n - 1)-grams
    types    the number of token numbers
    """

    keys: np.ndarray
    suffix: np.ndarray
    count: np.ndarray
    starts: np.ndarray
    contexts: int
    types: int

    @property
    def context(self) -> np.ndarray:
        return self.keys // self.types

    @property
    def token(self) -> np.ndarray:
        """int64 [grams]: the last token."""
        return self.keys % self.types

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, context: np.ndarray, token: np.ndarray) -> np.ndarray:
        """int64: the numbers of n-grams, -1 for one that the text lacks (or whose context is -1)."""
        if not len(self):
            return np.full(len(context), -1)
        wanted = context * self.types + token
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where((self.keys[place] == wanted) & (context >= 0), place, -1)

    def after(self, context: int) -> slice:
        """The n-grams with a context: a range of numbers."""
        first, last = np.searchsorted(self.keys, [context * self.types, (context + 1) * self.types])
        return slice(int(first), int(last))


def since_start(tokens: np.ndarray) -> np.ndarray:
    """int64 [tokens]: how many tokens lie between each one and the last START before it; 0 at START itself."""
    place = np.arange(len(tokens))
    return place - np.maximum.accumulate(np.where(tokens == START, place, 0))


def count_grams(tokens: np.ndarray, types: int, order: int) -> list[Grams]:
    """Grams of length 1 to `order`; no n-gram reaches across a START, and none ends with it.

    tokens   int [N], START first; all below `types`
    Single tokens have an entry for each of `types` numbers, if need be with count 0.
    Raises LMError for an order below 1 or above HIGHEST, or a text without tokens.
    """
    if order < 1:
        raise LMError(f"the order must be at least 1, got {order}")
    if order > HIGHEST:
        raise LMError(f"the order must be at most {HIGHEST}, got {order}: --unbounded has no longest context")
    predicted = tokens != START
    if not predicted.any():
        raise LMError("the training text has no tokens: give a longer one")
    token = tokens.astype(np.int64)
    count = np.bincount(token[predicted], minlength=types)
    nothing = np.zeros(types, np.int64)
    orders = [Grams(np.arange(types), nothing, count, np.arange(types) == START, 1, types)]
    reach = since_start(tokens)
    ending = token  # the number of the n-gram that ends at each position
    for length in range(2, order + 1):
        place = np.flatnonzero(reach >= length - 1)
        keys, first, inverse, count = np.unique(
            ending[place - 1] * types + token[place], return_index=True, return_inverse=True, return_counts=True
        )
        starts = reach[place[first]] == length - 1
        orders.append(Grams(keys, ending[place[first]], count, starts, len(orders[-1]), types))
        ending = np.full(len(token), -1)
        ending[place] = inverse
    return orders
