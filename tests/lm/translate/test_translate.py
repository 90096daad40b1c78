"""The toy languages by rule, cross-attention against torch's, and perplexity that falls as translations get right."""

from __future__ import annotations

import numpy as np
import torch

from lm.translate.experiment import learn
from lm.translate.languages import ADJECTIVES, NOUNS, SOURCE, START, TARGET, WORDS, sentences
from lm.translate.model import Translator, cross_attention, decode, encode, translate


def test_translations_follow_the_rules():
    for source, target in zip(*(x.tolist() for x in sentences(100, torch.Generator().manual_seed(0))), strict=True):
        a, n, v, b, m = source
        noun, other = n - ADJECTIVES, m - ADJECTIVES
        assert all(0 <= x < ADJECTIVES for x in (a, b))
        assert all(0 <= x < NOUNS for x in (noun, other))
        assert target[0] == v - ADJECTIVES - NOUNS + 2 * ADJECTIVES + NOUNS
        assert target[1:3] == [2 * ADJECTIVES + noun, 2 * a + noun % 2]
        assert target[3:5] == [2 * ADJECTIVES + other, 2 * b + other % 2]
        assert max(source) < SOURCE
        assert max(target) < START < TARGET


def test_cross_attention_is_torchs():
    translator = Translator.of(9, 9, context=6, width=12, heads=3)
    module = torch.nn.MultiheadAttention(12, 3, bias=False, batch_first=True)
    x, memory = torch.randn(2, 4, 12), torch.randn(2, 6, 12)
    wq, wk, wv = module.in_proj_weight.chunk(3)
    p = {"wq": wq.T, "wk": wk.T, "wv": wv.T, "wo": module.out_proj.weight.T}
    expected, _ = module(x, memory, memory, need_weights=False)
    torch.testing.assert_close(cross_attention(x, memory, p, translator.decoder), expected, rtol=1e-4, atol=1e-5)


def test_the_decoder_sees_all_of_the_source_and_no_later_target():
    translator = Translator.of(SOURCE, TARGET, context=WORDS)
    generator = torch.Generator().manual_seed(0)
    parameters = {name: p + 0.1 * torch.randn(p.shape, generator=generator)
                  for name, p in translator.initial(generator).items()}  # fmt: skip
    source, target = sentences(1, generator)
    logits = decode(parameters, encode(parameters, source, translator), target, translator)
    other_target, other_source = target.clone(), source.clone()
    other_target[0, 3] = (target[0, 3] + 1) % TARGET
    other_source[0, 4] = ADJECTIVES + (source[0, 4] - ADJECTIVES + 1) % NOUNS
    changed = decode(parameters, encode(parameters, source, translator), other_target, translator)
    torch.testing.assert_close(changed[:, :3], logits[:, :3])
    assert not torch.allclose(changed[:, 3:], logits[:, 3:])
    changed = decode(parameters, encode(parameters, other_source, translator), target, translator)
    assert not torch.allclose(changed[:, 0], logits[:, 0])
    assert translate(parameters, source, translator, START, WORDS).shape == (1, WORDS)


def test_perplexity_tracks_the_quality_of_translations():
    points = learn(steps=120, every=20)
    perplexities, words = [np.array([getattr(p, name) for p in points]) for name in ("perplexity", "words")]
    assert (np.diff(perplexities) < 0).all()
    assert (np.diff(words) >= 0).all()
    assert perplexities[0] > 0.9 * TARGET
    assert perplexities[-1] < 1.5
    assert points[0].sentences == 0
    assert points[-1].sentences > 0.8
