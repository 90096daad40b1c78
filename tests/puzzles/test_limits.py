"""Reads measured by the simulator against numbers worked out by hand or by counting, not by formula."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import gpusim
from puzzles import catalog
from puzzles.check import check_kernel
from puzzles.check.cases import cases
from puzzles.spec import Limit, evaluate


def measured(name: str) -> gpusim.Run:
    """The run of a puzzle's solution at its first size."""
    puzzle = catalog.load(name)
    case = next(cases(puzzle, seed=3))
    (launch,) = case.launches
    return gpusim.simulate(puzzle.kernel)[launch.grid, launch.block](*case.arguments.values())


@pytest.mark.parametrize(
    ("name", "loads", "stores"),
    [("gemm-naive-3x3", 54, 9), ("gemm-shared-3x3", 18, 9), ("gemm-naive-6x6", 432, 36), ("gemm-tiled-6x6", 144, 36)],
)
def test_the_lecture_s_numbers(name, loads, stores):
    run = measured(name)
    assert run.counts["global"]["loads"] == loads
    assert run.counts["global"]["stores"] == stores


@pytest.mark.parametrize(
    ("name", "loads"), [("gemm-naive-3x3", 6), ("gemm-shared-3x3", 2), ("gemm-naive-6x6", 12), ("gemm-tiled-6x6", 4)]
)
def test_every_thread_reads_the_same(name, loads):
    assert set(measured(name).per_thread("global", "loads").ravel().tolist()) == {loads}


def bound(name: str, **size: int) -> int:
    limit = next(limit for limit in catalog.load(name).limits if limit.counter == "global loads")
    return limit.bound(size)


@pytest.mark.parametrize(("m", "k", "n", "beta"), [(1, 1, 1, 0), (5, 7, 3, 2), (4, 8, 4, 1), (9, 2, 13, 3)])
def test_reads_of_the_general_product_counted_tile_by_tile(m, k, n, beta):
    reads = 0
    for top, left, first in itertools.product(range(0, m, 4), range(0, n, 4), range(0, k, 4)):
        rows, columns, depth = min(4, m - top), min(4, n - left), min(4, k - first)
        reads += rows * depth + depth * columns
    assert bound("gemm-any-size", m=m, k=k, n=n, beta=beta, tile=4) == reads + (m * n if beta else 0)


@pytest.mark.parametrize(("t", "d"), [(1, 4), (6, 3), (17, 8)])
def test_reads_of_attention_counted_pair_by_pair(t, d):
    pairs = [(i, j) for i in range(t) for j in range(t) if j <= i]
    scores = sum(2 * d for _ in pairs)
    softmax = sum(2 for _ in pairs)
    values = sum(2 * d for _ in pairs)
    assert bound("attention-scores", t=t, d=d) == scores + softmax + values
    assert bound("attention-streaming", t=t, d=d) == t * d + sum(2 * d for _ in pairs)
    rows = 0
    for first in range(0, t, 4):
        last_query = first + 3
        rows += sum(1 for key in range(t) if key <= last_query)
    assert bound("attention-tiled", t=t, d=d, tile=4) == t * d + 2 * d * rows


@pytest.mark.parametrize(("groups", "t"), [(1, 16), (2, 1), (3, 17), (1, 33)])
def test_reads_of_grouped_heads_counted_block_by_block(groups, t):
    reads = 0
    for _, first in itertools.product(range(groups), range(0, t, 16)):
        queries, keys = min(16, t - first), min(t, first + 16)
        reads += 4 * queries * 8 + keys * 8 + keys * 8
    assert bound("grouped-query", groups=groups, t=t) == reads


def test_tiles_pay_off():
    """What the course is about: each step reads less."""
    assert bound("softmax-online", m=8, n=100) * 3 == bound("softmax-three-pass", m=8, n=100) * 2
    assert bound("softmax-warp", m=8, n=100) * 2 == bound("softmax-online", m=8, n=100)
    assert bound("layer-norm-once", m=8, n=100) * 5 == bound("layer-norm", m=8, n=100) * 3
    assert bound("attention-tiled", t=64, d=8, tile=4) < bound("attention-streaming", t=64, d=8) / 3
    assert bound("attention-streaming", t=64, d=8) < bound("attention-scores", t=64, d=8) / 1.9


def test_limits_are_met_at_every_size_that_can_be_drawn():
    """Many more fresh sizes than one check draws, for the puzzle with the most complicated formula."""
    puzzle = catalog.load("gemm-any-size")
    for seed in range(8):
        verdict = check_kernel(puzzle.kernel, puzzle, seed)
        assert verdict.passed, verdict


def test_a_formula_knows_sizes_and_a_few_functions_and_nothing_else():
    assert evaluate("sum(min(n, i + 4) for i in range(0, n, 4))", {"n": 6}) == 4 + 6
    assert evaluate("ceil(n / 4)", {"n": 5}) == 2
    with pytest.raises(NameError):
        evaluate("open('x')", {"n": 1})


@pytest.mark.parametrize(
    ("counter", "sense", "measured", "kept"),
    [
        ("global loads", "at most", 4, True),
        ("global loads", "at most", 5, False),
        ("occupancy", "at least", 4, True),
        ("occupancy", "at least", 3, False),
    ],
)
def test_a_limit_has_a_direction(counter, sense, measured, kept):
    assert Limit(counter, "2 * n", sense).allows(measured, {"n": 2}) is kept


def test_a_better_kernel_cannot_be_forbidden():
    with pytest.raises(ValueError, match="is a better one"):
        Limit("shared loads", "54", "at least")


def test_a_limit_finds_its_count():
    counters = {"global loads": 7, "global loads of the busiest thread": 2}
    assert Limit("global loads", "1").measured(counters) == 7
    assert Limit("global loads of the busiest thread", "1").measured(counters) == 2


def test_no_launch_is_larger_than_the_hardware_allows():
    for puzzle in catalog.kernel_puzzles():
        for case in itertools.islice(cases(puzzle, seed=9), 8):
            assert all(np.prod(launch.block) <= 1024 for launch in case.launches)
