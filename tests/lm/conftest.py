"""Fixtures of the lm tests: tiny models, random arrays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from lm.checkpoint import Checkpoint, save_checkpoint
from lm.config import Config
from lm.ngram import count_bigrams
from lm.tokens import Vocabulary
from lm.transformer import initial

TEXT = "the cat sat on the mat; the dog sat on the log.\n" * 40


@pytest.fixture(autouse=True)
def _one_thread():
    """Tiny matrices are faster on one thread, and several tests run at once."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def normal() -> Callable[..., np.ndarray]:
    """normal(2, 3): float32 [2, 3] from a normal distribution; every call draws new numbers."""
    generator = np.random.default_rng(7)
    return lambda *shape: generator.standard_normal(shape, dtype=np.float32)


@pytest.fixture
def tiny() -> Checkpoint:
    """A random model with awkward sizes: nothing is a multiple of a tile.  All parameters are random."""
    vocabulary = Vocabulary.of(TEXT)
    config = Config(len(vocabulary), context=21, width=30, layers=2, heads=3)
    generator = torch.Generator().manual_seed(3)
    parameters = {
        name: (p + 0.2 * torch.randn(p.shape, generator=generator)).numpy()
        for name, p in initial(config, generator).items()
    }
    bigrams = count_bigrams(vocabulary.encode(TEXT), len(vocabulary))
    return Checkpoint(config, vocabulary, parameters, bigrams, {"source": "a test"})


@pytest.fixture
def tiny_file(tiny: Checkpoint, tmp_path: Path) -> Path:
    """`tiny` in a file."""
    path = tmp_path / "tiny.safetensors"
    save_checkpoint(tiny, path)
    return path


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    """TEXT in a file."""
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """cli("eval", "--json") -> (exit status, stdout, stderr)."""
    from lm.__main__ import main

    def call(*arguments: object) -> tuple[int, str, str]:
        status = main([str(a) for a in arguments])
        return status, *capsys.readouterr()

    return call
