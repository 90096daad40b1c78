"""What is timed: greedy decoding with and without a cache, whose bytes are the formula's."""

from __future__ import annotations

import pytest

from lm.counting import cache_bytes
from lm.inference.timing import generation
from lm.torch_model import TorchModel


@pytest.mark.parametrize("kind", ["grown", "reserved", "none"])
def test_generation_is_timed(tiny, kind):
    model = TorchModel(tiny.config, tiny.parameters)
    cache = {"grown": lambda: model.new_cache(reserve=False), "reserved": model.new_cache, "none": lambda: None}[kind]()
    found = generation(model, tiny.vocabulary.encode("the cat"), 9, cache)
    assert (found.prompt, found.tokens) == (7, 9)
    assert found.first > 0
    assert found.each > 0
    assert found.bytes_needed == cache_bytes(tiny.config, 7 + 8)
    context = cache_bytes(tiny.config, tiny.config.context)
    assert found.cache_bytes == {"grown": found.bytes_needed, "reserved": context, "none": 0}[kind]
    assert cache is None or cache.length == 15
