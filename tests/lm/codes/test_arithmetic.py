"""The compressor: any bytes come back, the size is the cross-entropy, and wrong models and files are refused."""

from __future__ import annotations

import json
import lzma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm.codes.adaptive import AdaptivePredictor
from lm.codes.arithmetic import decode, encode
from lm.codes.coders import BYTES
from lm.codes.symbols import Symbols
from lm.corpus import builtin
from lm.language import Language, exact_entropy

MODELS = {
    "adaptive": ("--model", "adaptive"),
    "bytes": ("--model", "ngram", "--order", 3),
    "likelihood": ("--model", "ngram", "--order", 2, "--smoothing", "mle"),
    "characters": ("--model", "ngram", "--unit", "char", "--order", 4),
    "bpe": ("--model", "ngram", "--unit", "bpe", "--tokens", 300, "--order", 2),
}
FILES = {
    "empty": b"",
    "one": b"x",
    "text": b"the dog sat on the mat; the cat sat on the dog.\n" * 3,
    "strange": "naïve 東京 \x00 \U0001f600".encode(),
    "not text": bytes(range(256)),
}


@pytest.mark.parametrize("content", FILES)
@pytest.mark.parametrize("model", MODELS)
def test_round_trip(cli, tmp_path, text_file, model, content):
    original = tmp_path / "file"
    original.write_bytes(FILES[content])
    train = () if model == "adaptive" else ("--train", text_file)
    status, out, _ = cli("compress", original, *MODELS[model], *train, "--json")
    assert status == 0
    result = json.loads(out)
    assert result["compressed"] == (tmp_path / "file.lmc").stat().st_size <= len(FILES[content]) + 200
    assert (result["model_bytes"] == 0) == (model == "adaptive")
    back = tmp_path / "back"
    assert cli("expand", tmp_path / "file.lmc", "--out", back, *train)[0] == 0
    assert back.read_bytes() == FILES[content]


def test_round_trip_of_the_transformer(cli, tmp_path, tiny_file):
    original = tmp_path / "file"
    original.write_bytes(b"the dog sat on the mat\xff\n" * 2)
    assert cli("compress", original, "--model", "transformer", "--checkpoint", tiny_file)[0] == 0
    original.unlink()
    assert cli("expand", tmp_path / "file.lmc", "--checkpoint", tiny_file)[0] == 0
    assert original.read_bytes() == b"the dog sat on the mat\xff\n" * 2


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=60) | st.text("ab", max_size=60).map(str.encode), st.integers(1, 6))
def test_the_adaptive_model_on_any_bytes(data, order):
    symbols = Symbols("byte", BYTES)
    code, _ = encode(symbols.units(data), symbols, AdaptivePredictor(order))
    assert symbols.join(decode(code, len(data), symbols, AdaptivePredictor(order))) == data


def test_the_adaptive_model_sums_to_one_and_learns():
    predictor = AdaptivePredictor(3)
    for symbol in b"abc" * 20:
        p = predictor.distribution()
        assert p.sum() == pytest.approx(1)
        assert (p[:256] > 0).all()
        predictor.advance(symbol)
    assert predictor.distribution()[ord("a")] > 0.9


def test_the_size_is_the_cross_entropy(cli, tmp_path):
    """Within a thousandth, for a model of English; smaller than xz's, once the model is known."""
    text = builtin().held_out.encode()[:40_000]
    original = tmp_path / "file"
    original.write_bytes(text)
    result = json.loads(cli("compress", original, "--model", "ngram", "--json")[1])
    assert 0 <= result["code_bytes"] - result["cross_entropy_bytes"] < 0.001 * result["cross_entropy_bytes"]
    assert 0 < result["compressed"] - result["code_bytes"] < 200
    assert result["compressed"] < len(lzma.compress(text, preset=9))
    assert result["with_model"] == result["compressed"] + result["model_bytes"]
    assert result["gzip"] > result["compressed"]
    assert "bits a byte" in cli("compress", original, "--force")[1]


class Oracle:
    """The known language as a predictor of its own documents."""

    def __init__(self, language: Language) -> None:
        self.symbols = language.types + 1
        self.escape = language.types
        self._language = language
        self._prefix: list[int] = []

    def distribution(self) -> np.ndarray:
        return np.append(self._language.distribution(np.array(self._prefix, int)), 0)

    def advance(self, symbol: int) -> None:
        self._prefix.append(symbol)
        if len(self._prefix) == self._language.length:
            self._prefix = []


