"""Every puzzle is complete and consistent, its solution solves it, and its skeleton does not."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from gpusim.kernel.source import Kernel
from puzzles import catalog
from puzzles.check import check_file, check_kernel, gate
from puzzles.check.cases import cases
from puzzles.describe import page
from puzzles.source import file_name, same_program, skeleton, solution
from puzzles.spec import Puzzle

every_puzzle = pytest.mark.parametrize("puzzle", catalog.kernel_puzzles(), ids=lambda puzzle: puzzle.id)


def test_the_course_is_long_enough_and_in_order():
    names = catalog.ids()
    assert len(names) == len(set(names)) >= 12
    lecture = ["gemm-naive-3x3", "gemm-shared-3x3", "gemm-naive-6x6", "gemm-tiled-6x6", "gemm-any-size"]
    assert [name for name in names if name in lecture] == lecture
    assert [catalog.number(catalog.load(name)) for name in names] == list(range(1, len(names) + 1))


def test_a_puzzle_is_found_by_id_and_by_number():
    assert catalog.load("map") is catalog.load("1")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("gemm-naive-3x4", "did you mean gemm-naive-3x3"),
        ("softmax", "softmax-online"),
        ("0", "python -m puzzles list"),
        ("999", "python -m puzzles list"),
        ("", "python -m puzzles list"),
        ("../spec", "there is no puzzle"),
    ],
)
def test_an_unknown_id_is_answered_with_near_ones(typed, told):
    with pytest.raises(catalog.UnknownPuzzle, match=told):
        catalog.load(typed)


def test_titles_are_unique():
    titles = [puzzle.title for puzzle in catalog.puzzles()]
    assert len(set(titles)) == len(titles)


@every_puzzle
def test_a_puzzle_is_complete(puzzle: Puzzle):
    assert puzzle.title and puzzle.task
    assert 2 <= len(puzzle.hints) <= 4
    assert all(hint.strip() == hint and hint.endswith((".", "?")) for hint in puzzle.hints)
    assert any(limit.counter == "global loads" for limit in puzzle.limits)
    assert all(limit.why.endswith(".") for limit in puzzle.limits)
    assert puzzle.outputs


@every_puzzle
def test_the_kernel_has_the_declared_parameters(puzzle: Puzzle):
    for launch in puzzle.launches(puzzle.sizes[0]):
        parameters = Kernel.of(puzzle.kernels[launch.kernel]).parameters
        assert len(parameters) == len(puzzle.arguments(launch))
        if launch.arguments is None:
            assert parameters == tuple(p.name for p in puzzle.parameters)


@every_puzzle
def test_the_reference_gives_the_declared_shapes(puzzle: Puzzle):
    for case in cases(puzzle, seed=0):
        expected = puzzle.expected(case.arguments)
        for parameter in puzzle.outputs:
            assert expected[parameter.name].shape == parameter.dimensions(case.size)
            assert np.isfinite(expected[parameter.name]).all()


@every_puzzle
def test_a_size_can_be_read_off_the_arguments(puzzle: Puzzle):
    for case in cases(puzzle, seed=0):
        found = puzzle.size_of(list(case.arguments.values()))
        assert found.items() <= case.size.items()
        assert puzzle.launches({**case.size, **found}) == puzzle.launches(case.size)


@every_puzzle
def test_the_solution_passes(puzzle: Puzzle):
    verdict = check_kernel(puzzle.kernels, puzzle)
    assert verdict.passed, verdict
    assert not verdict.notes


@every_puzzle
def test_the_limits_leave_nothing_to_spare(puzzle: Puzzle):
    """Reads and stores to global memory: the solution needs exactly what the limits allow."""
    for launched in check_kernel(puzzle.kernels, puzzle).launches:
        for measure in launched.measures:
            if measure.counter in ("global loads", "global stores"):
                assert measure.measured == measure.bound, (launched.size, measure)


@every_puzzle
def test_the_solution_is_a_file_that_passes_the_gate(puzzle: Puzzle):
    text = solution(puzzle, catalog.number(puzzle))
    tree = gate.parse(text)
    gate.inspect_file(tree, tuple(puzzle.kernels))
    assert gate.puzzle_id(tree) == puzzle.id
    assert "HOLE" not in text


@every_puzzle
def test_the_skeleton_is_the_solution_with_holes(puzzle: Puzzle):
    number = catalog.number(puzzle)
    whole, holes = solution(puzzle, number), skeleton(puzzle, number)
    gate.inspect_file(gate.parse(holes), tuple(puzzle.kernels))
    assert ("# HOLE: " in holes) is (puzzle.defect is None) and "END HOLE" not in holes
    assert not same_program(whole, holes)
    assert page(puzzle, number) in holes
    if puzzle.defect:
        return
    added = ("pass", "PREDICTION = None")
    own = [line for line in holes.splitlines() if "# HOLE: " not in line and line.strip() not in added]
    assert set(own) <= set(whole.splitlines())


@every_puzzle
def test_the_skeleton_is_rejected(puzzle: Puzzle, judge_text, tmp_path):
    """As written by `start` it is called open; with any change to it, its kernel runs and fails."""
    text = skeleton(puzzle, catalog.number(puzzle))
    path = tmp_path / file_name(puzzle, catalog.number(puzzle))
    path.write_text(text, encoding="utf-8")
    untouched = check_file(path)
    assert untouched.untouched and not untouched.passed
    assert ("the defect in" if puzzle.defect else "still empty") in str(untouched)
    verdict = judge_text(puzzle.id, text)
    assert not verdict.passed
    assert puzzle.defect or verdict.reasons[0].kind in ("unwritten", "result")


def test_names_that_the_kernel_reaches_come_along():
    layer_norm = catalog.load("layer-norm")
    tree = ast.parse(solution(layer_norm, 1))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions == ["block_sum", "kernel"]
    assert "layer_norm(" not in solution(layer_norm, 1)
