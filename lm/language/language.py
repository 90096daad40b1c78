"""Documents with Zipfian words, local syntax and long-range repeats, and the exact probability of each token.

A document of L tokens is a walk over the slots of `grammar`; the words are drawn by `words`, with two exceptions.

An object is chosen by its verb: verbs and nouns fall into groups (number modulo `groups`), and with probability
`choice` the object comes from the verb's group,

    p(noun | verb) = choice q(noun | group of the verb) + (1 - choice) q(noun)

A document has a protagonist, named in its first sentence.  After a silence of `silence` tokens each later person is the
protagonist with probability `repeat`, and else drawn as the first one was:

    p(given | x) = repeat [given = x] + (1 - repeat) q(given)            x: the protagonist's given name

Who has the protagonist's given name has the protagonist's family name; others draw one.  So a family name is certain
to a reader who remembers the first sentence and looks up what followed the same word there, and a given name half so;
without memory both look like fresh draws from q.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lm.errors import LMError
from lm.language import grammar
from lm.language.grammar import CLASSES, SLOTS
from lm.language.words import class_sizes, zipf

MARK, FIRST, FAMILY_FIRST = (SLOTS.index(name) for name in ("mark", "given:first", "family:first"))
GIVEN, FAMILY, OBJECT = (SLOTS.index(name) for name in ("given:later", "family:later", "noun:object"))
VERB_CLASS, NOUN_CLASS = CLASSES.index("verb"), CLASSES.index("noun")


@dataclass(frozen=True)
class Language:
    """One language.  `types` words, documents of `length` tokens; the other parameters are the module's docstring's.

    Raises LMError for parameters out of range.
    """

    types: int = 10_000
    length: int = 1_000
    exponent: float = 1.0
    groups: int = 32
    choice: float = 0.8
    repeat: float = 0.5
    silence: int = 200

    def __post_init__(self) -> None:
        sizes = self.sizes
        if self.length < 4:
            raise LMError(f"a document needs at least 4 tokens, got length {self.length}")
        if not 1 <= self.groups <= min(sizes[VERB_CLASS], sizes[NOUN_CLASS]):
            most = min(sizes[VERB_CLASS], sizes[NOUN_CLASS])
            raise LMError(f"groups must be from 1 to {most}, the number of verbs or nouns, got {self.groups}")
        for name in ("choice", "repeat"):
            if not 0 <= getattr(self, name) <= 1:
                raise LMError(f"{name} is a probability, got {getattr(self, name)}")
        if not 0 <= self.exponent < float("inf"):
            raise LMError(f"the exponent of the frequencies is at least 0, got {self.exponent}")
        if self.silence < 0:
            raise LMError(f"silence is a number of tokens, got {self.silence}")

    @classmethod
    def tiny(cls, types: int = 64, length: int = 64) -> Language:
        """A language that a tiny model learns in seconds."""
        return cls(types, length, groups=3, silence=length // 4)

    @cached_property
    def sizes(self) -> np.ndarray:
        """int64 [classes]: the number of types of each class."""
        return class_sizes(self.types)

    @cached_property
    def first(self) -> np.ndarray:
        """int64 [classes]: the number of each class's first type."""
        return np.cumsum(self.sizes) - self.sizes

    @cached_property
    def type_class(self) -> np.ndarray:
        """int64 [types]: the class of each type, an index into `grammar.CLASSES`."""
        return np.repeat(np.arange(len(CLASSES)), self.sizes)

    @cached_property
    def words(self) -> np.ndarray:
        """float64 [types]: q, the probability of each type in its class."""
        return np.concatenate([zipf(size, self.exponent) for size in self.sizes])

    def of_class(self, number: int) -> np.ndarray:
        """float64 [types of the class]: q of one class."""
        return self.words[self.first[number] : self.first[number] + self.sizes[number]]

    @cached_property
    def objects(self) -> np.ndarray:
        """float64 [groups, nouns]: p(noun | group of the verb)."""
        q = self.of_class(NOUN_CLASS)
        member = np.arange(len(q)) % self.groups == np.arange(self.groups)[:, None]
        chosen = np.where(member, q, 0)
        return self.choice * chosen / chosen.sum(axis=1, keepdims=True) + (1 - self.choice) * q

    def chance(self, position: np.ndarray | int) -> np.ndarray:
        """The probability that a person named at a position (from 0) is the protagonist by intent."""
        return np.where(np.asarray(position) < self.silence, 0.0, self.repeat)

    def documents(self, seed: int, count: int) -> np.ndarray:
        """int32 [count, length] of type numbers; the same for the same seed.  Every document begins with type 0."""
        generator = np.random.default_rng(seed)
        slots = self._walk(generator, count)
        classes = grammar.SLOT_CLASS[slots]
        tokens = np.zeros(slots.shape, np.int64)
        for number in range(len(CLASSES)):
            places = classes == number
            tokens[places] = self._draw(generator, np.cumsum(self.of_class(number)), places.sum()) + self.first[number]

        group = self._verb_groups(tokens)
        for number in range(self.groups):
            places = (slots == OBJECT) & (group == number)
            drawn = self._draw(generator, np.cumsum(self.objects[number]), places.sum())
            tokens[places] = drawn + self.first[NOUN_CLASS]

        back = (slots == GIVEN) & (generator.random(slots.shape) < self.chance(np.arange(self.length)))
        tokens = np.where(back, tokens[:, 1:2], tokens)
        known = slots == FAMILY
        known[:, 1:] &= tokens[:, :-1] == tokens[:, 1:2]
        return np.where(known, tokens[:, 2:3], tokens).astype(np.int32)

    def slots(self, documents: np.ndarray) -> np.ndarray:
        """int64 [count, length]: the slot of each token, an index into `grammar.SLOTS`.

        Raises LMError for a sequence that the syntax does not allow, or that does not begin with the mark.
        """
        classes, table = self.type_class[documents], grammar.successors()
        if (classes[:, 0] != CLASSES.index("mark")).any():
            raise LMError("a document must begin with its mark, type 0")
        slots = np.full(classes.shape, MARK)
        for position in range(1, classes.shape[1]):
            slots[:, position] = table[slots[:, position - 1], classes[:, position]]
            if (wrong := slots[:, position] < 0).any():
                document = wrong.argmax()
                word, before = CLASSES[classes[document, position]], SLOTS[slots[document, position - 1]]
                raise LMError(
                    f"document {document} breaks the syntax at token {position}: a {word} cannot follow {before}"
                )
        return slots

    def information(self, documents: np.ndarray) -> np.ndarray:
        """float64 [count, length]: -log p(token | all tokens before it), in nats; the mark's is 0.

        Documents may be cut after any token.  Infinite for a family name that is not the protagonist's where it had to
        be.
        """
        slots = self.slots(documents)
        q = self.words[documents]
        step = np.ones(slots.shape)
        step[:, 1:] = grammar.transitions()[slots[:, :-1], slots[:, 1:]]

        noun = np.where(slots == OBJECT, documents - self.first[NOUN_CLASS], 0)
        word = np.where(slots == OBJECT, self.objects[self._verb_groups(documents), noun], q)
        if documents.shape[1] > 2:
            again = documents == documents[:, 1:2]
            chance = self.chance(np.arange(documents.shape[1]))
            word = np.where(slots == GIVEN, chance * again + (1 - chance) * q, word)
            protagonist = np.zeros(slots.shape, bool)
            protagonist[:, 1:] = again[:, :-1]
            certain = (documents == documents[:, 2:3]).astype(float)
            word = np.where((slots == FAMILY) & protagonist, certain, word)
        with np.errstate(divide="ignore"):
            return -np.log(step * word)

    def distribution(self, prefix: np.ndarray) -> np.ndarray:
        """float64 [types], sums to one: p(token | the tokens of `prefix`), which begin a document.  Empty: the mark."""
        result = np.zeros(self.types)
        if len(prefix) == 0:
            result[0] = 1
            return result
        prefix = np.asarray(prefix)[None]
        slot = self.slots(prefix)[0, -1]
        for following in np.flatnonzero(grammar.transitions()[slot]):
            number = grammar.SLOT_CLASS[following]
            word = self.of_class(number).copy()
            if following == OBJECT:
                word = self.objects[self._verb_groups(prefix)[0, -1]].copy()
            elif following == GIVEN:
                chance = self.chance(prefix.shape[1])
                word *= 1 - chance
                word[prefix[0, 1] - self.first[number]] += chance
            elif following == FAMILY and prefix[0, -1] == prefix[0, 1]:
                word[:] = 0
                word[prefix[0, 2] - self.first[number]] = 1
            span = slice(self.first[number], self.first[number] + self.sizes[number])
            result[span] = grammar.transitions()[slot, following] * word
        return result

    def _walk(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """int64 [count, length]: the slots of `count` documents."""
        until = np.cumsum(grammar.transitions(), axis=1)
        until[:, -1] = 1
        slots = np.full((count, self.length), MARK)
        for position in range(1, self.length):
            draws = generator.random((count, 1))
            slots[:, position] = (draws >= until[slots[:, position - 1]]).sum(axis=1)
        return slots

    @staticmethod
    def _draw(generator: np.random.Generator, until: np.ndarray, count: int) -> np.ndarray:
        """int64 [count]: ranks from 0, by inversion of the cumulative probabilities `until`."""
        return np.minimum(np.searchsorted(until, generator.random(count), side="right"), len(until) - 1)

    def _verb_groups(self, documents: np.ndarray) -> np.ndarray:
        """int64 [count, length]: the group of the last verb up to each position (0 where there was none)."""
        verb = self.type_class[documents] == VERB_CLASS
        last = np.maximum.accumulate(np.where(verb, np.arange(documents.shape[1]), 0), axis=1)
        return (np.take_along_axis(documents, last, axis=1) - self.first[VERB_CLASS]) % self.groups
