"""Running a RASP program on one input, exactly: numbers are ints and Fractions, never floats."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from lm.rasp.language import (
    TOO_DEEP,
    UNDEFINED,
    Expression,
    Indices,
    Map,
    RaspError,
    Tokens,
    Value,
    is_number,
    plain,
    text,
)
from lm.rasp.selectors import Aggregate, Best, Both, Compare, Not, Selector, Width, describe

_UNKNOWN = object()


class Interpreter:
    """The values of expressions, and the matrices of selectors, for one input.

    tokens  the input's tokens, or their number if the program does not look at them
    causal  whether queries see only keys at their own position and before
    """

    def __init__(self, tokens: Sequence[Value] | int, causal: bool = False) -> None:
        self.length = tokens if isinstance(tokens, int) else len(tokens)
        self.tokens = None if isinstance(tokens, int) else list(tokens)
        self.causal = causal
        self._values: dict[Expression, list[Value]] = {}
        self._matrices: dict[Selector, np.ndarray] = {}

    def values(self, of: Expression) -> list[Value]:
        """One value for each position.

        Raises RaspError where symbols are aggregated over several positions, and where a function has no result.
        """
        if of not in self._values:
            self._values[of] = self._compute(of)
        return self._values[of]

    def matrix(self, of: Selector) -> np.ndarray:
        """bool [queries, keys]"""
        if of not in self._matrices:
            matrix = self._select(of)
            self._matrices[of] = np.tril(matrix) if self.causal else matrix
        return self._matrices[of]

    def _compute(self, of: Expression) -> list[Value]:
        if isinstance(of, Tokens):
            if self.tokens is None:
                raise RaspError("this needs the tokens")
            return self.tokens
        if isinstance(of, Indices):
            return list(range(self.length))
        if isinstance(of, Map):
            return [self._apply(of, i) for i in range(self.length)]
        if isinstance(of, Width):
            return [int(n) for n in self.matrix(of.selector).sum(axis=1)]
        assert isinstance(of, Aggregate)
        values = self.values(of.values)
        return [
            combine(of, [values[j] for j in np.flatnonzero(row)], i) for i, row in enumerate(self.matrix(of.selector))
        ]

    def _apply(self, of: Map, i: int) -> Value:
        arguments = [self.values(argument)[i] for argument in of.arguments]
        try:
            return plain(of.function(*arguments))
        except UNDEFINED as error:
            shown = ", ".join(map(text, arguments))
            raise RaspError(f"{of.label!r} has no result at position {i}, for {shown}: {error}") from None

    def _select(self, of: Selector) -> np.ndarray:
        n = self.length
        if isinstance(of, Both):
            return self.matrix(of.first) & self.matrix(of.second)
        if isinstance(of, Not):
            return ~self.matrix(of.selector)
        if isinstance(of, Best):
            return _best(self.matrix(of.selector), self.values(of.score))
        assert isinstance(of, Compare)
        keys = list(zip(*map(self.values, of.keys), strict=True)) or [()] * n
        queries = list(zip(*map(self.values, of.queries), strict=True)) or [()] * n
        known: dict[Any, bool] = {}
        matrix = np.zeros((n, n), bool)
        for i, q in enumerate(queries):
            for j, k in enumerate(keys):
                if known.get((k, q), _UNKNOWN) is _UNKNOWN:
                    known[k, q] = self._predicate(of, k, q)
                matrix[i, j] = known[k, q]
        return matrix

    def _predicate(self, of: Compare, k: tuple[Value, ...], q: tuple[Value, ...]) -> bool:
        try:
            return bool(of.predicate(*k, *q))
        except UNDEFINED as error:
            raise RaspError(f"{of.label} has no result for {', '.join(map(text, k + q))}: {error}") from None


def combine(of: Aggregate, selected: Sequence[Value], position: int) -> Value:
    """What an aggregate makes of the selected values."""
    if not selected:
        return of.default
    if of.kind != "mean" and all(value == selected[0] for value in selected):
        return selected[0]
    where = f"{of.label!r} selects several positions at position {position} ({describe(of.selector)})"
    if of.kind == "only":
        raise RaspError(f"{where}, and their values differ: {', '.join(map(text, selected))}; select one with best()")
    if not all(map(is_number, selected)):
        raise RaspError(f"{where}, and symbols have no mean: {', '.join(map(text, selected))}; select one with best()")
    return plain(Fraction(sum(selected)) / len(selected))


def _best(matrix: np.ndarray, scores: list[Value]) -> np.ndarray:
    best = np.zeros_like(matrix)
    for i, row in enumerate(matrix):
        chosen = np.flatnonzero(row)
        if not chosen.size:
            continue
        unordered = [scores[j] for j in chosen if not is_number(scores[j])]
        if unordered:
            raise RaspError(f"best() needs numbers as scores and got {text(unordered[0])!r}")
        highest = max(scores[j] for j in chosen)
        best[i, [j for j in chosen if scores[j] == highest]] = True
    return best


def run(program: Expression, tokens: Sequence[Value], causal: bool = False) -> list[Value]:
    """The program's value at each position.

    Raises RaspError where the program has no meaning for this input.
    """
    try:
        return Interpreter(tokens, causal).values(program)
    except RecursionError:
        raise RaspError(TOO_DEEP) from None
