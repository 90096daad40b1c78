"""Prefill and decode with a cache against whole windows, in torch and as kernels."""

from __future__ import annotations

import numpy as np
import pytest

from lm.config import Config, gpt2, modern, parameter_shapes
from lm.counting import cache_bytes
from lm.devices import Simulator
from lm.errors import LMError
from lm.inference.session import Session
from lm.kernel_model import KernelModel
from lm.sampling import sample
from lm.torch_model import TorchModel

SIZES = {"context": 12, "width": 12, "layers": 2, "heads": 4}
CONFIGS = {
    "gpt2": gpt2(11, **SIZES),
    "modern": modern(11, **SIZES, head_width=6, kv_heads=2),
    "n-grams": modern(11, **SIZES, head_width=4, ngrams=4, ngram_rows=17, tied=True),
    "no positions": Config(11, **SIZES, positions="none", norm="none"),
}


def model_of(config, device="torch", **options):
    rng = np.random.default_rng(2)
    parameters = {
        name: (rng.normal(0, 0.4, shape) + name.endswith("gain")).astype(np.float32)
        for name, shape in parameter_shapes(config).items()
    }
    if device == "torch":
        return TorchModel(config, parameters)
    return KernelModel(Simulator(), config, parameters, **options)


@pytest.fixture
def tokens():
    return np.random.default_rng(0).integers(0, 11, (2, 12)).astype(np.int32)


def in_parts(model, tokens, cache, parts):
    """The logits of tokens that come in parts of the given sizes."""
    ends = np.cumsum(parts)
    return np.concatenate(
        [model.logits(tokens[:, end - size : end], cache) for size, end in zip(parts, ends, strict=True)], axis=1
    )


@pytest.mark.parametrize("reserve", [True, False], ids=["reserved", "grown"])
@pytest.mark.parametrize("name", CONFIGS)
def test_torch_in_parts_is_torch_at_once(name, reserve, tokens):
    model = model_of(CONFIGS[name])
    whole = model.logits(tokens)
    for parts in ((5, 1, 1, 4, 1), (1,) * 12, (12,)):
        cache = model.new_cache(2, reserve)
        np.testing.assert_allclose(in_parts(model, tokens, cache, parts), whole, rtol=1e-4, atol=1e-4)
        assert cache.length == 12


@pytest.mark.parametrize("attention", ["auto", "materialised"])
@pytest.mark.parametrize("name", CONFIGS)
def test_kernels_in_parts_are_torch_at_once(name, attention, tokens):
    model = model_of(CONFIGS[name], "sim", attention=attention)
    whole = model_of(CONFIGS[name]).logits(tokens)
    parts = in_parts(model, tokens, model.new_cache(2), (5, 1, 3, 1))
    np.testing.assert_allclose(parts, whole[:, :10], rtol=2e-3, atol=2e-3)
    assert not model.device.findings
    assert model.device.rows["attention_decode"].launches == 2 * 2
    assert model.device.rows["append"].launches == 4 * 2 * 2


@pytest.mark.parametrize("name", CONFIGS)
def test_a_caches_bytes_are_the_formulas(name, tokens):
    config = CONFIGS[name]
    torch_model, kernel_model = model_of(config), model_of(config, "sim")
    reserved, grown, on_device = torch_model.new_cache(2), torch_model.new_cache(2, False), kernel_model.new_cache(2)
    assert reserved.nbytes == on_device.nbytes == cache_bytes(config, config.context, 2)
    assert grown.nbytes == 0
    torch_model.logits(tokens[:, :7], grown)
    assert grown.nbytes == cache_bytes(config, 7, 2)


def test_a_full_cache_takes_no_more(tokens):
    for model in (model_of(CONFIGS["modern"]), model_of(CONFIGS["modern"], "sim")):
        cache = model.new_cache(2)
        model.logits(tokens, cache)
        with pytest.raises(LMError, match="13 tokens do not fit into the context of 12"):
            model.logits(tokens[:, :1], cache)


def test_a_model_that_sees_the_future_has_no_cache():
    with pytest.raises(LMError, match="no use for a cache"):
        model_of(Config(11, **SIZES, causal=False)).new_cache()


def test_greedy_text_is_the_same_with_and_without_a_cache(tiny):
    """Also after the context of 21 is full, three times."""
    prompt = tiny.vocabulary.encode("the cat")
    model = TorchModel(tiny.config, tiny.parameters)
    sessions = [Session(model, cached) for cached in (True, False)]
    texts = [list(sample(s.logits, prompt, 60, tiny.config.context, temperature=0)) for s in sessions]
    assert texts[0] == texts[1]
    with_cache, without = (s.computed for s in sessions)
    # 7 of the prompt, 14 more until 21; then 10 at once and 11 more, again and again: 60 tokens need 59 more positions.
    assert with_cache == 7 + 59 + 9 * 4
    assert without > 8 * with_cache


def test_until_the_context_is_full_a_session_is_the_model_itself(tiny):
    prompt = tiny.vocabulary.encode("the cat")
    model = TorchModel(tiny.config, tiny.parameters)
    plain = list(sample(model.logits, prompt, 14, tiny.config.context, temperature=0.8, seed=3))
    assert list(sample(Session(model).logits, prompt, 14, tiny.config.context, temperature=0.8, seed=3)) == plain


def test_a_session_starts_again_with_half_a_context_when_it_is_full():
    class Recorder:
        config = Config(11, context=6, width=4, heads=1)

        def new_cache(self):
            return []

        def logits(self, tokens, cache=None):
            cache.extend(tokens[0].tolist())
            seen.append(list(cache))
            return np.zeros((1, tokens.shape[1], 11))

    seen = []
    session = Session(Recorder())
    text = np.arange(11, dtype=np.int32)
    for end in range(4, 12):
        session.logits(text[None, max(0, end - 6) : end])
    assert seen == [
        [0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5],
        [4, 5, 6], [4, 5, 6, 7], [4, 5, 6, 7, 8], [4, 5, 6, 7, 8, 9],
        [8, 9, 10],
    ]  # fmt: skip
    session.logits(text[None, :3])  # another text altogether
    assert seen[-1] == [0, 1, 2]
