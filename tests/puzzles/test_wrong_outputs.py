"""What a result may not be, in every puzzle: cheap guesses that a loose tolerance would let through."""

from __future__ import annotations

import numpy as np
import pytest

from puzzles import catalog
from puzzles.check.cases import cases
from puzzles.check.compare import close, tolerance_of
from puzzles.check.launch import run_case
from puzzles.spec import Tolerance

every_puzzle = pytest.mark.parametrize("puzzle", catalog.kernel_puzzles(), ids=lambda puzzle: puzzle.id)


def drawn(puzzle, seed=11):
    """The case with the most output elements, and what its reference says."""
    case = max(cases(puzzle, seed), key=lambda case: sum(case.arguments[p.name].size for p in puzzle.outputs))
    return case, puzzle.expected(case.arguments)


def accepted(puzzle, parameter, guess, expected):
    """Whether a guess in the output's own type counts as right."""
    with np.errstate(all="ignore"):
        return bool(close(np.asarray(guess).astype(parameter.dtype), expected, tolerance_of(puzzle)).all())


@every_puzzle
def test_guesses_fail(puzzle):
    case, expected = drawn(puzzle)
    for parameter in puzzle.outputs:
        right = expected[parameter.name]
        assert accepted(puzzle, parameter, right, right), "the reference itself passes"
        guesses = {"zeros": np.zeros_like(right), "ones": np.ones_like(right)}
        guesses["nan"] = np.full(right.shape, np.nan)
        if right.size > 1 and len(np.unique(right)) > 1:
            guesses["the mean"] = np.full_like(right, right.mean())
            guesses["reversed"] = right[::-1] if right.shape[0] > 1 else right[..., ::-1]
        for name, value in case.arguments.items():
            if np.shape(value) == right.shape and name != parameter.name:
                guesses[f"a copy of {name}"] = value
        if parameter.role == "inout":
            guesses["what was there before"] = case.arguments[parameter.name]
        if right.ndim == 2 and right.shape[0] == right.shape[1] and right.shape[0] > 1:
            guesses["the transpose"] = right.T
        for guess, values in guesses.items():
            if not np.array_equal(np.nan_to_num(values, nan=1e30), right):
                assert not accepted(puzzle, parameter, values, right), f"{guess} for {parameter.name}"


@every_puzzle
def test_outputs_of_another_seed_fail(puzzle):
    """In all outputs of the case together: some are the same for all inputs, as a count of elements is."""
    case, expected = drawn(puzzle)
    others = [other for other in cases(puzzle, seed=12) if other.size == case.size] or list(cases(puzzle, seed=13))
    same_shape = [puzzle.expected(other.arguments) for other in others]
    for other in same_shape:
        if all(other[name].shape == expected[name].shape for name in expected):
            assert not all(accepted(puzzle, p, other[p.name], expected[p.name]) for p in puzzle.outputs)


@every_puzzle
def test_each_element_counts(puzzle):
    """One element off by a percent of the output's scale is found."""
    _, expected = drawn(puzzle)
    for parameter in puzzle.outputs:
        right = expected[parameter.name].astype(np.float64)
        wrong = right.copy()
        place = np.unravel_index(int(np.argmax(np.abs(right))), right.shape)
        wrong[place] += max(0.03 * abs(right[place]), 1.0 if parameter.dtype[0] != "f" else 0.0)
        assert not accepted(puzzle, parameter, wrong, expected[parameter.name])


@every_puzzle
def test_barriers_are_tested_between_warps(puzzle):
    """Without a second warp in a block, a missing barrier is at most a hazard within one."""
    blocks = []
    for size in puzzle.sizes:
        case = next(case for case in cases(puzzle, seed=1) if case.size == size)
        if run_case(puzzle.kernels, case).counters["barriers"]:
            blocks += [int(np.prod(launch.block)) for launch in case.launches]
    assert not blocks or max(blocks) > 32


@pytest.mark.parametrize("puzzle", [p for p in catalog.kernel_puzzles() if p.par], ids=lambda puzzle: puzzle.id)
def test_par_is_what_the_solution_needs(puzzle):
    case = next(cases(puzzle, seed=0))
    naive, par = puzzle.par.values(case.size)
    assert puzzle.par.measured(run_case(puzzle.kernels, case).counters) == par < naive


def test_the_tolerance_follows_the_size_of_the_output():
    tolerance = Tolerance(relative=1e-4, absolute=1e-5)
    for scale in (1e-8, 1.0, 1e8):
        expected = scale * np.array([1.0, -2.0, 0.0])
        off = expected + scale * np.array([0.0, 0.0, 1e-6])
        far = expected + scale * np.array([0.0, 0.0, 1e-3])
        assert close(off.astype(np.float32), expected, tolerance).all()
        assert not close(far.astype(np.float32), expected, tolerance).all()
    one = Tolerance(relative=1e-4, absolute=1e-5, least=0.1)
    near = np.array([-2e-5])
    assert not close(near + 5e-7, near, tolerance).any()
    assert close(near + 5e-7, near, one).all(), "a single number that came out near 0"
    assert not close(near + 5e-6, near, one).any()
    assert not close(np.array([1.001]), np.array([1.0]), one).any()
    whole = np.array([1, 2, 3])
    assert close(whole.astype(np.int32), whole, tolerance).tolist() == [True] * 3
    assert close(np.array([1, 2, 4], np.uint8), whole, tolerance).tolist() == [True, True, False]


def test_nan_is_never_right_and_infinity_only_where_it_belongs():
    tolerance = Tolerance()
    assert not close(np.array([np.nan], np.float32), np.array([np.nan]), tolerance).any()
    assert not close(np.array([np.inf], np.float32), np.array([1e30]), tolerance).any()
    assert close(np.array([np.inf], np.float32), np.array([np.inf]), tolerance).all()
