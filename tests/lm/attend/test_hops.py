"""The task of hops against following the names by hand, and which model of the ladder can learn what."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch.nn import functional

from lm.attend.fitting import accuracy, fit
from lm.attend.hops import NAMES, chains, chance, lookup, models


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_answers_are_where_the_names_lead(hops):
    texts, answers = chains(50, torch.Generator().manual_seed(0), hops)
    for text, answer in zip(texts.tolist(), answers.tolist(), strict=True):
        leads = dict(zip(text[:-1:2], text[1:-1:2], strict=True))
        assert sorted(leads) == sorted(leads.values()) == list(range(NAMES))
        name = text[-1]
        for _ in range(hops):
            name = leads[name]
        assert name == answer


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_chance_is_to_answer_with_the_question(hops):
    texts, answers = chains(20_000, torch.Generator().manual_seed(0), hops)
    shares = [(texts[:, -1] + other) % NAMES == answers for other in range(NAMES)]
    assert max(share.float().mean().item() for share in shares) == pytest.approx(chance(hops), abs=0.01)


def learnt(name: str, hops: int, steps: int = 300) -> float:
    model, parameters = models(torch.Generator().manual_seed(0))[name]
    fit(model, parameters, partial(chains, hops=hops), steps, 0.03)
    return accuracy(model, parameters, partial(chains, hops=hops))


def test_one_hop_needs_a_soft_lookup():
    assert learnt("soft lookup", 1) > 0.95
    for name in ("markov", "window of 3", "hard lookup"):
        assert learnt(name, 1) < 0.45, name


def test_two_hops_need_two_lookups():
    assert learnt("2 hops", 2) > 0.95
    assert learnt("soft lookup", 2) < 0.45


def test_the_gradient_of_a_hard_lookup_is_zero():
    text, answer = chains(64, torch.Generator().manual_seed(1), 1)
    gradients = {}
    for name in ("hard lookup", "soft lookup"):
        _, p = models(torch.Generator().manual_seed(0))[name]
        loss = functional.cross_entropy(lookup(p, text, 1, hard=name == "hard lookup"), answer)
        loss.backward()
        gradients[name] = {key: 0.0 if x.grad is None else x.grad.abs().max().item() for key, x in p.items()}
    assert gradients["hard lookup"]["query"] == gradients["hard lookup"]["key"] == 0
    assert gradients["hard lookup"]["value"] > 0
    assert min(gradients["soft lookup"].values()) > 0
