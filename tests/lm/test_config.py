"""Configurations: their parameters, what is refused, and that every one runs in torch and as kernels alike."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from lm.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from lm.config import SETTINGS, Config, gpt2, modern, parameter_count, parameter_shapes
from lm.devices import Simulator
from lm.errors import LMError
from lm.kernel_model import KernelModel
from lm.torch_model import TorchModel

SIZES = {"context": 13, "width": 12, "layers": 2, "heads": 4}
CONFIGS = {
    "gpt2": gpt2(11, **SIZES),
    "gpt2, tied, no biases": gpt2(11, **SIZES, tied=True, bias=False),
    "modern": modern(11, **SIZES, head_width=6),
    "modern, grouped queries": modern(11, **SIZES, kv_heads=2, head_width=4, hidden=20, tied=True),
    "modern, one head of keys": modern(11, **SIZES, kv_heads=1, head_width=2),
    "modern, n-grams": modern(11, **SIZES, head_width=4, ngrams=4, ngram_rows=17),
    "both directions": Config(11, **SIZES, causal=False, activation="relu"),
    "both directions, grouped": modern(11, **SIZES, causal=False, kv_heads=2, head_width=8),
    "compiled program": Config(11, **SIZES, causal=False, norm="none", activation="relu", head_width=40),
    "no positions": Config(11, **SIZES, positions="none", norm="none", bias=False),
    "RMS norm with biases": Config(11, **SIZES, norm="rms", qk_norm=True),
}


def random_parameters(config: Config) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    return {
        name: (rng.normal(0, 0.4, shape) + name.endswith("gain")).astype(np.float32)
        for name, shape in parameter_shapes(config).items()
    }


@pytest.mark.parametrize("attention", ["auto", "materialised"])
@pytest.mark.parametrize("name", CONFIGS)
def test_kernels_compute_what_torch_computes(name, attention):
    config = CONFIGS[name]
    parameters = random_parameters(config)
    tokens = np.random.default_rng(0).integers(0, 11, (2, 13)).astype(np.int32)
    device = Simulator()
    logits = KernelModel(device, config, parameters, attention=attention).logits(tokens)
    np.testing.assert_allclose(logits, TorchModel(config, parameters).logits(tokens), rtol=2e-3, atol=2e-3)
    assert not device.findings
    if config.positions != "none":  # the comparison is of something that depends on the order of tokens
        swapped = tokens.copy()
        swapped[:, [0, 1]] = tokens[:, [1, 0]]
        assert np.abs(TorchModel(config, parameters).logits(swapped)[:, -1] - logits[:, -1]).max() > 1e-3


@pytest.mark.parametrize("name", CONFIGS)
def test_a_checkpoint_keeps_every_field(name, tmp_path, tiny):
    config = CONFIGS[name]
    vocabulary = type(tiny.vocabulary)("abcdefghijk")
    path = tmp_path / "x.safetensors"
    save_checkpoint(Checkpoint(config, vocabulary, random_parameters(config), np.ones((11, 11), np.int32)), path)
    assert load_checkpoint(path).config == config


def test_presets_differ_as_they_say():
    differ = {name for name, value in asdict(gpt2(11)).items() if value != asdict(modern(11))[name]}
    assert differ == {"norm", "activation", "positions", "qk_norm", "bias"}
    assert set(SETTINGS) == {"gpt2", "modern"}


def test_gpt2_small_has_its_known_number_of_parameters():
    """Without biases, with the head tied: 50257 x 768 + 1024 x 768 + 12 x 12 x 768^2 + 25 x 768."""
    small = gpt2(50257, context=1024, width=768, layers=12, heads=12, bias=False, tied=True)
    assert parameter_count(small) == 124_337_664


def test_a_transformer_that_sees_everything_is_blind_to_order_without_positions():
    config = Config(11, **SIZES, positions="none", causal=False)
    model = TorchModel(config, random_parameters(config))
    tokens = np.random.default_rng(0).integers(0, 11, (1, 9)).astype(np.int32)
    order = np.random.default_rng(1).permutation(9)
    np.testing.assert_allclose(model.logits(tokens[:, order]), model.logits(tokens)[:, order], rtol=1e-3, atol=1e-4)


def test_old_checkpoints_have_the_fields_that_came_later():
    old = {"vocabulary": 96, "context": 128, "width": 96, "layers": 4, "heads": 4}
    assert Config(**old) == gpt2(96)
    assert parameter_count(Config(**old)) == 478_368


def test_fresh_parameters_are_finite_and_make_a_finite_loss():
    from lm.transformer import cross_entropy, forward, initial

    for name, config in CONFIGS.items():
        parameters = initial(config, torch.Generator().manual_seed(0))
        assert {n: tuple(p.shape) for n, p in parameters.items()} == parameter_shapes(config), name
        tokens = torch.arange(13)[None] % 11
        assert cross_entropy(forward(parameters, tokens, config), tokens).mean().isfinite(), name


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"norm": "batch"}, "no norm 'batch': take one of layer, rms, none"),
        ({"activation": "swish"}, "no activation 'swish'"),
        ({"positions": "relative"}, "no positions 'relative'"),
        ({"kv_heads": 3}, r"\(4\) must be a multiple .* \(3\)"),
        ({"positions": "rotary"}, "pairs of channels and a head has 3"),
        ({"ngrams": 1, "ngram_rows": 5}, "order of at least 2"),
        ({"ngrams": 3}, "at least 1 row"),
        ({"ngrams": 3, "ngram_rows": 5, "causal": False}, "of the tokens so far"),
        ({"hidden": -1}, "hidden >= 1"),
        ({"width": 10}, "multiple of the number of heads"),
    ],
)
def test_impossible_configurations_are_refused(wrong, message):
    with pytest.raises(LMError, match=message):
        replace(Config(11, **SIZES), **{"kv_heads": 0, "head_width": 0, "hidden": 0} | wrong)
