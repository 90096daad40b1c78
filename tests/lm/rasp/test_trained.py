"""A small transformer that learns from a program's answers."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from lm.rasp.programs import PROGRAMS
from lm.rasp.trained import attention_maps, learn, pairs, sampler, sums


@pytest.fixture(scope="module")
def index_of_last():
    return learn(PROGRAMS["shift"], 6, 9, steps=150, width=32, heads=2)


def test_it_learns_to_shift_and_the_compiled_program_knows(index_of_last):
    outcome = index_of_last.outcome
    assert (outcome.compiled, outcome.compiled_longer) == (1, 1)
    assert outcome.trained > 0.9


def test_attention_maps_are_the_models(index_of_last):
    maps = attention_maps(index_of_last, list("abcab"))
    assert len(maps) == index_of_last.config.layers
    for weights in maps:
        assert weights.shape == (2, 6, 6)
        np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-5)
        assert (np.triu(weights, 1) == 0).all()


def test_untrained_models_know_nothing():
    assert learn(PROGRAMS["shift"], 6, 9, steps=1, width=16, heads=2).outcome.trained < 0.5


def test_samples():
    import random

    generator = random.Random(0)
    for _ in range(50):
        tokens = pairs(generator, 5, 16)
        assert 5 <= len(tokens) <= 16
        half = len(tokens) // 2
        assert tokens[half::2] == [">"] * (half // 2)
        assert sorted(tokens[half + 1 :: 2]) == sorted(tokens[:half:2])
        question, answer = "".join(sums(generator, 1, 12)).split("=")
        assert sum(map(int, question.split("+"))) == int(answer)
    assert set(sampler(PROGRAMS["sort"])(generator, 3, 3)) <= set("abc")


def test_reproducible():
    first, second = (learn(PROGRAMS["shift"], 4, 6, steps=5, width=16, heads=2).parameters for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_command(cli, tmp_path):
    path = tmp_path / "both.svg"
    status, out, _ = cli(
        "rasp", "learn", "shift", "--length", 4, "--longer", 6, "--steps", 3, "-o", path, "--input", "abca", "--json"
    )
    result = json.loads(out)
    assert status == 0
    assert result["compiled_longer"] == 1
    assert result["c_rasp"] is True
    svg = path.read_text(encoding="utf-8")
    assert "compiled, layer 1" in svg
    assert "trained, layer 2" in svg
    assert "up to" in cli("rasp", "learn", "shift", "--length", 3, "--longer", 4, "--steps", 1)[1]
