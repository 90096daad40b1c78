"""Bits by document: tokens land in their documents, and the standard error is the spread of resampled texts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lm.corpus import builtin
from lm.ngrams.fit import fit
from lm.scrutiny.accuracy import accuracy, ranks
from lm.scrutiny.documents import ByDocument, histogram, split_documents, tokens_of
from lm.scrutiny.repeats import repeated
from lm.text.bpe import train
from lm.text.stream import START, Encoder

UNITS = [(u, m) for u in ("word", "char", "byte", "bpe") for m in ("sentence", "stream")]


@given(st.text(" \na", max_size=40))
def test_documents_are_the_text(text):
    parts = split_documents(text)
    assert "".join(parts) == text
    assert all("\n\n" not in part.strip() for part in parts)


def test_documents_by_hand():
    assert split_documents("a\nb\n\nc\n \n\n d\n\n") == ["a\nb\n\n", "c\n \n\n", " d\n\n"]
    assert split_documents("a") == ["a"]


@pytest.mark.parametrize(("unit", "mode"), UNITS)
def test_tokens_land_in_their_documents(unit, mode):
    text = builtin().held_out[:3000]
    bpe = train(text, 300) if unit == "bpe" else None
    encoder = Encoder.of(text, unit, mode, bpe)
    documents = split_documents(text)
    counts = tokens_of(encoder, documents)
    tokens = encoder.encode(text)
    assert counts.sum() == (tokens != START).sum()
    # Each document's own tokens are those that it has alone, but for BPE, whose pieces may reach over the boundary.
    alone = [(encoder.encode(part) != START).sum() for part in documents]
    assert np.abs(counts - alone).max() <= (1 if (unit, mode) == ("bpe", "stream") else 0)


def test_the_standard_error_is_that_of_resampled_documents():
    generator = np.random.default_rng(0)
    tokens = generator.integers(5, 60, 400)
    rate = generator.gamma(4, 1, 400)
    owner = np.repeat(np.arange(400), tokens)
    found = ByDocument.of(2.0 ** -rate[owner], tokens)
    assert found.rate == pytest.approx((rate * tokens).sum() / tokens.sum())
    again = []
    for _ in range(2000):
        chosen = generator.integers(0, 400, 400)
        again.append((rate * tokens)[chosen].sum() / tokens[chosen].sum())
    assert found.standard_error == pytest.approx(np.std(again), rel=0.1)
    low, high = found.interval
    assert low < 2**found.rate < high
    assert found.mean_of_perplexities == pytest.approx((2**rate).mean())


def test_one_document_has_no_standard_error():
    assert math.isnan(ByDocument.of(np.array([0.5, 0.25]), np.array([2, 0])).standard_error)


def test_histogram():
    assert histogram(np.array([1, 0.6, 0.5, 0.25, 0.0, 2.0**-30]), 3).tolist() == [2, 1, 1, 2]


def test_ranks_against_sorting():
    text = builtin().held_out[:1500]
    fitted = fit(text[:1000], Encoder.of(text[:1000], "char", "stream"), 3, "mkn")
    tokens = fitted.encoder.encode(text[1000:])
    found = ranks(fitted.model, tokens)
    p = fitted.model.probabilities(tokens)[1:]
    assert len(found) == len(tokens) - 1
    assert accuracy(found, 1) <= accuracy(found, 5) <= accuracy(found, fitted.model.types) == 1
    # Rank r leaves room for r - 1 likelier types: p is at most 1 / r.
    assert (p <= 1 / found + 1e-12).all()
    assert (found[p > 0.5] == 1).all()


@given(st.lists(st.lists(st.integers(0, 2), max_size=8), min_size=1, max_size=4))
def test_repeats_against_looking_back(documents):
    tokens = np.array([t for d in documents for t in d], int)
    owner = np.array([i for i, d in enumerate(documents) for _ in d], int)
    expected = []
    for d in documents:
        for i in range(len(d)):
            pairs = [tuple(d[j - 1 : j + 1]) for j in range(1, i)]
            expected.append(i > 0 and tuple(d[i - 1 : i + 1]) in pairs)
    assert repeated(tokens, owner).tolist() == expected
