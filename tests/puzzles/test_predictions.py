"""Predictions: every answer is measured on the solution, and answers are read whatever their layout."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gpusim
from puzzles import catalog
from puzzles.check.cases import cases
from puzzles.check.launch import run_case
from puzzles.prediction import Prediction

PREDICTED = [puzzle for puzzle in catalog.kernel_puzzles() if puzzle.prediction and puzzle.prediction.measured]


@pytest.mark.parametrize("puzzle", PREDICTED, ids=[puzzle.id for puzzle in PREDICTED])
def test_the_answer_is_what_the_simulator_measures(puzzle):
    prediction = puzzle.prediction
    case = next(cases(puzzle, seed=0))
    cells = re.fullmatch(r"cells of (\w+) by \((.+)\)", prediction.measured)
    if cells is None:
        assert run_case(puzzle.kernels, case).counters[prediction.measured] == prediction.answer
        return
    shape = case.arguments[cells[1]].shape
    x, y, z = (*map(int, cells[2].split(",")), 0, 0)[:3]
    touched: set[int] = set()
    for launch in case.launches:
        values = [case.arguments[name] if isinstance(name, str) else name for name in launch.arguments]
        run = gpusim.simulate(puzzle.kernels[launch.kernel], trace=True)[launch.grid, launch.block, 0, launch.shared]
        width, height, _ = (*launch.block, 1, 1)[:3]
        for event in run(*values).trace:
            if event.array == cells[1]:
                mine = (event.block == 0) & (event.thread == x + width * (y + height * z))
                touched |= set(event.element[mine].tolist())
    found = [tuple(map(int, np.unravel_index(element, shape))) for element in touched]
    assert sorted(found) == sorted(prediction.answer)


@pytest.mark.parametrize(
    ("answer", "given", "right"),
    [
        (54, "54", True),
        (54, " 54 reads", True),
        (2048, "2_048", True),
        (54, "45", False),
        (54, "", False),
        (54, "5, 4", False),
        (54, "None", False),
        (((0, 1), (1, 1)), "(0, 1), (1, 1)", True),
        (((0, 1), (1, 1)), "((1, 1), (0, 1))", True),
        (((0, 1), (1, 1)), "a[1, 1] a[0,1]", True),
        (((0, 1), (1, 1)), "(0, 1)", False),
        (((0, 1), (1, 1)), "1 0 1 1", False),
        (((3,), (4,)), "4 3", True),
        ("rows", "Rows", True),
        ("rows", "'rows'", True),
        ("rows", "columns", False),
    ],
)
def test_an_answer_is_compared_by_what_it_means(answer, given, right):
    choices = ("rows", "columns") if isinstance(answer, str) else ()
    assert Prediction("What?", answer, "So.", choices=choices).is_right(given) is right


def test_an_answer_is_one_of_the_choices():
    with pytest.raises(ValueError, match="not among the choices"):
        Prediction("Which?", "both", "So.", choices=("one", "the other"))
