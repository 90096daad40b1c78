"""Puzzle solutions in a transformer's places compute what its own kernels compute."""

from __future__ import annotations

import numpy as np
import pytest

import gpusim
from lm.config import Config, parameter_shapes
from lm.devices import Simulator
from lm.errors import LMError
from lm.kernel_model import KernelModel
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


@pytest.mark.parametrize("attention", ["fused", "materialised"])
def test_a_transformer_of_solutions_predicts_the_same(attention):
    """Every place that a puzzle fits, taken by its solution: the same losses, and no findings."""
    config = Config(vocabulary=11, context=8, width=12, layers=2, heads=3)
    rng = np.random.default_rng(1)
    parameters = {
        name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in parameter_shapes(config).items()
    }
    tokens, targets = rng.integers(config.vocabulary, size=(2, 2, 7), dtype=np.int32)
    solutions = kernel_set({name: catalog.load(name).kernel for name in PLACES})
    device = Simulator()
    learned = KernelModel(device, config, parameters, solutions, attention).losses(tokens, targets)
    default = KernelModel(Simulator(), config, parameters, attention=attention).losses(tokens, targets)
    np.testing.assert_allclose(learned, default, rtol=1e-4)
    assert {row.kernel for place, row in device.rows.items() if place in PLACES.values()} == {"kernel"}
    assert not [finding for finding in device.findings if finding.severity == "error"]
