"""Induction's targets by brute force; two layers learn it and one does not; facts are known one way round."""

from __future__ import annotations

import pytest
import torch

from lm.attend.fitting import IGNORED, accuracy, fit
from lm.attend.induction import induction, transformer
from lm.attend.reversal import reversal


def test_induction_asks_for_what_followed_the_last_time():
    texts, targets = induction(20, torch.Generator().manual_seed(0))
    for text, asked in zip(texts.tolist(), targets.tolist(), strict=True):
        for t, token in enumerate(text):
            before = [s for s in range(t) if text[s] == token]
            assert asked[t] == (text[before[-1] + 1] if before else IGNORED)


@pytest.mark.slow
def test_induction_needs_two_layers():
    right = []
    for layers in (1, 2):
        model, parameters = transformer(layers, 32, torch.Generator().manual_seed(0))
        fit(model, parameters, induction, 500, 0.01, batch=64)
        right.append(accuracy(model, parameters, induction))
    assert right[0] < 0.5
    assert right[1] > 0.95


def test_the_reversal_curse():
    found = reversal(steps=200)
    assert found.as_told > 0.9
    assert found.reversed < 0.2
