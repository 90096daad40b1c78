"""Shannon's approximations: only what the source has, as often as it has it."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import pytest

from lm.ngrams.fit import fit
from lm.shannon.approximations import draw, draw_uniform, spell
from lm.text.bpe import train
from lm.text.stream import Encoder

TEXT = "the cat sat on the mat\nthe dog sat on the log\n" * 3


@pytest.mark.parametrize("order", [1, 2, 3])
def test_drawn_ngrams_are_those_of_the_text(order):
    drawn = draw(fit(TEXT, Encoder.of(TEXT, "char", "stream"), order, "mle"), 400, seed=1)
    assert len(drawn) == 400
    seen = {TEXT[i : i + order] for i in range(len(TEXT))}
    for i in range(order, 100):
        assert drawn[i - order : i] in seen


def test_words_follow_each_other_as_in_the_text():
    drawn = draw(fit(TEXT, Encoder.of(TEXT, "word", "sentence"), 2, "mle"), 3000, seed=0)
    allowed = set(pairwise(TEXT.split()))
    lines = [line.split() for line in drawn.splitlines()]
    assert {pair for line in lines for pair in pairwise(line)} <= allowed
    counts = Counter(word for line in lines for word in line)
    assert counts["cat"] / counts["the"] == pytest.approx(0.25, abs=0.04)


def test_order_zero_is_uniform():
    fitted = fit(TEXT, Encoder.of(TEXT, "char", "stream"), 1, "mle")
    counts = Counter(draw_uniform(fitted, 20_000, seed=0))
    assert set(counts) == set(TEXT)
    assert max(counts.values()) < 1.3 * min(counts.values())


def test_spelling_of_bytes_and_bpe():
    for unit, bpe in (("byte", None), ("bpe", train(TEXT, 270))):
        fitted = fit(TEXT, Encoder.of(TEXT, unit, "stream", bpe), 1, "mle")
        assert spell(fitted, fitted.encoder.encode(TEXT).tolist()) == TEXT


def test_the_seed_decides(cli, text_file):
    arguments = ("ngram", "--train", text_file, "--samples", 30, "--order", 2, "--json", "--seed")
    first, again, other = (json.loads(cli(*arguments, seed)[1])["samples"] for seed in (1, 1, 2))
    assert first == again != other
    assert list(first) == ["0", "1", "2"]
    assert "order 2:" in cli(*arguments[:-2])[1]
