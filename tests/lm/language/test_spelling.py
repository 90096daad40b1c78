"""Documents as text and back."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lm.errors import LMError
from lm.language import Language, exact_entropy, frequencies
from lm.language.grammar import CLASSES
from lm.language.spelling import read, spellings, write


@pytest.mark.parametrize("language", [Language.tiny(), Language(5000, 200)])
def test_text_and_back(language):
    documents = language.documents(3, 7)
    text = write(language, documents)
    assert (read(language, text) == documents).all()
    assert text.endswith("\n\n")
    assert text.count("\n\n") == 7


def test_spellings_are_different_and_frequent_ones_short():
    language = Language()
    words = spellings(language)
    assert len(set(words)) == len(words) == language.types
    ranked = np.array([len(words[i]) for i in np.argsort(-frequencies(language))])
    assert ranked[:50].mean() < ranked[50:2000].mean() < ranked[-2000:].mean()
    names = [w for w, kind in zip(words, language.type_class, strict=True) if CLASSES[kind] in ("given", "family")]
    assert all(word[0].isupper() for word in names)


def test_text_of_another_language():
    language = Language.tiny()
    with pytest.raises(LMError, match="'hello' is no word"):
        read(language, "hello")
    with pytest.raises(LMError, match="different lengths"):
        read(language, write(language, language.documents(0, 2))[:-30])


def test_command(cli, tmp_path):
    out = tmp_path / "language.txt"
    arguments = ("language", "--types", 200, "--length", 100, "--groups", 4, "--silence", 20)
    status, printed, _ = cli(*arguments, "--documents", 5, "--out", out, "--json")
    result = json.loads(printed)
    language = Language(200, 100, groups=4, silence=20)
    found = exact_entropy(language)
    assert status == 0
    assert result["bits_per_token"] == pytest.approx(found.bits_per_token)
    assert result["perplexity"] == pytest.approx(found.perplexity)
    assert result["information_bits"] == pytest.approx(language.information(language.documents(0, 5)).sum() / np.log(2))
    assert (read(language, out.read_text(encoding="utf-8")) == language.documents(0, 5)).all()
    tokens = sum(row["tokens"] for row in result["classes"].values())
    bits = sum(row["tokens"] * row["bits"] for row in result["classes"].values())
    assert tokens == pytest.approx(language.length)
    assert bits == pytest.approx(found.bits_per_token * (language.length - 1))
    table = cli(*arguments)[1]
    assert "family" in table
    assert "without memory" in table
    for wrong, message in [(("--types", 3), "at least 24 types"), (("--documents", 0, "--out", out), "at least 1")]:
        status, _, err = cli("language", *wrong)
        assert status == 1
        assert message in err
    assert "is there already" in cli(*arguments, "--documents", 5, "--out", out)[2]
