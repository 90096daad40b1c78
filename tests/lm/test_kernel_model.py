"""The transformer as kernels against the transformer in torch, operation by operation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lm import transformer
from lm.devices import Simulator
from lm.kernel_model import KernelModel
from lm.torch_model import TorchModel


class Recorder(Simulator):
    """Keeps what each launch wrote into its first argument."""

    def __init__(self):
        super().__init__()
        self.written = []

    def launch(self, place, operation, *args):
        super().launch(place, operation, *args)
        self.written.append((place, args[0].copy()))


def torch_steps(model, tokens):
    """(place, tensor) for each kernel of the fused forward pass, in its order, from torch's formulas."""
    config, p = model.config, model.parameters
    x = transformer.embed(tokens, transformer.part(p, "embedding"), config)
    yield "embed", x

    def linear(x, w, b):
        yield "matmul", x @ w
        yield "add_bias", x @ w + b

    for i in range(config.layers):
        block = transformer.part(p, f"blocks.{i}")
        y = transformer.layer_norm(x, **transformer.part(block, "ln1"))
        yield "layer_norm", y
        for of in "qkv":
            yield from linear(y, block[f"attn.w{of}"], block[f"attn.b{of}"])
        q, k, v = (
            transformer.split_heads(y @ block[f"attn.w{of}"] + block[f"attn.b{of}"], config.heads) for of in "qkv"
        )
        mixed = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        yield "attention", mixed.transpose(1, 2)
        yield from linear(transformer.merge_heads(mixed), block["attn.wo"], block["attn.bo"])
        x = x + transformer.merge_heads(mixed) @ block["attn.wo"] + block["attn.bo"]
        yield "residual_add", x
        y = transformer.layer_norm(x, **transformer.part(block, "ln2"))
        yield "layer_norm", y
        yield from linear(y, block["mlp.w1"], block["mlp.b1"])
        hidden = transformer.gelu(y @ block["mlp.w1"] + block["mlp.b1"])
        yield "gelu", hidden
        yield from linear(hidden, block["mlp.w2"], block["mlp.b2"])
        x = x + hidden @ block["mlp.w2"] + block["mlp.b2"]
        yield "residual_add", x
    x = transformer.layer_norm(x, **transformer.part(p, "ln"))
    yield "layer_norm", x
    yield from linear(x, p["head.w"], p["head.b"])


@pytest.fixture
def tokens(tiny):
    return np.random.default_rng(0).integers(0, tiny.config.vocabulary, (2, 19)).astype(np.int32)


def test_every_step_equals_torchs(tiny, tokens):
    device = Recorder()
    logits = KernelModel(device, tiny.config, tiny.parameters).logits(tokens)
    model = TorchModel(tiny.config, tiny.parameters)
    with torch.no_grad():
        steps = list(torch_steps(model, torch.from_numpy(tokens).long()))
    assert [place for place, _ in device.written] == [place for place, _ in steps]
    for number, ((place, written), (_, expected)) in enumerate(zip(device.written, steps, strict=True)):
        np.testing.assert_allclose(
            written.reshape(-1), expected.reshape(-1), rtol=2e-4, atol=2e-4, err_msg=f"step {number}, {place}"
        )
    np.testing.assert_allclose(logits, model.logits(tokens), rtol=2e-4, atol=2e-4)
    assert not device.findings


@pytest.mark.parametrize("attention", ["fused", "materialised"])
def test_losses_equal_torchs(tiny, tokens, attention):
    model = KernelModel(Simulator(), tiny.config, tiny.parameters, attention=attention)
    targets = np.roll(tokens, -1, axis=1)
    losses = model.losses(tokens, targets)
    assert losses.shape == tokens.shape
    expected = TorchModel(tiny.config, tiny.parameters).losses(tokens, targets)
    np.testing.assert_allclose(losses, expected, rtol=1e-4, atol=1e-4)


def test_parameters_are_not_changed(tiny, tokens):
    before = {name: p.copy() for name, p in tiny.parameters.items()}
    KernelModel(Simulator(), tiny.config, tiny.parameters).logits(tokens)
    for name, p in tiny.parameters.items():
        np.testing.assert_array_equal(p, before[name])


def test_rows_add_up_all_launches_of_a_place(tiny, tokens):
    device = Simulator()
    KernelModel(device, tiny.config, tiny.parameters).logits(tokens)
    layers, rows, width = tiny.config.layers, tokens.size, tiny.config.width
    assert device.rows["matmul"].launches == device.rows["add_bias"].launches == 6 * layers + 1
    assert device.rows["layer_norm"].launches == 2 * layers + 1
    assert device.rows["residual_add"].global_loads == 2 * layers * 2 * rows * width
    assert device.rows["embed"].global_loads == 3 * rows * width
