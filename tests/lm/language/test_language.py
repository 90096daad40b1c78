"""Documents of the known language: reproducible, Zipfian, grammatical, with names that return."""

from __future__ import annotations

import numpy as np
import pytest

from lm.errors import LMError
from lm.language import Language, frequencies
from lm.language.grammar import CLASSES, SLOTS
from lm.language.words import class_sizes, entropy, zipf


def test_the_default_has_documents_of_1000_tokens_over_10000_types():
    documents = Language().documents(1, 3)
    assert documents.shape == (3, 1000)
    assert documents.dtype == np.int32
    assert (documents[:, 0] == 0).all()
    assert documents.min() >= 0
    assert documents.max() < 10_000


def test_the_same_seed_gives_the_same_documents():
    language = Language.tiny()
    assert (language.documents(3, 5) == language.documents(3, 5)).all()
    assert (language.documents(3, 5) != language.documents(4, 5)).any()


def test_frequencies_follow_zipfs_law():
    """log frequency falls with log rank by about one, over three decades."""
    ranked = np.sort(frequencies(Language()))[::-1]
    ranks = np.unique(np.geomspace(1, 3000, 40).astype(int))
    slope = np.polyfit(np.log(ranks), np.log(ranked[ranks - 1]), 1)[0]
    assert -1.3 < slope < -0.7


def test_frequencies_of_drawn_types():
    language = Language(200, 100, groups=4)
    drawn = language.documents(0, 4000)[:, 1:]
    seen = np.bincount(drawn.ravel(), minlength=language.types)
    expected = frequencies(language) * drawn.size
    # Tokens of one document depend on each other, so counts vary more than Poisson's.
    assert (np.abs(seen - expected) < 8 * np.sqrt(expected) + 10).all()


def test_names_return_after_the_silence():
    language = Language(400, 300, groups=4, repeat=0.9, silence=150)
    documents = language.documents(0, 400)
    slots = language.slots(documents)
    protagonist = documents == documents[:, 1:2]
    given = slots == SLOTS.index("given:later")
    before, after = given[:, :150], given[:, 150:]
    q = language.of_class(CLASSES.index("given"))
    chance = q @ q
    assert protagonist[:, :150][before].mean() == pytest.approx(chance, abs=0.03)
    assert protagonist[:, 150:][after].mean() == pytest.approx(0.9 + 0.1 * chance, abs=0.03)
    family = protagonist[:, :-1] & given[:, :-1]
    assert (documents[:, 1:][family] == np.broadcast_to(documents[:, 2:3], family.shape)[family]).all()


def test_verbs_choose_their_objects():
    language = Language(400, 300, groups=4, choice=1.0)
    documents = language.documents(0, 50)
    slots, kinds = language.slots(documents), language.type_class[documents]
    for document, slot, kind in zip(documents, slots, kinds, strict=True):
        for place in np.flatnonzero(slot == SLOTS.index("noun:object")):
            verb = document[:place][kind[:place] == CLASSES.index("verb")][-1] - language.first[CLASSES.index("verb")]
            assert (document[place] - language.first[CLASSES.index("noun")] - verb) % 4 == 0


def test_classes_share_out_all_types():
    for types in (24, 25, 64, 100, 512, 10_000):
        sizes = class_sizes(types)
        assert sizes.sum() == types
        assert sizes.min() >= 1


def test_zipf_and_entropy():
    q = zipf(3, 1.0)
    assert q == pytest.approx(np.array([1 / 2.7, 1 / 3.7, 1 / 4.7]) / (1 / 2.7 + 1 / 3.7 + 1 / 4.7))
    assert entropy(np.array([[0.5, 0.5], [1, 0]])) == pytest.approx([np.log(2), 0])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"types": 10}, "at least 24 types, got 10"),
        ({"length": 2}, "got length 2"),
        ({"groups": 0}, "groups must be from 1 to"),
        ({"groups": 9999}, "groups must be from 1 to"),
        ({"repeat": 1.5}, "repeat is a probability, got 1.5"),
        ({"choice": -1}, "choice is a probability"),
        ({"silence": -1}, "silence is a number of tokens"),
        ({"exponent": float("nan")}, "the exponent of the frequencies is at least 0, got nan"),
    ],
)
def test_parameters_out_of_range(wrong, message):
    with pytest.raises(LMError, match=message):
        Language(**wrong)


def test_what_the_syntax_forbids():
    language = Language.tiny()
    with pytest.raises(LMError, match="begin with its mark"):
        language.slots(np.array([[1, 2]]))
    with pytest.raises(LMError, match="document 0 breaks the syntax at token 1: a mark cannot follow mark"):
        language.slots(np.array([[0, 0]]))
