"""Random programs from RASP's grammar, for the comparison of interpreter and compiled weights."""

from __future__ import annotations

import random

from lm.rasp.language import Expression, indices, lookup, tokens, where
from lm.rasp.selectors import Selector, everything, key, length, query

VOCABULARY = ("a", "b", "c")


class Generator:
    """Expressions of three kinds, at most `depth` selections above each other on average."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def program(self, depth: int = 3) -> Expression:
        return self.random.choice((self.number, self.truth, self.symbol))(depth)

    def number(self, depth: int) -> Expression:
        if depth <= 0:
            return self.random.choice((indices, length, lookup({"a": 1, "b": 2}, tokens, 0), indices % 2))
        kind = self.random.randrange(8)
        if kind == 0:
            return self.selector(depth - 1).count()
        if kind == 1:
            return self.selector(depth - 1).mean(self.truth(depth - 2), self.random.choice((0, 1)))
        if kind == 2:
            return self.single(depth - 1).value(self.number(depth - 2), self.random.choice((0, -1, 7)))
        if kind == 3:
            return self.number(depth - 1) + self.number(depth - 2)
        if kind == 4:
            return self.number(depth - 1) - self.random.choice((1, 2, indices))
        if kind == 5:
            return where(self.truth(depth - 1), self.number(depth - 2), self.random.choice((0, 3, indices)))
        if kind == 6:
            return self.selector(depth - 1).mean(lookup({"a": 1, "b": 3}, tokens, 0))
        return self.number(depth - 1) * self.random.choice((2, -1))

    def truth(self, depth: int) -> Expression:
        if depth <= 0:
            return self.random.choice((tokens == "a", tokens != "b", indices > 1, indices % 2 == 0))
        kind = self.random.randrange(6)
        if kind == 0:
            return self.number(depth - 1) < self.random.choice((0, 1, 2, indices))
        if kind == 1:
            return self.number(depth - 1) == self.random.choice((0, 1, 2, length))
        if kind == 2:
            return self.truth(depth - 1) & self.truth(depth - 2)
        if kind == 3:
            return self.truth(depth - 1) | self.truth(depth - 2)
        if kind == 4:
            return ~self.truth(depth - 1)
        return self.symbol(depth - 1) == self.random.choice(VOCABULARY)

    def symbol(self, depth: int) -> Expression:
        if depth <= 0:
            return tokens
        kind = self.random.randrange(4)
        if kind == 0:
            return where(self.truth(depth - 1), self.symbol(depth - 2), self.random.choice(("x", tokens)))
        if kind == 1:
            return lookup({"a": "b", "b": "a"}, self.symbol(depth - 1), "c")
        return self.single(depth - 1).value(self.symbol(depth - 2), self.random.choice(("_", "a", None)))

    def single(self, depth: int) -> Selector:
        """At most one position: a fixed place, a computed one, or the best of several."""
        kind = self.random.randrange(4)
        if kind == 0:
            return key(indices) == query(indices) - self.random.choice((-2, -1, 1, 2))
        if kind == 1:
            return key(indices) == query(self.number(depth))
        return self.selector(depth).best(self.random.choice((indices, -indices)))

    def selector(self, depth: int) -> Selector:
        kind = self.random.randrange(9)
        if kind == 0 and depth > 0:
            return self.selector(depth - 1) & self.selector(depth - 1)
        if kind == 1 and depth > 0:
            return self.selector(depth - 1) | self.selector(depth - 1)
        if kind == 2 and depth > 0:
            return ~self.selector(depth - 1)
        if kind == 3:
            return key(self.truth(depth - 1))
        if kind == 4:
            return key(self.symbol(depth - 1)) == query(self.symbol(depth - 1))
        if kind == 5:
            return key(self.number(depth - 1)) == query(self.number(depth - 1))
        if kind == 6:
            return key(self.number(depth - 1)) < query(self.number(depth - 1))
        if kind == 7:
            return everything
        return self.random.choice((key(indices) < query(indices), key(tokens) == query(tokens)))
