"""The judge on made-up outcomes, and the drawing of cases."""

from __future__ import annotations

import numpy as np
import pytest

from gpusim.kernel.source import Kernel
from puzzles import catalog
from puzzles.check import check_kernel
from puzzles.check.cases import Case, cases, poison
from puzzles.check.judge import judge, notes
from puzzles.check.outcome import Outcome

MATMUL = catalog.load("gemm-naive-3x3")


@pytest.fixture
def case() -> Case:
    return next(cases(MATMUL, seed=4))


COUNTERS = {
    "global loads": 54,
    "global load bytes": 54 * 4,
    "global loads of the busiest thread": 6,
    "global writes": 9,
    "global writes of the busiest thread": 1,
    "global atomics": 0,
}
WRITES = {"a": 0, "b": 0, "c": 9 * 4}
"""What the solution of the naive product leaves behind: counts, and bytes written."""


def outcome(case: Case, c: np.ndarray, **changes: object) -> Outcome:
    """What a well-behaved kernel with the result `c` leaves behind, but for the changes."""
    kept = Outcome({**case.arguments, "c": c}, COUNTERS, WRITES)
    for name, value in changes.items():
        setattr(kept, name, value)
    return kept


def right(case: Case) -> np.ndarray:
    return (case.arguments["a"].astype(float) @ case.arguments["b"].astype(float)).astype(np.float32)


def kinds(case: Case, judged: Outcome) -> list[str]:
    return [reason.kind for reason in judge(MATMUL, case, judged)[1]]


def test_the_right_result_passes(case):
    launched, reasons = judge(MATMUL, case, outcome(case, right(case)))
    assert launched.passed and not reasons
    assert [m.measured for m in launched.measures] == [54, 9, 6, 1]


def test_a_result_that_no_thread_stored_is_not_the_kernel_s(case):
    """The right numbers in the array, and counters that know of no store."""
    assert kinds(case, outcome(case, right(case), writes={**WRITES, "c": 0})) == ["host"]
    assert kinds(case, outcome(case, right(case), writes={**WRITES, "c": 32})) == ["host"]


def test_any_wrong_element_is_found(case):
    for i, j in np.ndindex(3, 3):
        wrong = right(case)
        wrong[i, j] += 0.01
        _, (reason,) = judge(MATMUL, case, outcome(case, wrong))
        assert f"c[{i}, {j}] should be" in reason.message
        assert "1 of 9" in reason.message


def test_nan_is_wrong_and_told_apart_from_poison(case):
    wrong = right(case)
    wrong[1, 1] = np.nan
    assert kinds(case, outcome(case, wrong)) == ["result"]
    wrong[1, 1] = case.arguments["c"][1, 1]
    assert kinds(case, outcome(case, wrong)) == ["unwritten"]


def test_a_changed_input_is_found_even_if_the_result_is_right(case):
    changed = outcome(case, right(case))
    changed.arrays["a"] = case.arguments["a"].copy()
    changed.arrays["a"][2, 0] = -0.0
    assert kinds(case, changed) == ["input"]


def test_findings_reject_by_severity(case):
    for severity, expected in (("error", ["finding"]), ("warning", ["finding"]), ("note", [])):
        found = outcome(case, right(case), findings=[{"severity": severity, "message": "a race", "line": 9}])
        assert kinds(case, found) == expected
        assert notes(found) == ([] if expected else ["line 9: a race"])


def test_limits_come_last(case):
    greedy = {**COUNTERS, "global loads": 81, "global writes": 36}
    assert kinds(case, outcome(case, right(case), counters=greedy)) == ["limit", "limit"]
    assert kinds(case, outcome(case, right(case) + 1, counters=greedy)) == ["result"]


def test_fewer_reads_than_elements_are_refused(case):
    """Each element of a and b is needed: 18 reads may be clever, 17 are not enough."""
    for reads, expected in ((18, []), (17, ["footprint"])):
        few = {**COUNTERS, "global loads": reads, "global load bytes": 4 * reads, "global atomics": 0}
        assert kinds(case, outcome(case, right(case), counters=few)) == expected


