"""Byte-pair encoding: the merges, numbers and cuts of Hugging Face's tokenizers, and any bytes come back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from lm.corpus import builtin
from lm.errors import LMError
from lm.text.bpe import BPE, train
from lm.text.pieces import pieces


def theirs(text: str, size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False, initial_alphabet=alphabet)
    tokenizer.train_from_iterator([text], trainer)
    return tokenizer


def assert_same(text: str, other: str, size: int, path) -> None:
    mine, reference = train(text, size), theirs(text, size)
    mine.save(path)
    ours, expected = json.loads(path.read_text(encoding="utf-8"))["model"], json.loads(reference.to_str())["model"]
    assert ours["vocab"] == expected["vocab"]
    assert ours["merges"] == expected["merges"]
    for sample in (text, other):
        assert mine.encode(sample) == reference.encode(sample).ids
    assert Tokenizer.from_file(str(path)).encode(other).ids == mine.encode(other)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("bpe") / "tokenizer.json"


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.sampled_from("ab c's1é!\n\t"), max_size=200) | st.text("ab", max_size=200),
    st.text(max_size=30),
    st.integers(256, 310),
)
def test_as_hugging_face_on_small_texts(path, text, other, size):
    assert_same(text, "".join(c for c in other if not "\ud800" <= c <= "\udfff"), size, path)


def test_as_hugging_face_on_english(path):
    split = builtin()
    assert_same(split.train[:60_000], split.held_out[:20_000] + " naïve 東京 ½ don't\u3000it’s\u00a0x", 700, path)


@given(st.binary(max_size=80))
def test_any_bytes_come_back(data):
    tokenizer = train("the theme of these theses", 270)
    assert tokenizer.decode(tokenizer.encode(data)) == data
    learned = train(data, 262)
    assert learned.decode(learned.encode(data)) == data


def test_pieces_make_the_text():
    text = "I'll  pay 12€ (don't)\n\n  now "
    assert pieces(text) == ["I", "'ll", " ", " pay", " 12", "€", " (", "don", "'t", ")", "\n\n ", " now", " "]
    assert "".join(pieces(text)) == text


def test_save_and_load(path):
    tokenizer = train("low lower lowest new newer newest", 280)
    tokenizer.save(path)
    loaded = BPE.load(path)
    assert (loaded.tokens, loaded.merges) == (tokenizer.tokens, tokenizer.merges)
    assert loaded.encode("newer low") == tokenizer.encode("newer low")
    assert len(loaded) == len(tokenizer.tokens) == 256 + len(tokenizer.merges)


def test_bad_input(tmp_path):
    with pytest.raises(LMError, match="at least 256 tokens"):
        train("abc", 255)
    with pytest.raises(LMError, match="cannot be read"):
        BPE.load(tmp_path / "none.json")
    for content, message in [("{", "not JSON"), ("{}", "no byte-level BPE"), ("[]", "no byte-level BPE")]:
        (tmp_path / "bad.json").write_text(content)
        with pytest.raises(LMError, match=message):
            BPE.load(tmp_path / "bad.json")
    (tmp_path / "few.json").write_text(json.dumps({"model": {"vocab": {"a": 0}, "merges": []}}))
    with pytest.raises(LMError, match="does not number all bytes"):
        BPE.load(tmp_path / "few.json")
    (tmp_path / "file").write_text("")
    with pytest.raises(LMError, match="cannot be written"):
        train("abc", 256).save(tmp_path / "file" / "x.json")
