"""Characters to numbers and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lm.errors import LMError
from lm.tokens import Vocabulary


@given(st.text(min_size=1))
def test_decode_undoes_encode(text):
    vocabulary = Vocabulary.of(text)
    numbers = vocabulary.encode(text)
    assert numbers.dtype == np.int32
    assert vocabulary.decode(numbers) == text
    assert len(vocabulary) == len(set(text)) == len(set(numbers.tolist()))


def test_numbers_follow_code_points():
    assert Vocabulary.of("banana").encode("abn").tolist() == [0, 1, 2]


def test_an_unseen_character_is_named_with_its_place():
    with pytest.raises(LMError, match=r"'é' \(U\+00E9\).*my\.txt.*line 2, column 3") as caught:
        Vocabulary("\nabc").encode("abc\nabé", "my.txt")
    assert "train a model" in str(caught.value)


@pytest.mark.parametrize("characters", ["", "aba"])
def test_a_vocabulary_is_a_set_with_members(characters):
    with pytest.raises(LMError):
        Vocabulary(characters)
