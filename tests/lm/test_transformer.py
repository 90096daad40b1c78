"""The torch formulas against torch's own modules."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from lm import attention, positions, transformer
from lm.config import Config, modern, parameter_count, parameter_shapes
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


def test_attention_of_the_last_queries(x):
    q, k, v = (attention.split_heads(t, 3) for t in (x, x.flip(1), x + 1))
    last = attention.attention(q[:, :, 4:], k, v, attention.causal_mask(3, 7))
    close(last, attention.attention(q, k, v, attention.causal_mask(7))[:, :, 4:])


def test_heads_are_shared(x):
    q, k, v = attention.split_heads(x, 6), attention.split_heads(x[..., :4], 2), attention.split_heads(x[..., 4:8], 2)
    expected = functional.scaled_dot_product_attention(q, k, v, enable_gqa=True)
    close(attention.attention(q, attention.share_heads(k, 6), attention.share_heads(v, 6)), expected)


def test_rotated_products_depend_on_the_distance_only(x):
    q, k = x[:1, :1], x[1:, :1]  # [1, 1, 12] each

    def product(i, j):
        at_i, at_j = (positions.rotary_angles(p, 1, 12) for p in (i, j))
        return (positions.rotate(q, *at_i) * positions.rotate(k, *at_j)).sum()

    close(product(7, 3), product(104, 100))
    close(product(5, 5), (q * k).sum())
    assert abs(product(7, 3) - product(7, 4)) > 1e-3


def test_sinusoidal_positions():
    p = positions.sinusoidal(50, 8)
    assert p.shape == (50, 8)
    close(p[3, :4], torch.tensor([math.sin(3), math.cos(3), math.sin(0.3), math.cos(0.3)]))
    # The product of two positions depends on their distance only (section 3.5).
    close((p[10] * p[13]).sum(), (p[40] * p[43]).sum())


def test_rms_norm(x):
    gain = torch.linspace(-1, 2, 12)
    close(transformer.rms_norm(x, gain), functional.rms_norm(x, (12,), gain, 1e-5))


def test_a_modern_block_step_by_step(x):
    """Rotary, QK norm, grouped queries and squared ReLU with torch's own functions."""
    config = modern(5, width=12, heads=3, kv_heads=1, head_width=4, hidden=20, context=7)
    generator = torch.Generator().manual_seed(4)
    p = {n: torch.randn(s, generator=generator) for n, s in parameter_shapes(config).items()}
    a = transformer.part(p, "blocks.1.attn")
    q, k, v = (functional.linear(x, a["w" + of].T).unflatten(2, (-1, 4)).transpose(1, 2) for of in "qkv")
    angle = torch.arange(7)[:, None] * torch.tensor([1.0, 0.01])

    def turned(y, gain):
        y = functional.rms_norm(y, (4,), gain, 1e-5)
        y = torch.complex(y[..., :2], y[..., 2:]) * torch.polar(torch.ones_like(angle), angle)
        return torch.cat([y.real, y.imag], -1)

    mixed = functional.scaled_dot_product_attention(
        turned(q, a["q.gain"]), turned(k, a["k.gain"]), v, is_causal=True, enable_gqa=True
    )
    close(transformer.self_attention(x, a, config), mixed.transpose(1, 2).flatten(2) @ a["wo"])
    m = transformer.part(p, "blocks.1.mlp")
    close(transformer.mlp(x, m, config), functional.relu(x @ m["w1"]).square() @ m["w2"])


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
    close(transformer.self_attention(x, p, Config(1, width=12, heads=3)), expected)


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
