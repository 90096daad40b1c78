"""Puzzle solutions in a transformer's places compute what its own kernels compute."""

from __future__ import annotations

import numpy as np
import pytest

import gpusim
from lm.errors import LMError
from lm.kernels import KernelSet
from puzzles import catalog
from puzzles.check.cases import cases
from puzzles.transformer import PLACES, kernel_set


@pytest.mark.parametrize("name", PLACES)
def test_a_solution_takes_its_place(name):
    puzzle, place = catalog.load(name), PLACES[name]
    default = getattr(KernelSet(), place)
    learned = getattr(kernel_set({name: puzzle.kernel}), place)
    assert learned.parameters == default.parameters
    assert learned.signature == default.signature
    results = []
    for operation in (default, learned):
        arguments = list(list(cases(puzzle, seed=6))[-1].arguments.values())
        grid, block = operation.launch(*arguments)
        gpusim.simulate(operation.kernel)[grid, block](*arguments)
        results.append(arguments[0])
    np.testing.assert_allclose(*results, rtol=1e-3, atol=2e-4)


def test_the_other_places_stay():
    learned = kernel_set({"gelu": catalog.load("gelu").kernel})
    for place, operation in KernelSet():
        assert (getattr(learned, place) is operation) == (place != "gelu")


def test_a_kernel_of_another_puzzle_is_refused():
    with pytest.raises(LMError, match="gelu"):
        kernel_set({"gelu": catalog.load("layer-norm").kernel})
    with pytest.raises(KeyError):
        kernel_set({"map": catalog.load("map").kernel})
