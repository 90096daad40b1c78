"""Mutants of the solutions: one that the checker lets pass must be as right as the solution, by brute force.

Brute force is many more cases than a check has, compared with the reference, and no finding in any of them. Survivors
are changes without an effect: an array that is larger, another thread that stores the same. `support.survivors` has
them, and why, for the puzzles all of whose mutants have been looked at.
"""

from __future__ import annotations

import ast
import random

import numpy as np
import pytest
from support.mutations import mutants
from support.survivors import SURVIVORS

from puzzles import catalog
from puzzles.check import check_kernel, gate
from puzzles.check.build import build
from puzzles.check.cases import cases
from puzzles.check.judge import judge
from puzzles.check.launch import run_case
from puzzles.source import solution

SAMPLED = 2
"""Mutants of each puzzle in an ordinary run; `-m slow` takes all."""

BRUTE = 8
"""Checks' worth of cases that a mutant has to stand."""


def kernels_of(puzzle, text):
    try:
        return build(text, "mutant.py", tuple(puzzle.kernels))
    except gate.Refused:
        return None


def survives_wrongly(puzzle, kernels) -> str:
    """Why a mutant that passed a check should not have; empty if brute force finds nothing either."""
    for seed in range(100, 100 + BRUTE):
        for case, overwritten in zip(cases(puzzle, seed), cases(puzzle, seed), strict=True):
            with np.errstate(all="ignore"):
                _, reasons = judge(puzzle, case, run_case(kernels, overwritten))
            if reasons:
                return f"{case.size}: {reasons[0].message}"
    return ""


def changed_line(puzzle, text) -> tuple[str, str]:
    """The first line of a mutant that differs, before and after."""
    before = ast.unparse(ast.parse(solution(puzzle, catalog.number(puzzle)))).splitlines()
    pairs = zip(before, text.splitlines(), strict=False)
    return next(((old.strip(), new.strip()) for old, new in pairs if old != new), ("", ""))


def examine(puzzle, chosen) -> list[tuple[str, str]]:
    """The survivors among some mutants, by the line that was changed. Fails for one that is wrong."""
    survivors = []
    for what, text in chosen:
        kernels = kernels_of(puzzle, text)
        if kernels is None or not check_kernel(kernels, puzzle, seed=1).passed:
            continue
        why = survives_wrongly(puzzle, kernels)
        assert not why, f"{puzzle.id} passes with {what}, and yet {why}"
        survivors.append(changed_line(puzzle, text))
    return survivors


def all_mutants(puzzle):
    return list(mutants(solution(puzzle, catalog.number(puzzle))))


@pytest.mark.parametrize("puzzle", catalog.kernel_puzzles(), ids=lambda puzzle: puzzle.id)
def test_some_mutants(puzzle):
    chosen = all_mutants(puzzle)
    assert len(chosen) >= 2
    examine(puzzle, random.Random(puzzle.id).sample(chosen, SAMPLED))


@pytest.mark.slow
@pytest.mark.parametrize("puzzle", catalog.kernel_puzzles(), ids=lambda puzzle: puzzle.id)
def test_all_mutants(puzzle, capsys):
    survivors = examine(puzzle, all_mutants(puzzle))
    unexplained = [line for line in survivors if line not in SURVIVORS.get(puzzle.id, {})]
    with capsys.disabled():
        print("", *(f"{puzzle.id}: {line}" for line in unexplained), sep="\n")
    assert not unexplained or puzzle.id not in SURVIVORS
