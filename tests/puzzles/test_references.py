"""The puzzles' references against PyTorch."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from puzzles import catalog
from puzzles.check.cases import cases

torch = pytest.importorskip("torch")

from support.chapters import every  # noqa: E402

TORCH = {name: counterpart for chapter in every("TORCH") for name, counterpart in chapter.items()}


def test_every_puzzle_has_a_counterpart():
    assert sorted(TORCH) == sorted(puzzle.id for puzzle in catalog.kernel_puzzles())


@pytest.mark.parametrize("name", TORCH)
def test_the_reference_agrees_with_torch(name):
    puzzle = catalog.load(name)
    for case in itertools.islice(cases(puzzle, seed=5), 9):
        inputs = [case.arguments[p.name] for p in puzzle.parameters if p.is_drawn]
        tensors = [
            torch.from_numpy(x.astype("float64") if x.dtype.kind == "f" else x) if x.shape else x for x in inputs
        ]
        results = TORCH[name](*tensors)
        results = results if isinstance(results, tuple) else (results,)
        for expected, result in zip(puzzle.expected(case.arguments).values(), results, strict=True):
            np.testing.assert_allclose(expected, result.numpy(), rtol=1e-9, atol=1e-9)
