"""Modified Kneser-Ney once more: dictionaries and loops, straight from Chen & Goodman's formulas as KenLM has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from fractions import Fraction

BEGIN = ("begin",)  # no token of a test equals it
Gram = tuple[Hashable, ...]


class BruteForce:
    """The model of sentences: lists of tokens, an end among them where there is one."""

    def __init__(self, sentences: Sequence[Sequence[Hashable]], order: int) -> None:
        self.order = order
        raw: dict[Gram, int] = defaultdict(int)
        for sentence in sentences:
            padded = [BEGIN, *sentence]
            for length in range(1, order + 1):
                for i in range(len(padded) - length + 1):
                    raw[tuple(padded[i : i + length])] += 1
        left: dict[Gram, set[Hashable]] = defaultdict(set)
        for gram in raw:
            left[gram[1:]].add(gram[0])
        self.adjusted: dict[Gram, int] = {}
        for gram, count in raw.items():
            if gram == (BEGIN,):
                continue
            whole = len(gram) == order or gram[0] == BEGIN
            self.adjusted[gram] = count if whole else len(left[gram])
        self.types = {gram[0] for gram in self.adjusted if len(gram) == 1}
        self.counted = self.adjusted | {gram: raw[gram] for gram in self._last(sentences)}
        self.discount = [self._discounts(n) for n in range(1, order + 1)]
        self.by_context: dict[Gram, list[Gram]] = defaultdict(list)
        for gram in self.adjusted:
            self.by_context[gram[:-1]].append(gram)
        for context, grams in self.by_context.items():  # nothing would be left for others
            if all(self.discount[len(context)][min(self.adjusted[gram], 3)] == 0 for gram in grams):
                self.discount[len(context)] = [0, 0.5, 1, 1.5]

    def _last(self, sentences: Sequence[Sequence[Hashable]]) -> list[Gram]:
        """What KenLM counts plainly: the ends of the n-gram that is last by its words' appearance, last word first."""
        appearance: dict[Hashable, int] = {BEGIN: 0, "</s>": 1}
        for sentence in sentences:
            for token in sentence:
                appearance.setdefault(token, len(appearance))
        padded = [[BEGIN] * self.order + list(sentence) for sentence in sentences]
        grams = [p[i - self.order + 1 : i + 1] for p in padded for i in range(self.order, len(p))]
        last = tuple(max(grams, key=lambda gram: [appearance[token] for token in reversed(gram)]))
        ends = [last[-n:] for n in range(1, self.order)]
        return [gram for gram in ends if BEGIN not in gram]

    def _discounts(self, n: int) -> list[float]:
        of = [sum(1 for g, a in self.counted.items() if len(g) == n and a == j) for j in range(5)]
        if 0 in of[1:4]:
            return [0, 0.5, 1, 1.5]
        y = Fraction(of[1], of[1] + 2 * of[2])
        found = [j - (j + 1) * y * of[j + 1] / of[j] for j in (1, 2, 3)]
        return [0, *map(float, found)] if min(found) >= 0 else [0, 0.5, 1, 1.5]

    def p(self, token: Hashable, context: Gram) -> float:
        """p(token | context), at most order - 1 tokens of it; a token that training lacks is the unknown one."""
        context = context[max(0, len(context) - self.order + 1) :]
        shorter = self.p(token, context[1:]) if context else 1 / (len(self.types) + 1)
        after = self.by_context.get(context, [])
        total = sum(self.adjusted[gram] for gram in after)
        if total == 0:
            return shorter
        discount = self.discount[len(context)]
        a = self.adjusted.get((*context, token), 0)
        rest = sum(discount[min(self.adjusted[gram], 3)] for gram in after) / total
        return max(a - discount[min(a, 3)], 0) / total + rest * shorter
