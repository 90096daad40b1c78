"""Counts against closed forms, against the tensors themselves, and against torch's own counter."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from lm.config import Config, gpt2, modern, parameter_count
from lm.counting import cache_bytes, dense_parameters, forward_flops, parameters_by_part, training_flops
from lm.transformer import forward, initial

GPT2_SMALL = gpt2(50257, context=1024, width=768, layers=12, heads=12, bias=False, tied=True)
CONFIGS = [
    gpt2(11, context=8, width=12, layers=2, heads=3),
    modern(11, context=8, width=12, layers=3, heads=4, kv_heads=2, head_width=6, hidden=20, ngrams=3, ngram_rows=7),
    Config(5, context=9, width=8, layers=1, heads=2, norm="none", positions="none", causal=False, tied=True),
]


def test_gpt2_small():
    assert sum(forward_flops(GPT2_SMALL, 1024).values()) == 291_648_307_200
    assert parameters_by_part(GPT2_SMALL) == {
        "embedding": 50257 * 768,
        "positions": 1024 * 768,
        "tables": 0,
        "attention": 12 * 4 * 768**2,
        "mlp": 12 * 8 * 768**2,
        "norms": 25 * 768,
        "head": 0,
    }
    assert sum(parameters_by_part(GPT2_SMALL).values()) == 124_337_664
    assert training_flops(GPT2_SMALL, 10 * 1024) == 30 * 291_648_307_200
    assert cache_bytes(GPT2_SMALL, 1024) == 75_497_472  # 72 MiB


@pytest.mark.parametrize("config", CONFIGS)
def test_parameters_are_all_counted_once(config):
    parameters = initial(config, torch.Generator().manual_seed(0))
    assert sum(parameters_by_part(config).values()) == parameter_count(config)
    assert sum(p.numel() for p in parameters.values()) == parameter_count(config)
    tables = sum(p.numel() for name, p in parameters.items() if "ngram" in name)
    assert dense_parameters(config) == parameter_count(config) - tables


@pytest.mark.parametrize("config", CONFIGS)
def test_torch_counts_the_same_operations(config):
    parameters = initial(config, torch.Generator().manual_seed(0))
    with FlopCounterMode(display=False) as counter:
        forward(parameters, torch.zeros((2, 8), dtype=torch.long), config)
    assert counter.get_total_flops() == 2 * sum(forward_flops(config, 8).values())
