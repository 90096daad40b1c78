"""One definition of perplexity on every device, and the checkpoint that the package carries."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from gpusim.host.gpu import find_gpu
from lm import corpus, ngram
from lm.checkpoint import DEFAULT, load_checkpoint
from lm.devices import Simulator, open_device
from lm.errors import LMError
from lm.evaluation import evaluate, losses, windows
from lm.perplexity import perplexity
from lm.torch_model import TorchModel

TEXT = "the dog sat on the cat; the mat sat on the log.\n"


def test_windows_predict_every_character_but_the_first_once():
    inputs, targets = windows(np.arange(11), 4)
    assert inputs.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 0, 0]]
    assert targets.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 0, 0]]
    assert inputs.dtype == np.int32
    assert windows(np.arange(3), 100)[0].tolist() == [[0, 1]]


def test_losses_against_one_prediction_at_a_time(tiny):
    """Each character's probability from a forward pass over exactly the characters it may see."""
    model = TorchModel(tiny.config, tiny.parameters)
    numbers = tiny.vocabulary.encode(TEXT)
    expected = []
    for i in range(1, len(numbers)):
        first = (i - 1) // tiny.config.context * tiny.config.context
        logits = model.logits(numbers[None, first:i])[0, -1].astype(np.float64)
        expected.append(np.log(np.exp(logits - logits.max()).sum()) + logits.max() - logits[numbers[i]])
    np.testing.assert_allclose(losses(model, numbers, tiny.config.context), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(find_gpu() is None, reason="there is no GPU")
@pytest.mark.parametrize("attention", ["fused", "materialised"])
def test_gpu_and_torch_agree(tiny, attention):
    expected = evaluate("torch", tiny, TEXT)
    assert evaluate("gpu", tiny, TEXT, attention=attention).perplexity == pytest.approx(expected.perplexity, rel=1e-4)


@pytest.mark.parametrize("attention", ["fused", "materialised"])
def test_simulator_and_torch_agree(tiny, attention):
    simulated = evaluate("sim", tiny, TEXT, attention=attention)
    expected = evaluate("torch", tiny, TEXT)
    assert simulated.characters == expected.characters == len(TEXT) - 1
    assert simulated.perplexity == pytest.approx(expected.perplexity, rel=1e-5)
    np.testing.assert_allclose(simulated.losses, expected.losses, rtol=1e-4, atol=1e-4)
    assert (simulated.uniform, simulated.unigram, simulated.bigram) == (
        expected.uniform,
        expected.unigram,
        expected.bigram,
    )
    assert not simulated.findings
    assert not expected.kernels
    json.dumps(simulated.to_dict())


def test_the_baselines_predict_the_same_characters(tiny):
    result = evaluate("torch", tiny, TEXT, characters=20)
    numbers = tiny.vocabulary.encode(TEXT[:21])
    model = ngram.bigram(tiny.bigrams)
    assert result.characters == len(result.losses) == 20
    assert result.uniform == pytest.approx(len(tiny.vocabulary))
    assert result.bigram == pytest.approx(perplexity([-np.log(model[a, b]) for a, b in pairwise(numbers)]))


def test_a_long_text_is_evaluated_in_parts(tiny, monkeypatch):
    whole = evaluate("torch", tiny, TEXT * 3)
    monkeypatch.setattr("lm.evaluation.WINDOWS_AT_ONCE", 2)
    np.testing.assert_allclose(evaluate("torch", tiny, TEXT * 3).losses, whole.losses, rtol=1e-5, atol=1e-5)


def test_the_packages_checkpoint_beats_the_bigram_model_and_the_simulator_agrees():
    assert DEFAULT.stat().st_size < 4_000_000
    expected = evaluate("torch", characters=256)
    simulated = evaluate("sim", characters=256)
    assert expected.perplexity < 0.5 * expected.bigram < 0.5 * expected.unigram < 0.5 * expected.uniform
    assert simulated.perplexity == pytest.approx(expected.perplexity, rel=1e-5)


def test_the_packages_checkpoint_says_how_it_was_made():
    checkpoint = load_checkpoint()
    assert checkpoint.training["source"] == corpus.NAME
    assert checkpoint.training["command"].startswith("python -m lm train ")
    assert checkpoint.vocabulary.characters == corpus.ALPHABET
    assert checkpoint.bigrams.sum() == checkpoint.training["train_characters"] - 1


def test_a_model_of_another_text_needs_a_text(tiny):
    with pytest.raises(LMError, match=r"trained on a test.*--text"):
        evaluate("torch", tiny)


def test_bad_requests(tiny):
    with pytest.raises(LMError, match="at least 1, got 0"):
        evaluate("torch", tiny, TEXT, characters=0)
    with pytest.raises(LMError, match="needs 2"):
        evaluate("torch", tiny, "t")
    with pytest.raises(LMError, match=r"'Z'.*a poem.*line 1, column 5"):
        evaluate("torch", tiny, "the Zoo", "a poem")
    with pytest.raises(LMError, match="torch, sim and gpu"):
        open_device("tpu")


def test_the_simulators_checks_can_be_chosen(tiny):
    assert isinstance(open_device("sim", "none"), Simulator)
    unchecked = evaluate("sim", tiny, TEXT, check="none")
    assert unchecked.perplexity == evaluate("sim", tiny, TEXT).perplexity


def test_a_model_that_sees_what_it_predicts_has_no_perplexity(tiny):
    with pytest.raises(LMError, match="no perplexity"):
        evaluate("torch", replace(tiny, config=replace(tiny.config, causal=False)), TEXT)
