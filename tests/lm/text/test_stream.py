"""Texts as numbers: units, modes, reserved numbers."""

from __future__ import annotations

import pytest

from lm.errors import LMError
from lm.text.bpe import train
from lm.text.stream import END, START, UNKNOWN, Encoder
from lm.text.units import lines, words


def test_words_in_sentences():
    encoder = Encoder.of("b a\nb", "word", "sentence")
    assert encoder.encode(" a  b\n\nx b\n").tolist() == [START, 4, 3, END, START, END, START, UNKNOWN, 3, END]
    assert (encoder.types, encoder.numbers) == (3, 5)
    assert encoder.decode([3, 4, END]) == ["b", "a", None]


def test_words_in_a_stream():
    encoder = Encoder.of("b a\nb", "word", "stream")
    assert encoder.encode("a b\nb").tolist() == [START, 4, 3, END, 3, END]


def test_characters_and_bytes():
    sentence, stream = (Encoder.of("aé\na", "char", mode) for mode in ("sentence", "stream"))
    assert sentence.encode("a\né").tolist() == [START, 3, END, START, 4, END]
    assert stream.encode("a\né").tolist() == [START, 3, 5, 4]
    assert (sentence.types, stream.types) == (3, 3)
    assert Encoder.of("é", "byte", "stream").encode("é").tolist() == [START, 3, 4]


def test_bpe_tokens():
    text = "low lower lowest"
    bpe = train(text, 262)
    encoder = Encoder.of(text, "bpe", "stream", bpe)
    assert bpe.decode(encoder.decode(encoder.encode(text)[1:])) == text.encode()


def test_white_space_and_lines():
    assert words("a\tb\rc\x0bd\x0ce\0f g\u00a0h") == ["a", "b", "c", "d", "e", "f", "g\u00a0h"]
    assert lines("a\n\nb") == lines("a\n\nb\n") == ["a", "", "b"]


def test_a_text_without_tokens():
    with pytest.raises(LMError, match="no word"):
        Encoder.of(" \n", "word", "sentence")