def test_an_early_end_is_the_only_reason(case):
    early = Outcome(dict(case.arguments), error="out of bounds", error_line=3)
    _, (reason,) = judge(MATMUL, case, early)
    assert (reason.kind, reason.line, reason.message) == ("launch", 3, "out of bounds")


def test_missing_launches_do_not_count_as_passed(monkeypatch):
    """A process that reports fewer launches than were to be made has not shown anything."""
    import puzzles.check.launch as launch

    monkeypatch.setattr(launch, "outcomes", lambda *_: iter(()))
    verdict = check_kernel(MATMUL.kernel, MATMUL)
    assert not verdict.passed
    assert "left out this launch" in verdict.reasons[0].message


@pytest.mark.parametrize("puzzle", catalog.kernel_puzzles(), ids=lambda puzzle: puzzle.id)
def test_cases_follow_from_the_seed(puzzle):
    one, same, other = (list(cases(puzzle, seed)) for seed in (7, 7, 8))
    for left, right in zip(one, same, strict=True):
        assert left.size == right.size
        for name in left.arguments:
            np.testing.assert_array_equal(left.arguments[name], right.arguments[name])
    assert one[-1].size == (puzzle.one_by_one or puzzle.sizes[0])
    several_blocks = any(np.prod(launch.grid) > 1 for launch in one[-1].launches)
    in_turn = [1] if several_blocks and puzzle.one_by_one else [None, 1] if several_blocks else [None]
    assert [case.resident for case in one if case.order is not None] == in_turn
    assert all(case.order is None for case in one[: -len(in_turn)])
    inputs = [p.name for p in puzzle.parameters if p.is_drawn and p.shape]
    assert any(not np.array_equal(one[0].arguments[name], other[0].arguments[name]) for name in inputs)


@pytest.mark.parametrize("puzzle", catalog.kernel_puzzles(), ids=lambda puzzle: puzzle.id)
def test_cases_cover_the_sizes_and_poison_the_outputs(puzzle):
    drawn = list(cases(puzzle, seed=2))
    for size in puzzle.sizes:
        assert sum(case.size == size for case in drawn) >= puzzle.rounds
    for case in drawn:
        assert list(case.arguments) == [p.name for p in puzzle.parameters]
        for parameter in puzzle.parameters:
            value = case.arguments[parameter.name]
            assert value.dtype == parameter.dtype and value.shape == parameter.dimensions(case.size)
            if parameter.role == "out":
                assert value.dtype.kind != "f" or np.isnan(value).all()
            elif parameter.role == "in" and parameter.dtype.startswith("float"):
                assert np.isfinite(value).all()


def test_a_check_without_a_seed_draws_new_inputs():
    seeds = {check_kernel(MATMUL.kernel, MATMUL).seed for _ in range(3)}
    assert len(seeds) == 3


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_poison_of_floats_is_a_nan_of_its_own(dtype):
    values = poison(np.random.default_rng(1), (3,), dtype)
    assert np.isnan(values).all()
    bits = f"uint{8 * values.dtype.itemsize}"
    assert (values.view(bits) != np.full(3, np.nan, dtype=dtype).view(bits)).all()


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64"])
def test_poison_of_integers_is_noise(dtype):
    """A known value could be taken into account: out[i] += right - known."""
    one, other = (poison(np.random.default_rng(seed), (64,), dtype) for seed in (1, 2))
    assert len(np.unique(one)) > 16 and (one != other).any()


def test_poison_survives_the_launch_of_a_kernel_that_does_nothing():
    def kernel(c, a, b):
        pass

    assert Kernel.of(kernel).parameters == ("c", "a", "b")
    (reason,) = check_kernel(kernel, MATMUL).reasons
    assert "9 of 9 elements of c still hold the poison" in reason.message
