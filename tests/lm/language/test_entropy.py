"""The exact entropy against the enumeration of every document of small languages, latent choices spelled out."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pytest

from lm.language import Language, exact_entropy, frequencies
from lm.language.grammar import CLASSES, SLOT_CLASS, SLOTS, SYNTAX, class_of, successors, transitions

SMALL = [
    Language(24, 8, groups=2, choice=0.7, repeat=0.6, silence=0),
    Language(24, 9, groups=1, exponent=0.5, repeat=0.3, silence=6),
    Language(26, 8, groups=2, choice=1.0, repeat=1.0, silence=5),
    Language(24, 8, groups=2, choice=0.0, repeat=0.0, silence=3),
]


def documents(language: Language) -> Iterator[tuple[tuple[int, ...], tuple[str, ...], float]]:
    """Every run of the generator, as a story: tokens, slots and probability, with intent drawn before the name."""
    sizes = {name: int(language.sizes[i]) for i, name in enumerate(CLASSES)}
    start = {name: int(language.first[i]) for i, name in enumerate(CLASSES)}

    def zipf(name: str) -> dict[int, float]:
        weights = [1 / (rank + 1.7) ** language.exponent for rank in range(1, sizes[name] + 1)]
        return {start[name] + i: w / sum(weights) for i, w in enumerate(weights)}

    def choices(slot: str, tokens: tuple[int, ...], verb: int) -> Iterator[tuple[int, float]]:
        kind = class_of(slot)
        if slot == "given:later":
            intent = language.repeat if len(tokens) >= language.silence else 0
            yield tokens[1], intent
            yield from ((word, (1 - intent) * p) for word, p in zipf(kind).items())
        elif slot == "family:later" and tokens[-1] == tokens[1]:
            yield tokens[2], 1.0
        elif slot == "noun:object":
            nouns = zipf(kind)
            group = (verb - start["verb"]) % language.groups
            liked = {w: p for w, p in nouns.items() if (w - start["noun"]) % language.groups == group}
            yield from ((w, language.choice * p / sum(liked.values())) for w, p in liked.items())
            yield from ((w, (1 - language.choice) * p) for w, p in nouns.items())
        else:
            yield from zipf(kind).items()

    def go(tokens: tuple[int, ...], slots: tuple[str, ...], verb: int, p: float) -> Iterator:
        if len(tokens) == language.length:
            yield tokens, slots, p
            return
        for slot, step in SYNTAX[slots[-1]].items():
            for word, q in choices(slot, tokens, verb):
                if q:
                    yield from go((*tokens, word), (*slots, slot), word if slot == "verb" else verb, p * step * q)

    yield from go((0,), ("mark",), 0, 1.0)


@pytest.mark.parametrize("language", SMALL, ids=range(len(SMALL)))
def test_entropy_by_slot_and_position_against_enumeration(language):
    prefixes: dict[tuple[int, ...], float] = defaultdict(float)
    slots_of: dict[tuple[int, ...], str] = {}
    for tokens, slots, p in documents(language):
        for end in range(1, len(tokens) + 1):
            prefixes[tokens[:end]] += p
            # Nothing is hidden: whatever the generator meant, the same tokens have the same slots.
            assert slots_of.setdefault(tokens[:end], slots[end - 1]) == slots[end - 1]
    nats = np.zeros((language.length, len(SLOTS)))
    tokens = np.zeros_like(nats)
    for prefix, p in prefixes.items():
        place = len(prefix) - 1, SLOTS.index(slots_of[prefix])
        tokens[place] += p
        if len(prefix) > 1:
            nats[place] -= p * math.log(p / prefixes[prefix[:-1]])
    found = exact_entropy(language)
    assert found.tokens == pytest.approx(tokens, abs=1e-12)
    assert found.nats == pytest.approx(nats, abs=1e-12)

    whole = [p for prefix, p in prefixes.items() if len(prefix) == language.length]
    assert sum(whole) == pytest.approx(1)
    entropy = -sum(p * math.log(p) for p in whole)
    assert found.nats.sum() == pytest.approx(entropy)
    assert found.nats_per_token == pytest.approx(entropy / (language.length - 1))
    assert found.bits_per_token == pytest.approx(entropy / (language.length - 1) / math.log(2))
    assert sum(t * h for t, h in found.by_class().values()) == pytest.approx(entropy)
    assert sum(t * h for t, h in found.by_slot().values()) == pytest.approx(entropy)

    counts = np.zeros(language.types)
    for prefix, p in prefixes.items():
        if len(prefix) > 1:
            counts[prefix[-1]] += p
    assert frequencies(language) == pytest.approx(counts / counts.sum(), abs=1e-12)


def test_probabilities_of_tokens_against_enumeration():
    language = SMALL[0]
    prefixes: dict[tuple[int, ...], float] = defaultdict(float)
    for tokens, _, p in documents(language):
        for end in range(len(tokens) + 1):
            prefixes[tokens[:end]] += p
    assert prefixes[()] == pytest.approx(1)
    whole = [prefix for prefix in prefixes if len(prefix) == language.length][::37]
    found = language.information(np.array(whole))
    for prefix, row in zip(whole, found, strict=True):
        for end in range(1, language.length + 1):
            p = prefixes[prefix[:end]] / prefixes[prefix[: end - 1]]
            assert row[end - 1] == pytest.approx(-math.log(p), abs=1e-12)
            assert language.distribution(np.array(prefix[: end - 1]))[prefix[end - 1]] == pytest.approx(p)
    for prefix in list(prefixes)[::211]:
        if len(prefix) < language.length:
            following = language.distribution(np.array(prefix, int))
            expected = np.zeros(language.types)
            for word in range(language.types):
                expected[word] = prefixes.get((*prefix, word), 0) / prefixes[prefix]
            assert following == pytest.approx(expected, abs=1e-12)


def test_documents_pay_the_entropy():
    """The mean information of many documents is the entropy, within four standard errors, in total and by slot."""
    language = Language(400, 120, groups=8, silence=30)
    drawn = language.documents(0, 3000)
    information, slots = language.information(drawn), language.slots(drawn)
    found = exact_entropy(language)
    total = information.sum(axis=1)
    assert abs(total.mean() - found.nats.sum()) < 4 * total.std() / math.sqrt(len(total))
    for number, (tokens, nats) in enumerate(found.by_slot().values()):
        paid = np.where(slots == number, information, 0).sum(axis=1)
        assert abs(paid.mean() - tokens * nats) <= 4 * paid.std() / math.sqrt(len(paid)) + 1e-9


def test_without_memory_names_cost_more_and_nothing_else_does():
    language = Language(400, 120, groups=8, silence=30)
    with_memory, without = exact_entropy(language).by_slot(), exact_entropy(language, memory=False).by_slot()
    for slot, (tokens, nats) in with_memory.items():
        assert without[slot][0] == tokens
        if slot in ("given:later", "family:later"):
            assert without[slot][1] > nats
        else:
            assert without[slot][1] == nats
    assert exact_entropy(language, memory=False).perplexity > exact_entropy(language).perplexity


def test_the_syntax_can_be_read_off_the_words():
    matrix = transitions()
    assert matrix.sum(axis=1) == pytest.approx(np.ones(len(SLOTS)))
    for row in range(len(SLOTS)):
        followers = SLOT_CLASS[np.flatnonzero(matrix[row])]
        assert len(set(followers)) == len(followers)
        assert (successors()[row] >= 0).sum() == len(followers)
