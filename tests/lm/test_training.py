"""Training lowers the loss, and is the same for the same seed however it is divided or interrupted."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from lm import corpus
from lm.config import Config, modern
from lm.errors import LMError
from lm.tokens import Vocabulary
from lm.training.loop import Run, dropout, mean_loss, reproducible, train
from lm.training.muon import Muon, orthogonal
from lm.training.options import Options
from lm.training.schedule import rate_factor
from lm.training.state import load_state, save_state
from lm.training.text import Text, builtin, memory_mapped, random_windows
from lm.transformer import initial

CONFIG = Config(3, context=12, width=16, layers=1, heads=2)
MODERN = modern(3, context=12, width=16, layers=2, heads=2, ngrams=3, ngram_rows=31)
OPTIONS = Options(
    steps=240, batch=8, optimizer="adamw", rate=1e-2, schedule="cosine", warmup=10, dropout=0.05, report=80, seed=5
)
NUMBERS = np.array([0, 1, 0, 2] * 100, np.uint8)  # after 0 comes 1 or 2 in turn: two characters decide
TEXT = Text("a test", Vocabulary("abc"), NUMBERS, NUMBERS[:60], "")


@pytest.fixture(scope="module", autouse=True)
def same_bits():
    """As `lm train` does it: with several threads torch adds up in whatever order they come."""
    with reproducible(1):
        yield


@pytest.fixture(scope="module")
def trained():
    return train(TEXT, CONFIG, OPTIONS)


def same(a, b):
    """Bit by bit."""
    return a.keys() == b.keys() and all(a[name].tobytes() == b[name].tobytes() for name in a)


def test_the_loss_falls_below_what_one_character_of_context_can_do(trained):
    """A bigram model cannot do better than 1/2 log 2 = 0.347 nats here."""
    losses = [now.validation_loss for now in trained.history]
    assert [now.step for now in trained.history] == [80, 160, 240]
    assert losses[-1] < 0.25
    assert trained.history[-1].train_loss < trained.history[0].train_loss


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_muon_and_the_modern_setting_learn_it_too(precision):
    result = train(TEXT, MODERN, Options(steps=60, batch=8, warmup=5, report=30, precision=precision))
    assert result.best.validation_loss < 0.2
    assert all(p.dtype == np.float32 for p in result.parameters.values())


def test_the_same_seed_gives_the_same_bits(trained):
    again = train(TEXT, CONFIG, OPTIONS)
    assert again.history == trained.history
    assert same(again.parameters, trained.parameters)
    assert all(p.dtype == np.float32 for p in trained.parameters.values())


def test_another_seed_gives_other_weights(trained):
    other = train(TEXT, CONFIG, replace(OPTIONS, steps=1, seed=6))
    assert not np.array_equal(other.parameters["head.w"], trained.parameters["head.w"])


@pytest.mark.parametrize("config", [CONFIG, MODERN], ids=["gpt2", "modern"])
def test_a_resumed_run_gives_the_same_bits(config, tmp_path):
    options = Options(steps=9, batch=4, warmup=2, dropout=0.1, report=4)
    whole = train(TEXT, config, options)
    first = Run(TEXT, config, options)
    for _ in range(5):
        first.step()
        if first.done == 4:
            first.measure()
    path = tmp_path / "x.unfinished"
    save_state({"run": {"text": "t"}} | first.state(), path)
    for _ in range(2):  # what happens after the save is lost
        first.step()
    resumed = train(TEXT, config, options, state=load_state(path, {"text": "t"}))
    assert resumed.history == whole.history
    assert same(resumed.parameters, whole.parameters)
    assert [file.name for file in tmp_path.iterdir()] == ["x.unfinished"]


def test_a_state_of_another_run_is_refused(tmp_path):
    path = tmp_path / "x.unfinished"
    with pytest.raises(LMError, match=r"no unfinished training .*leave --resume out"):
        load_state(path, {})
    save_state({"run": {"threads": 1}}, path)
    with pytest.raises(LMError, match="with threads 1 and this one has 2"):
        load_state(path, {"threads": 2})
    save_state({"run": {"options": {"rate": 0.1, "seed": 3}}}, path)
    with pytest.raises(LMError, match=r"with rate 0\.1 and this one has 0\.2: give the same .* or delete it"):
        load_state(path, {"options": {"rate": 0.2, "seed": 3}})
    path.write_bytes(b"not a state")
    with pytest.raises(LMError, match="is not the state of a training"):
        load_state(path, {})


@pytest.mark.parametrize("config", [CONFIG, MODERN], ids=["gpt2", "modern"])
def test_a_divided_batch_gives_the_same_result(config):
    """Accumulation changes the order of sums only."""
    options = Options(steps=4, batch=8, warmup=2, dropout=0.2)
    whole, parts = Run(TEXT, config, options), Run(TEXT, config, replace(options, accumulate=4))
    for _ in range(4):
        assert whole.step() == pytest.approx(parts.step(), rel=2e-4)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_loss_that_is_not_finite_stops(optimizer):
    with pytest.raises(LMError, match=r"the loss is (nan|inf) at step \d+: .* lower --rate"):
        train(TEXT, CONFIG, Options(steps=50, batch=4, warmup=1, rate=1e30, muon_rate=1e30, optimizer=optimizer))


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_the_last_update_may_break_the_weights(steps):
    """The losses of all batches are finite, what comes after them is not."""
    options = Options(steps=steps, batch=4, warmup=1, rate=1e30, muon_rate=1e30, optimizer="adamw")
    with pytest.raises(LMError, match=r"loss is (nan|inf) at step \d: .* lower --rate"):
        train(TEXT, CONFIG, options)


def test_the_best_weights_are_kept():
    """Validation on what never occurs in training: the loss grows, so the first measurement is the best."""
    text = replace(TEXT, train=np.zeros(100, np.uint8), validation=np.ones(40, np.uint8))
    result = train(text, CONFIG, Options(steps=30, batch=4, warmup=1, report=5, optimizer="adamw"))
    assert result.best == result.history[0]
    assert result.best.validation_loss < result.history[-1].validation_loss


def test_schedules():
    cosine = Options(steps=110, warmup=10, schedule="cosine")
    assert rate_factor(0, cosine) == pytest.approx(0.1)
    assert rate_factor(9, cosine) == rate_factor(10, cosine) == pytest.approx(1)
    assert rate_factor(60, cosine) == pytest.approx(0.55)
    assert rate_factor(110, cosine) == pytest.approx(0.1)
    stable = Options(steps=100, warmup=10, cooldown=0.4)
    assert [rate_factor(step, stable) for step in (4, 9, 10, 60)] == pytest.approx([0.5, 1, 1, 1])
    assert rate_factor(80, stable) == pytest.approx(0.5)
    assert rate_factor(99, stable) == pytest.approx(0.025)


def test_dropout_keeps_the_mean():
    x = torch.ones(4, 25_000)
    dropped = dropout(x, 0.25, torch.Generator().manual_seed(0), 4, slice(0, 4))
    assert dropped.mean().item() == pytest.approx(1, abs=0.01)
    assert dropped.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert math.isclose((dropped == 0).float().mean().item(), 0.25, abs_tol=0.01)
    part = dropout(x[:1], 0.25, torch.Generator().manual_seed(0), 4, slice(2, 3))
    assert torch.equal(part, dropped[2:3])
    rows = dropout(torch.ones(4, 9, 50), 0.25, torch.Generator().manual_seed(0), 4, slice(0, 4), whole=True)
    assert ((rows == 0).all(dim=2) | (rows != 0).all(dim=2)).all()
    assert 0 < (rows == 0).float().mean() < 0.6
    assert dropout(x, 0, torch.Generator(), 4, slice(0, 4)) is x


@pytest.mark.parametrize("shape", [(3, 6, 6), (2, 4, 10), (2, 10, 4)])
def test_orthogonal_keeps_directions_and_levels_their_sizes(shape):
    """Against the singular value decomposition: the same vectors, every value near 1."""
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    u, _, v = torch.linalg.svd(x, full_matrices=False)
    values = u.transpose(1, 2) @ orthogonal(x) @ v.transpose(1, 2)
    on, off = torch.diagonal(values, dim1=1, dim2=2), values - torch.diag_embed(torch.diagonal(values, dim1=1, dim2=2))
    assert (on > 0.6).all()
    assert (on < 1.25).all()
    assert off.abs().max() < 0.1


@pytest.mark.skipif(not hasattr(torch.optim, "Muon"), reason="this torch has no Muon")
def test_muon_is_torchs_muon():
    """Three steps of both, on matrices that are (inputs, outputs) here and (outputs, inputs) there."""
    generator = torch.Generator().manual_seed(1)
    start = torch.randn(6, 12, generator=generator)
    mine, theirs = start.clone().requires_grad_(), start.T.clone().requires_grad_()
    ours = Muon({"w": mine}, 0.1, 0.05)
    reference = torch.optim.Muon([theirs], lr=0.1, weight_decay=0.05, momentum=0.95, nesterov=True)
    for _ in range(3):
        gradient = torch.randn(6, 12, generator=generator)
        mine.grad, theirs.grad = gradient.clone(), gradient.T.clone()
        ours.step()
        reference.step()
    torch.testing.assert_close(mine.T, theirs, rtol=0.05, atol=0.02)


def test_mean_loss_against_one_window_at_a_time():
    parameters = initial(CONFIG, torch.Generator().manual_seed(0))
    numbers = np.random.default_rng(0).integers(0, 3, 70).astype(np.uint8)
    total = 0.0
    for start in range(0, 69, 12):
        x = torch.from_numpy(numbers[start : start + 13].astype(np.int64))
        total += mean_loss(parameters, x.numpy(), CONFIG) * (len(x) - 1)
    assert mean_loss(parameters, numbers, CONFIG) == pytest.approx(total / 69, rel=1e-6)


def test_windows_are_pieces_of_the_text():
    numbers = np.arange(40, dtype=np.uint8)
    inputs, targets = random_windows(numbers, 5, 300, torch.Generator().manual_seed(0))
    assert (inputs == inputs[:, :1] + torch.arange(5)).all()
    assert torch.equal(targets, inputs + 1)
    assert (inputs.min(), targets.max()) == (0, 39)


def test_a_file_is_numbered_in_pieces(tmp_path, monkeypatch):
    text = "Ünïcode, naïve\r\nlines 𝄞\n" * 9
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode())
    monkeypatch.setattr("lm.training.text.PIECE", 7)
    mapped = memory_mapped(path, tmp_path)
    assert isinstance(mapped.train, np.memmap)
    plain = text.replace("\r\n", "\n")
    assert mapped.vocabulary == Vocabulary.of(plain)
    first, second = int(len(plain) * 0.9), int(len(plain) * 0.95)
    assert mapped.vocabulary.decode(mapped.train) == plain[:first]
    assert mapped.vocabulary.decode(mapped.validation) == plain[first:second]
    assert mapped.sha256 == hashlib.sha256(plain[:first].encode()).hexdigest()


def test_a_text_by_name_is_numbered(tmp_path, monkeypatch):
    monkeypatch.setattr("lm.training.text.PIECE", 10_000)
    mapped = memory_mapped("pydoc:held_out", tmp_path)
    assert len(mapped.vocabulary) < 97
    assert mapped.vocabulary.decode(mapped.train[:500]) == corpus.builtin().held_out[:500]


def test_the_built_in_text_is_numbered_by_its_alphabet():
    text = builtin()
    assert len(text.vocabulary) == 96
    assert text.vocabulary.decode(text.train[:2000]).isascii()


def test_a_text_shorter_than_the_context_is_refused():
    with pytest.raises(LMError, match="smaller --context"):
        train(replace(TEXT, train=NUMBERS[:10]), CONFIG, Options())


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0}, {"batch": 0}, {"dropout": 1.0}, {"rate": 0.0}, {"muon_rate": -1.0}, {"cooldown": 0.0},
        {"optimizer": "sgd"}, {"schedule": "step"}, {"precision": "int8"}, {"batch": 5, "accumulate": 2},
    ],
)  # fmt: skip
def test_impossible_options_are_refused(wrong):
    with pytest.raises(LMError):
        Options(**wrong)
