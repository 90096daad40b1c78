"""The torch formulas against torch's own modules."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from lm import attention, transformer
from lm.config import Config, parameter_count, parameter_shapes
from lm.errors import LMError


@pytest.fixture
def x():
    return torch.randn(2, 7, 12, generator=torch.Generator().manual_seed(0)) * 3


def close(a, b):
    torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)


def test_softmax(x):
    close(attention.softmax(x), torch.softmax(x, -1))
    assert torch.isfinite(attention.softmax(x * 1e4)).all()


def test_attention(x):
    q, k, v = (attention.split_heads(t, 3) for t in (x, x.flip(1), x + 1))
    expected = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    close(attention.attention(q, k, v, attention.causal_mask(7)), expected)


def test_heads_are_split_and_merged(x):
    split = attention.split_heads(x, 3)
    assert split.shape == (2, 3, 7, 4)
    assert torch.equal(split[:, 1], x[:, :, 4:8])
    assert torch.equal(attention.merge_heads(split), x)


def test_layer_norm(x):
    gain, bias = torch.linspace(-1, 2, 12), torch.linspace(0, 1, 12)
    close(transformer.layer_norm(x, gain, bias), functional.layer_norm(x, (12,), gain, bias))


def test_gelu(x):
    close(transformer.gelu(x), functional.gelu(x, approximate="tanh"))


def test_cross_entropy(x):
    targets = torch.arange(14).reshape(2, 7) % 12
    expected = functional.cross_entropy(x.reshape(14, 12), targets.reshape(14), reduction="none").reshape(2, 7)
    close(transformer.cross_entropy(x, targets), expected)


def test_self_attention_is_torchs_multi_head_attention(x):
    module = torch.nn.MultiheadAttention(12, 3, batch_first=True)
    names = [f"attn.{kind}{of}" for of in "qkv" for kind in "wb"]
    weights = dict(
        zip(
            names,
            (
                t
                for w, b in zip(module.in_proj_weight.chunk(3), module.in_proj_bias.chunk(3), strict=True)
                for t in (w.T, b)
            ),
            strict=True,
        )
    )
    p = transformer.part(weights, "attn") | {"wo": module.out_proj.weight.T, "bo": module.out_proj.bias}
    expected, _ = module(x, x, x, attn_mask=torch.triu(torch.ones(7, 7, dtype=torch.bool), 1), need_weights=False)
    close(transformer.self_attention(x, p, 3), expected)


@pytest.fixture
def model():
    config = Config(11, context=8, width=12, layers=2, heads=3)
    return config, transformer.initial(config, torch.Generator().manual_seed(1))


def test_initial_parameters_have_the_named_shapes(model):
    config, parameters = model
    assert {name: tuple(p.shape) for name, p in parameters.items()} == parameter_shapes(config)
    assert sum(p.numel() for p in parameters.values()) == parameter_count(config)


def test_no_position_sees_the_future(model):
    config, parameters = model
    tokens = torch.tensor([[1, 2, 3, 4, 5, 6]])
    changed = torch.tensor([[1, 2, 3, 9, 8, 7]])
    a, b = (transformer.forward(parameters, t, config) for t in (tokens, changed))
    assert a.shape == (1, 6, 11)
    close(a[:, :3], b[:, :3])
    assert not torch.allclose(a[:, 3:], b[:, 3:])


def test_an_untrained_model_is_almost_uniform(model):
    config, parameters = model
    tokens = torch.arange(16).reshape(2, 8) % 11
    loss = transformer.cross_entropy(transformer.forward(parameters, tokens, config), tokens).mean()
    assert loss.exp().item() == pytest.approx(11, rel=0.05)


@pytest.mark.parametrize("wrong", [{"width": 10}, {"layers": 0}, {"heads": -1}])
def test_impossible_configurations_are_refused(wrong):
    with pytest.raises(LMError):
        Config(**({"vocabulary": 5, "width": 12, "heads": 4} | wrong))
