"""The floor: the exact entropy of a document, slot by slot, in closed form.

Nothing is hidden in a document (see `grammar`), so the chain rule needs only the distribution of the slots:

    H(document) = sum_t sum_s P(slot_t = s) H(word | s, t)  +  sum_t sum_{r,s} P(slot_{t-1} = r) A[r, s] (-log A[r, s])

(Cover & Thomas, theorem 2.5.1).  The entropy of the word is that of its class, with these exceptions, q and f being the
given and the family names' probabilities, and c the chance that a person is the protagonist:

    object                sum over groups of P(verb's group) H(p(noun | group))
    given name, later     sum_x q(x) H(c [. = x] + (1 - c) q)
    family name, later    (1 - c) (1 - sum_x q(x)^2) H(f)        certain for the protagonist
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lm.language import grammar
from lm.language.grammar import CLASSES, SLOT_CLASS, SLOTS
from lm.language.language import FAMILY, GIVEN, MARK, OBJECT, VERB_CLASS, Language
from lm.language.words import entropy


@dataclass(frozen=True)
class Entropy:
    """Expected tokens and nats of a document, by position and slot.

    tokens, nats: float64 [length, slots].  The entropy of a token is charged to the slot that it fills, and so is the
    choice of that slot.
    """

    tokens: np.ndarray
    nats: np.ndarray

    @property
    def nats_per_token(self) -> float:
        """Mean over all tokens but the mark, which is certain: `length` - 1 of them."""
        return float(self.nats.sum() / (len(self.nats) - 1))

    @property
    def bits_per_token(self) -> float:
        return self.nats_per_token / math.log(2)

    @property
    def perplexity(self) -> float:
        """exp(nats per token): no model has a lower one on documents without end."""
        return math.exp(self.nats_per_token)

    def by_slot(self) -> dict[str, tuple[float, float]]:
        """slot: (expected tokens in a document, nats per token)."""
        return self._table(SLOTS, np.eye(len(SLOTS)))

    def by_class(self) -> dict[str, tuple[float, float]]:
        """class: (expected tokens in a document, nats per token)."""
        return self._table(CLASSES, np.eye(len(CLASSES))[SLOT_CLASS])

    def _table(self, names: tuple[str, ...], member: np.ndarray) -> dict[str, tuple[float, float]]:
        tokens, nats = self.tokens.sum(axis=0) @ member, self.nats.sum(axis=0) @ member
        return {n: (float(t), float(h / t) if t else 0.0) for n, t, h in zip(names, tokens, nats, strict=True)}


def exact_entropy(language: Language, memory: bool = True) -> Entropy:
    """The entropy of a document of the language.

    memory=False: the cross-entropy of the best reader that knows the language and forgets the protagonist, which is
    what a model without long-range context can reach at best.  Marginally a later name is a fresh draw, so both names
    cost H(q) and H(f).
    """
    matrix = grammar.transitions()
    surprise = -np.log(np.where(matrix > 0, matrix, 1))
    at = np.zeros(len(SLOTS))
    at[MARK] = 1
    tokens, nats = np.zeros((2, language.length, len(SLOTS)))
    tokens[0] = at
    plain = _word_entropies(language)
    for position in range(1, language.length):
        flow = at[:, None] * matrix
        at = flow.sum(axis=0)
        tokens[position] = at
        words = _with_memory(language, plain, position) if memory else plain
        nats[position] = (flow * surprise).sum(axis=0) + at * words
    return Entropy(tokens, nats)


def frequencies(language: Language) -> np.ndarray:
    """float64 [types], sums to one: how often each type is expected among a document's tokens, the mark left out.

    -log of it, averaged over documents, is what the best unigram model pays: the entropy of this distribution.
    """
    tokens = exact_entropy(language).tokens[1:].sum(axis=0)
    result = np.zeros(language.types)
    for slot, number in enumerate(SLOT_CLASS):
        words = _verb_group(language) @ language.objects if slot == OBJECT else language.of_class(number)
        result[language.first[number] : language.first[number] + language.sizes[number]] += tokens[slot] * words
    return result / result.sum()


def _verb_group(language: Language) -> np.ndarray:
    """float64 [groups], sums to one: the probability that a verb is of a group."""
    verbs = language.of_class(VERB_CLASS)
    return np.bincount(np.arange(len(verbs)) % language.groups, verbs, language.groups)


def _word_entropies(language: Language) -> np.ndarray:
    """float64 [slots]: the entropy of the word in a slot, without memory of the protagonist."""
    of_class = np.array([entropy(language.of_class(number)) for number in range(len(CLASSES))])
    result = of_class[SLOT_CLASS]
    result[OBJECT] = _verb_group(language) @ entropy(language.objects)
    return result


def _with_memory(language: Language, plain: np.ndarray, position: int) -> np.ndarray:
    """float64 [slots]: the same to a reader who remembers the protagonist."""
    result = plain.copy()
    q = language.of_class(SLOT_CLASS[GIVEN])
    chance = float(language.chance(position))
    if chance:
        spread = (1 - chance) * q
        others = entropy(spread) + spread * np.log(spread) if chance < 1 else np.zeros(len(q))
        peak = chance + spread
        result[GIVEN] = q @ (others - peak * np.log(peak))
    stranger = (1 - float(language.chance(position - 1))) * (1 - q @ q)
    result[FAMILY] *= stranger
    return result
