"""The syntax: which kind of word may follow which.

A sentence is a walk over slots, a Markov chain whose probabilities are `SYNTAX`.  A slot is named "class" or
"class:role", and a word of its class fills it.  Two slots that may follow the same slot have different classes, and no
word is in two classes; so the walk can be read off the words, and nothing about it is hidden.  (Such a source is called
unifilar; the entropy of what it emits is a sum over its states: Cover & Thomas, Elements of Information Theory,
section 4.2.)

A document begins with a mark and a sentence about a named person, its protagonist.
"""

from __future__ import annotations

import numpy as np

SYNTAX: dict[str, dict[str, float]] = {
    "mark": {"given:first": 1},
    "given:first": {"family:first": 1},
    "family:first": {"verb": 1},
    "stop": {"given:later": 0.3, "pronoun": 0.25, "determiner:subject": 0.45},
    "given:later": {"family:later": 1},
    "family:later": {"verb": 1},
    "pronoun": {"verb": 1},
    "determiner:subject": {"noun:subject": 0.7, "adjective:subject": 0.3},
    "adjective:subject": {"noun:subject": 0.85, "adjective:subject": 0.15},
    "noun:subject": {"verb": 0.85, "adverb:before": 0.15},
    "adverb:before": {"verb": 1},
    "verb": {"determiner:object": 0.6, "preposition": 0.15, "adverb:after": 0.1, "stop": 0.15},
    "determiner:object": {"noun:object": 0.7, "adjective:object": 0.3},
    "adjective:object": {"noun:object": 0.9, "adjective:object": 0.1},
    "noun:object": {"stop": 0.5, "preposition": 0.3, "conjunction": 0.2},
    "conjunction": {"verb": 1},
    "preposition": {"determiner:place": 1},
    "determiner:place": {"noun:place": 0.75, "adjective:place": 0.25},
    "adjective:place": {"noun:place": 1},
    "noun:place": {"stop": 0.8, "preposition": 0.2},
    "adverb:after": {"stop": 0.7, "preposition": 0.3},
}

SLOTS = tuple(SYNTAX)


def class_of(slot: str) -> str:
    """The word class of a slot: what stands before the colon of its name."""
    return slot.partition(":")[0]


CLASSES = tuple(dict.fromkeys(map(class_of, SLOTS)))
SLOT_CLASS = np.array([CLASSES.index(class_of(slot)) for slot in SLOTS])


def transitions() -> np.ndarray:
    """float64 [slots, slots]: the probability of a slot (column) after another (row)."""
    matrix = np.zeros((len(SLOTS), len(SLOTS)))
    for row, slot in enumerate(SLOTS):
        for following, probability in SYNTAX[slot].items():
            matrix[row, SLOTS.index(following)] = probability
    return matrix


def successors() -> np.ndarray:
    """int64 [slots, classes]: the slot that a word of a class fills after a slot; -1 where the syntax forbids one."""
    table = np.full((len(SLOTS), len(CLASSES)), -1)
    for row, column in np.argwhere(transitions() > 0):
        table[row, SLOT_CLASS[column]] = column
    return table
