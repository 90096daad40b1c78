"""Modified Kneser-Ney against KenLM's own estimator: perplexities and every n-gram's probability and backoff weight."""

from __future__ import annotations

import json

import numpy as np
import pytest
from support.kenlm import ORDERS, RESULTS, TEXTS, Entries

from lm.ngrams.backoff import BackoffModel
from lm.ngrams.fit import Fitted, fit
from lm.text.stream import END, START, UNKNOWN, Encoder

EXPECTED = json.loads(RESULTS.read_text(encoding="utf-8"))
CASES = [(name, order) for name in TEXTS for order in ORDERS]


def fitted(name: str, order: int) -> Fitted:
    train = TEXTS[name][0]
    return fit(train, Encoder.of(train, "word", "sentence"), order, "mkn")


def arpa(model: BackoffModel) -> list[tuple[np.ndarray, np.ndarray]]:
    """By length, for every n-gram: log10 p, log10 of what its continuations leave to shorter ones."""
    found = []
    p = model.unigram.copy()
    p[START] = 1  # as KenLM writes it
    for n, level in enumerate(model.levels):
        if n:
            p = level.own + level.rest[level.grams.context] * p[level.grams.suffix]
        rest = model.levels[n + 1].rest if n + 1 < model.order else np.ones_like(p)
        found.append((np.log10(p), np.log10(rest)))
    return found


@pytest.mark.parametrize(("name", "order"), CASES)
def test_estimator(name, order):
    expected = EXPECTED[name][str(order)]
    mine = fitted(name, order)
    tables = arpa(mine.model)
    assert [len(p) for p, _ in tables] == expected["ngrams"]
    assert [p.sum() for p, _ in tables] == pytest.approx(expected["log10_p"], rel=1e-6, abs=1e-4)
    assert [b.sum() for _, b in tables] == pytest.approx(expected["log10_backoff"], rel=1e-6, abs=1e-4)
    if order > 1:
        assert mine.bits(TEXTS[name][1]).perplexity == pytest.approx(expected["ppl"], rel=1e-6)


@pytest.mark.parametrize("order", ORDERS)
def test_every_entry(order):
    name = next(iter(TEXTS))
    mine = fitted(name, order)
    special = {UNKNOWN: "<unk>", START: "<s>", END: "</s>"}
    words = [special.get(i, str(word)) for i, word in enumerate(mine.encoder.decode(np.arange(mine.encoder.numbers)))]
    found: Entries = []
    names = [""]
    for level, (p, backoff) in zip(mine.model.levels, arpa(mine.model), strict=True):
        grams = zip(level.grams.context, level.grams.token, strict=True)
        names = [f"{names[context]} {words[token]}".strip() for context, token in grams]
        found.append(dict(zip(names, zip(p, backoff, strict=True), strict=True)))
    expected = EXPECTED[name][str(order)]["entries"]
    assert [set(x) for x in found] == [set(x) for x in expected]
    for x, y in zip(found, expected, strict=True):
        for gram, values in y.items():
            assert x[gram] == pytest.approx(values, abs=1e-6), gram


@pytest.mark.parametrize("order", [2, 4])
def test_the_command(cli, tmp_path, order):
    """A file in the Penn Treebank's format, with the arguments of a script."""
    name = "like the Penn Treebank's files"
    paths = [tmp_path / part for part in ("train", "test")]
    for path, text in zip(paths, TEXTS[name], strict=True):
        path.write_bytes(text.encode())
    arguments = ["--train", paths[0], "--valid", paths[1], "--test", paths[1], "--order", order]
    status, out, _ = cli("ngram", *arguments, "--unit", "word", "--smoothing", "mkn", "--mode", "sentence", "--json")
    found = json.loads(out)
    assert status == 0
    assert found["order"] == order
    assert found["ppl"] == pytest.approx(dict.fromkeys(("valid", "test"), EXPECTED[name][str(order)]["ppl"]), rel=1e-6)
    assert {"bits_per_token", "tokens", "types", "seconds"} <= set(found)


def test_how_a_line_ends_does_not_matter():
    """Windows' line ends, blanks around words; a last line without its end is closed as the others."""
    train, test = TEXTS["few types"]
    plain = fitted("few types", 3).bits(test)
    other = fit(train.rstrip("\n").replace(" ", "\t "), Encoder.of(train, "word", "sentence"), 3, "mkn")
    assert other.bits(test.replace("\n", "\r\n")).total == pytest.approx(plain.total, rel=1e-12)
