"""`python -m lm ngram --train ...`: results, JSON, and one sentence for bad input."""

from __future__ import annotations

import json
import math

import pytest

from lm.corpus import builtin


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    split = builtin()
    parts = {"train": split.train[:40_000], "valid": split.validation[:4_000], "test": split.held_out[:4_000]}
    for name, text in parts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [x for name in parts for x in (f"--{name}", folder / name)]


def measured(cli, files, *options):
    status, out, err = cli("ngram", *files, *options, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


@pytest.mark.parametrize("unit", ["word", "char", "byte", "bpe"])
def test_units(cli, files, unit):
    found = measured(cli, files, "--unit", unit, "--order", 3, "--tokens", 300)
    assert found["order"] == 3
    assert found["mode"] == ("sentence" if unit == "word" else "stream")
    for name in ("valid", "test"):
        bits = found["bits_per_token"][name]
        assert found["ppl"][name] == pytest.approx(2**bits)
        assert found["nats_per_token"][name] == pytest.approx(bits * math.log(2))
        assert found["bits_per_byte"][name] == pytest.approx(bits * found["tokens"][name] / 4_000)
    assert found["types"] > 10
    assert len(found["ngrams"]) == 3
    assert found["bytes"] > 0


@pytest.mark.parametrize("smoothing", ["mkn", "add-k", "interp", "mle"])
def test_ladder(cli, files, smoothing):
    found = measured(cli, files, "--smoothing", smoothing, "--ladder", "--unit", "char")
    assert [rung["order"] for rung in found["ladder"]] == [0, 1, 2, 3]
    assert found["ladder"][0]["ppl"]["test"] == pytest.approx(found["types"] + 1)
    assert found["ladder"][-1]["ppl"] == found["ppl"]
    if smoothing == "mle":
        assert found["ppl"]["test"] is None
        assert found["impossible"]["test"] > 0
    else:
        values = [rung["ppl"]["test"] for rung in found["ladder"]]
        assert values == sorted(values, reverse=True)


def test_unbounded(cli, files):
    found = measured(cli, files, "--unit", "char", "--order", 5, "--unbounded")
    assert found["unbounded"]["valid"]["ppl"] < found["ppl"]["valid"]
    assert found["unbounded"]["test"]["ppl"] < found["ppl"]["test"]


def test_table(cli, files):
    out = cli("ngram", *files, "--ladder", "--unbounded", "--unit", "char")[1]
    for part in ("perplexity", "a character", "lecture", "uniform", "10,000", "20.5", "longest context"):
        assert part in out
    assert "infinite" in cli("ngram", *files, "--smoothing", "mle")[1]
    assert "spelling was not paid" in cli("ngram", *files)[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--valid", "x"), "give --train FILE"),
        (("--train", "TRAIN"), "nothing to measure"),
        (("--train", "TRAIN", "--text", "TRAIN"), "give either --text"),
        (("--train", "missing", "--test", "TRAIN"), "there is no text file missing"),
        (("--train", "TRAIN", "--test", "TRAIN", "--order", 0), "order must be at least 1"),
        (("--train", "TRAIN", "--test", "TRAIN", "--order", 10**6), "order must be at most 1000"),
        (("--train", "TRAIN", "--test", "TRAIN", "--top", -3), "--top must be at least 0, got -3"),
        (("--train", "TRAIN", "--test", "TRAIN", "--smoothing", "add-k", "--k", -1), "k must be above 0"),
        (("--train", "TRAIN", "--test", "TRAIN", "--unit", "bpe", "--tokens", 9), "at least 256 tokens"),
        (("--train", "TRAIN", "--test", "TRAIN", "--unbounded"), "give --valid FILE"),
    ],
)
def test_bad_input(cli, files, arguments, message):
    status, out, err = cli("ngram", *(files[1] if a == "TRAIN" else a for a in arguments))
    assert (status, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("unit", ["word", "bpe"])
def test_details(cli, files, unit):
    arguments = ("--unit", unit, "--by", "document", "--top", 5, "--tokens", 300)
    found = measured(cli, files, *arguments)
    for name in ("valid", "test"):
        row = found["by_document"][name]
        assert row["bits_per_token"] == pytest.approx(found["bits_per_token"][name])
        assert row["ppl_low"] < found["ppl"][name] < row["ppl_high"]
        assert sum(row["histogram_of_bits"]) == found["tokens"][name]
        parts = [row[part] for part in ("repeated", "new")]
        assert sum(part["share"] for part in parts) == pytest.approx(1)
        mean = sum(part["share"] * part["bits_per_token"] for part in parts)
        assert mean == pytest.approx(found["bits_per_token"][name])
        assert 0 < found["accuracy"][name]["top_1"] < found["accuracy"][name]["top_5"] < 1
    out = cli("ngram", *files, *arguments)[1]
    for part in ("95 %", "repeat a bigram", "top 5", "####"):
        assert part in out


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b" \n\n", "is empty"), (b"\x00\x01", "zero byte"), (b"\xff\xfe", "not UTF-8")],
)
def test_files_without_text(cli, files, tmp_path, content, message):
    path = tmp_path / "file"
    path.write_bytes(content)
    for arguments in (("--train", path, "--test", files[1]), ("--train", files[1], "--test", path)):
        status, out, err = cli("ngram", *arguments)
        assert (status, out) == (1, "")
        assert message in err
        assert err.count("\n") == 1


@pytest.mark.parametrize("unit", ["word", "char", "byte", "bpe"])
@pytest.mark.parametrize("smoothing", ["mkn", "add-k", "interp", "mle"])
def test_a_file_of_one_character(cli, tmp_path, unit, smoothing):
    path = tmp_path / "file"
    path.write_text("x", encoding="utf-8")
    arguments = ("--unit", unit, "--smoothing", smoothing, "--by", "document", "--ladder", "--unbounded", "--top", 2)
    found = measured(cli, ["--train", path, "--valid", path, "--test", path], *arguments)
    assert found["tokens"]["train"] == (2 if unit == "word" else 1)
    assert cli("ngram", "--train", path, "--valid", path, *arguments)[0] == 0


def test_a_tokenizer_is_written_once_and_read_again(cli, files, tmp_path):
    path = tmp_path / "tokenizer.json"
    first = measured(cli, files, "--unit", "bpe", "--tokens", 300, "--tokenizer", path)
    content = path.read_bytes()
    again = measured(cli, files, "--unit", "bpe", "--tokens", 999, "--tokenizer", path)
    assert first["ppl"] == again["ppl"]
    assert path.read_bytes() == content
    assert "cannot be read" in cli("ngram", *files, "--unit", "bpe", "--tokenizer", tmp_path)[2]