def test_the_known_language_is_compressed_to_its_entropy():
    """Within a thousandth of what the drawn documents hold, and near the entropy."""
    language = Language.tiny()
    documents = language.documents(0, 60)
    symbols = Symbols("char", {token: token for token in range(language.types)})
    code, bits = encode(documents.ravel().tolist(), symbols, Oracle(language))
    information = language.information(documents).sum() / np.log(2)
    assert bits == pytest.approx(information)
    assert 8 * len(code) == pytest.approx(information, rel=0.001, abs=64)
    assert information / len(documents) == pytest.approx(exact_entropy(language).nats.sum() / np.log(2), rel=0.05)


def test_another_model_is_refused(cli, tmp_path, text_file):
    original = tmp_path / "file"
    original.write_bytes(b"some text")
    cli("compress", original, "--model", "ngram")
    status, _, err = cli("expand", tmp_path / "file.lmc", "--out", tmp_path / "back", "--train", text_file)
    assert status == 1
    assert "was compressed with train" in err
    assert not (tmp_path / "back").exists()


def test_a_damaged_file_is_refused(cli, tmp_path):
    original = tmp_path / "file"
    original.write_bytes(b"some text, some text, some text, some text, some more text" * 20)
    cli("compress", original)
    packed = tmp_path / "file.lmc"
    content = packed.read_bytes()
    for wrong in (content[:-8] + b"\0\0\0\0\0\0\0\0", content[:-2], b"LMC1", b"", b"other" * 10, content[:20]):
        packed.write_bytes(wrong)
        status, _, err = cli("expand", packed, "--out", tmp_path / "back")
        assert status == 1
        assert err.count("\n") == 1
        assert "damaged" in err
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("model", [("adaptive",), ("ngram", "--unit", "bpe", "--order", 2, "--tokens", 260)])
def test_damage_anywhere_is_noticed(cli, tmp_path, model):
    """One bit of each byte turned, and the file cut there: the original comes back, or a sentence."""
    original, train = tmp_path / "file", tmp_path / "train"
    original.write_bytes(b"some text, some text")
    train.write_bytes(b"some more text")
    cli("compress", original, "--model", *model, "--train", train)
    packed, back = tmp_path / "file.lmc", tmp_path / "back"
    content = packed.read_bytes()
    cut = [content[:end] for end in range(len(content))]
    turned = [content[:i] + bytes([byte ^ 1 << i % 8]) + content[i + 1 :] for i, byte in enumerate(content)]
    for wrong in cut + turned:
        packed.write_bytes(wrong)
        status, _, err = cli("expand", packed, "--out", back, "--force", "--train", train)
        if status == 0:
            assert back.read_bytes() == original.read_bytes()
        else:
            assert (status, err.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    "header", [b"1", b"null", b"[]", b'{"model": []}', b'{"model": "adaptive", "order": 1.5, "units": 0, "crc": 0}']
)
def test_a_header_that_makes_no_sense(cli, tmp_path, header):
    packed = tmp_path / "file.lmc"
    packed.write_bytes(b"LMC1" + len(header).to_bytes(2, "little") + header)
    assert "was not made by `lm compress`, or is damaged" in cli("expand", packed)[2]


def test_nothing_is_lost(cli, tmp_path):
    original = tmp_path / "file"
    original.write_bytes(b"some text")
    assert cli("compress", original)[0] == 0
    for arguments, message in [
        (("compress", original), "is there already"),
        (("compress", tmp_path / "none"), "there is no file"),
        (("compress", original, "--out", tmp_path), "it is a directory"),
        (("compress", original, "--order", 0, "--force"), "order must be at least 1"),
        (("expand", tmp_path / "file.lmc"), "is there already"),
        (("expand", original), "was not made by `lm compress`"),
    ]:
        status, _, err = cli(*arguments)
        assert status == 1
        assert message in err
    (tmp_path / "file.lmc").rename(tmp_path / "other")
    assert "name the file to write" in cli("expand", tmp_path / "other")[2]
    assert original.read_bytes() == b"some text"
