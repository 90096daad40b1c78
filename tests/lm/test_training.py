"""Training lowers the loss, is the same for the same seed, and keeps the best weights."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from lm.config import Config
from lm.errors import LMError
from lm.training import Options, dropout, learning_rate, train

CONFIG = Config(3, context=12, width=16, layers=1, heads=2)
OPTIONS = Options(steps=240, batch=8, rate=1e-2, warmup=10, dropout=0.05, report=80, seed=5)
TEXT = np.array([0, 1, 0, 2] * 100, np.int32)  # after 0 comes 1 or 2 in turn: two characters decide


@pytest.fixture(scope="module")
def trained():
    return train(TEXT, TEXT[:60], CONFIG, OPTIONS)


def test_the_loss_falls_below_what_one_character_of_context_can_do(trained):
    """A bigram model cannot do better than 1/2 log 2 = 0.347 nats here."""
    losses = [now.validation_loss for now in trained.history]
    assert [now.step for now in trained.history] == [80, 160, 240]
    assert losses[-1] < 0.25
    assert trained.history[-1].train_loss < trained.history[0].train_loss


def test_the_same_seed_gives_the_same_bits(trained):
    again = train(TEXT, TEXT[:60], CONFIG, OPTIONS)
    assert again.history == trained.history
    for name, p in trained.parameters.items():
        assert p.dtype == np.float32
        assert p.tobytes() == again.parameters[name].tobytes(), name


def test_another_seed_gives_other_weights(trained):
    other = train(TEXT, TEXT[:60], CONFIG, replace(OPTIONS, steps=1, seed=6))
    assert not np.array_equal(other.parameters["head.w"], trained.parameters["head.w"])


def test_the_best_weights_are_kept():
    """Validation on what never occurs in training: the loss grows, so the first measurement is the best."""
    zeros, ones = np.zeros(100, np.int32), np.ones(40, np.int32)
    result = train(zeros, ones, CONFIG, Options(steps=30, batch=4, warmup=1, report=5))
    assert result.best == result.history[0]
    assert result.best.validation_loss < result.history[-1].validation_loss


def test_the_learning_rate_warms_up_and_falls_like_a_cosine():
    options = Options(steps=110, rate=1.0, warmup=10)
    assert learning_rate(0, options) == pytest.approx(0.1)
    assert learning_rate(9, options) == learning_rate(10, options) == pytest.approx(1)
    assert learning_rate(60, options) == pytest.approx(0.55)
    assert learning_rate(110, options) == pytest.approx(0.1)


def test_dropout_keeps_the_mean():
    x = torch.ones(100_000)
    dropped = dropout(x, 0.25, torch.Generator().manual_seed(0))
    assert dropped.mean().item() == pytest.approx(1, abs=0.01)
    assert dropped.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert math.isclose((dropped == 0).float().mean().item(), 0.25, abs_tol=0.01)
    assert dropout(x, 0, torch.Generator()) is x


def test_a_text_shorter_than_the_context_is_refused():
    with pytest.raises(LMError, match="smaller --context"):
        train(TEXT[:10], TEXT, CONFIG, Options())


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"batch": 0}, {"dropout": 1.0}, {"rate": 0.0}])
def test_impossible_options_are_refused(wrong):
    with pytest.raises(LMError):
        Options(**wrong)
