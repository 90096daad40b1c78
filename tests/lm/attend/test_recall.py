"""Associative recall against reading the pairs, and which model of the table can learn it."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch.nn import functional

from lm.attend.fitting import IGNORED, Parameters, accuracy
from lm.attend.recall import KINDS, earlier, learn, models, pairs_as_tokens, recall, window


@pytest.mark.parametrize("pairs", [1, 4, KINDS])
def test_answers_are_the_values_of_the_keys(pairs):
    texts, targets = recall(50, torch.Generator().manual_seed(0), pairs)
    for text, answers in zip(texts.tolist(), targets.tolist(), strict=True):
        told = dict(zip(text[: 2 * pairs : 2], text[1 : 2 * pairs : 2], strict=True))
        assert len(told) == pairs
        assert max(told) < KINDS <= min(told.values())
        assert sorted(text[2 * pairs :]) == sorted(told)
        assert answers == [IGNORED] * 2 * pairs + [told[key] for key in text[2 * pairs :]]


def test_nobody_sees_what_comes_later():
    """Logits stay as they are when the tokens after them change."""
    text, _ = recall(3, torch.Generator().manual_seed(0), 4)
    other = torch.cat([text[:, :9], text[:, 9:].flip(1)], dim=1)
    for name, (model, parameters) in models(torch.Generator().manual_seed(0)).items():
        assert torch.allclose(model(parameters, text)[:, :9], model(parameters, other)[:, :9], atol=1e-6), name
        assert not torch.allclose(model(parameters, text)[:, 9], model(parameters, other)[:, 9], atol=1e-6), name


def test_earlier_tokens():
    assert earlier(torch.tensor([[3, 4, 5]]), 2).tolist() == [[0, 0, 3]]
    _, p = models(torch.Generator().manual_seed(0))["window of 8"]
    text = torch.arange(12)[None] % 7
    assert torch.equal(window(p, text)[:, 8:], window(p, torch.cat([text[:, :1] + 1, text[:, 1:]], dim=1))[:, 8:])


def learnt(name: str, pairs: tuple[int, ...]) -> float:
    model, parameters = models(torch.Generator().manual_seed(0))[name]
    learn(model, parameters, 200, 0, pairs)
    return accuracy(model, parameters, partial(recall, pairs=pairs[-1]))


def test_keys_must_be_those_before_the_values():
    assert learnt("lookup, shifted keys", (2, 8)) > 0.95
    for name in ("soft lookup", "markov"):
        assert learnt(name, (2, 8)) < 0.45, name


def test_a_transformer_needs_two_layers():
    assert learnt("transformer, 1 layer", (2,)) < 0.7
    assert learnt("transformer, 2 layers", (2,)) > 0.95


def test_a_pair_that_is_one_token_is_found_by_what_stands_there():
    """One look-up is enough, and so is one layer."""
    assert learnt("lookup, pairs as tokens", (2, 8)) > 0.95
    assert learnt("1 layer, pairs as tokens", (2, 4)) > 0.95


def test_pairs_as_tokens():
    """Texts of two pairs and two questions; tokens 0 to 7 are keys, 8 to 15 values, those after them pairs."""
    seen = []

    def model(p: Parameters, text: torch.Tensor) -> torch.Tensor:
        seen.append(text)
        return functional.one_hot(text, 80).float()

    found = pairs_as_tokens(model, {}, torch.tensor([[3, 8, 5, 15, 5, 3]]))
    assert seen[0].tolist() == [[16 + 8 * 3 + 0, 16 + 8 * 5 + 7, 5, 3]]
    assert found.shape == (1, 6, 80)
    assert found[0, 4:].argmax(dim=1).tolist() == [5, 3]
    assert not found[0, :4].any()
