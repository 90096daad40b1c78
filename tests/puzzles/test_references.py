"""The puzzles' references against PyTorch."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from puzzles import catalog
from puzzles.check.cases import cases

torch = pytest.importorskip("torch")
functional = torch.nn.functional


def attention(q: Any, k: Any, v: Any) -> Any:
    return functional.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0]


def weights(q: Any, k: Any, v: Any) -> Any:
    """Attention weights: attention to the identity matrix."""
    return attention(q, k, torch.eye(len(q), dtype=q.dtype))


TORCH = {
    "map": lambda a: torch.add(1, a, alpha=2),
    "guard": lambda alpha, x, y: torch.add(y, x, alpha=float(alpha)),
    "add-bias": lambda x, bias: x + bias,
    "gemm-naive-3x3": torch.matmul,
    "gemm-shared-3x3": torch.matmul,
    "gemm-naive-6x6": torch.matmul,
    "gemm-tiled-6x6": torch.matmul,
    "gemm-any-size": lambda c, a, b, alpha, beta: torch.addmm(c, a, b, alpha=float(alpha), beta=float(beta)),
    "row-sum": lambda x: x.sum(1),
    "softmax-three-pass": lambda x: torch.softmax(x, 1),
    "softmax-online": lambda x: torch.softmax(x, 1),
    "attention-scores": lambda q, k, v: (attention(q, k, v), weights(q, k, v)),
    "attention-streaming": attention,
    "attention-tiled": attention,
    "layer-norm": lambda x, gain, bias: functional.layer_norm(x, x.shape[1:], gain, bias, eps=1e-5),
    "gelu": lambda x: functional.gelu(x, approximate="tanh"),
    "embedding": lambda tokens, token, position: (functional.embedding(tokens, token) + position).flatten(0, 1),
    "cross-entropy": lambda logits, targets: functional.cross_entropy(logits, targets.long(), reduction="none"),
}


def test_every_puzzle_has_a_counterpart():
    assert list(TORCH) == catalog.ids()


@pytest.mark.parametrize("name", TORCH)
def test_the_reference_agrees_with_torch(name):
    puzzle = catalog.load(name)
    for case in itertools.islice(cases(puzzle, seed=5), 9):
        inputs = [case.arguments[p.name] for p in puzzle.parameters if p.role != "out"]
        tensors = [
            torch.from_numpy(x.astype("float64") if x.dtype.kind == "f" else x) if x.shape else x for x in inputs
        ]
        results = TORCH[name](*tensors)
        results = results if isinstance(results, tuple) else (results,)
        for expected, result in zip(puzzle.expected(case.arguments).values(), results, strict=True):
            np.testing.assert_allclose(expected, result.numpy(), rtol=1e-9, atol=1e-9)
