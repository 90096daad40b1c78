"""The corpus: deterministic, printable ASCII, and nothing of one split in another."""

from __future__ import annotations

import re

import pytest

from lm import corpus
from lm.errors import LMError


@pytest.fixture(scope="module")
def split() -> corpus.Split:
    return corpus.builtin()


def test_it_is_the_same_every_time(split):
    assert corpus.builtin() == split


def test_it_has_only_the_alphabet(split):
    whole = split.train + split.validation + split.held_out
    assert set(whole) <= set(corpus.ALPHABET)
    assert len(corpus.ALPHABET) == 96


def test_each_part_is_large_enough(split):
    assert len(split.train) > 200_000
    assert len(split.validation) > 10_000
    assert len(split.held_out) > 10_000


def test_no_paragraph_is_in_two_splits(split):
    def paragraphs(text):
        keys = (" ".join(p.split()) for p in text.split("\n\n"))
        return {key for key in keys if len(key) >= corpus.LEAK}

    train, validation, held_out = map(paragraphs, (split.train, split.validation, split.held_out))
    assert not train & held_out
    assert not train & validation
    assert not validation & held_out
    assert len(held_out) > 50


def test_hardly_any_long_passage_of_the_held_out_text_is_in_the_training_text(split):
    """Not a paragraph, but stock phrases such as "Traceback (most recent call last):" do recur."""
    length = 60
    seen = {split.train[i : i + length] for i in range(len(split.train) - length)}
    passages = [split.held_out[i : i + length] for i in range(len(split.held_out) - length)]
    assert sum(p in seen for p in passages) < 0.01 * len(passages)


def test_a_chapter_shared_by_two_topics_goes_to_the_held_out_one():
    shared = "A sentence that is long enough to be recognised when it comes again."
    topics = {corpus.HELD_OUT[0]: shared, "zebra": f"Before.\n\n{shared}\n\nAfter."}
    split = corpus.split_topics(topics)
    assert shared in split.held_out
    assert "Before.\n\nAfter." in split.train
    assert shared not in split.train


def test_short_paragraphs_may_repeat():
    split = corpus.split_topics({"a": "For example:\n\none", "b": "For example:\n\ntwo"})
    assert split.train.count("For example:") == 2


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("“a” ‘b’ – — …", "\"a\" 'b' - -- ..."),
        ("é\u00a0ß☃", "e "),
        ("a\r\nb\tc", "a\nb    c"),
        ("a\n\n \n\nb", "a\n\nb"),
    ],
)
def test_normalisation(raw, plain):
    assert corpus.normalise(raw) == plain


def test_a_file_is_split_by_position(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("0123456789" * 100, encoding="utf-8")
    split = corpus.from_file(path)
    assert (len(split.train), len(split.validation), len(split.held_out)) == (900, 50, 50)
    assert split.train + split.validation + split.held_out == path.read_text(encoding="utf-8")


def test_a_byte_order_mark_is_not_text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes("\ufeffabc\r\n".encode())
    assert corpus.read_text(path) == "abc\n"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "no text file"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"ab\xff\xfe", "byte 2"),
        (b"a\0b", "zero byte"),
    ],
)
def test_a_bad_file_gets_one_sentence(tmp_path, content, complaint):
    path = tmp_path / "text.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LMError, match=complaint) as caught:
        corpus.read_text(path)
    assert str(path) in str(caught.value)
    assert not re.search(r"\n", str(caught.value))


def test_a_directory_is_not_a_text_file(tmp_path):
    with pytest.raises(LMError, match="is a directory"):
        corpus.read_text(tmp_path)


@pytest.mark.parametrize("kind", ["pydoc", "stdlib"])
def test_texts_by_name(kind):
    split = corpus.builtin() if kind == "pydoc" else corpus.library()
    for part in ("train", "validation", "held_out"):
        text = corpus.read_text(f"{kind}:{part}")
        assert text == getattr(split, part)
        assert len(text) > 20_000
        assert set(text) <= set(corpus.ALPHABET)


def test_parts_of_the_library_are_different_modules():
    split = corpus.library()
    assert "def " in split.held_out
    assert split.held_out[1000:1200] not in split.train
    assert split.validation[1000:1200] not in split.train


def test_names_that_are_no_texts():
    with pytest.raises(LMError, match="give pydoc:train, pydoc:validation or pydoc:held_out"):
        corpus.read_text("pydoc:all")


def test_a_data_set_of_the_hub(monkeypatch):
    """Through a stand-in for the package: no test touches the network."""
    import sys
    from types import SimpleNamespace

    def load_dataset(name, config, split):
        if name == "broken":
            raise ConnectionError("no network\nsecond line")
        return {"text": [name, config or "", split]}

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    assert corpus.read_text("hf:a/b,c,test") == "a/b\n\nc\n\ntest"
    assert corpus.from_file("hf:a/b,,train").source == "hf:a/b,,train"
    with pytest.raises(LMError, match="give hf:NAME,CONFIG,SPLIT"):
        corpus.read_text("hf:a/b")
    with pytest.raises(LMError, match=r"hf:broken,c,test cannot be read: no network$"):
        corpus.read_text("hf:broken,c,test")
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(LMError, match="pip install"):
        corpus.read_text("hf:a/b,c,test")
