"""What the sweep in the package shows, read off its table: the numbers that the READMEs quote."""

from __future__ import annotations

import pytest

from lm.language import exact_entropy
from lm.scaling.sweep.measured import COUNTS, HOFFMANN, KAPLAN, SHIPPED, Rise, expected_exponent, readings, rises
from lm.scaling.sweep.plan import LANGUAGE, STEPS, TOKENS, WIDTHS, grid
from lm.scaling.sweep.records import read_table


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    return read_table(SHIPPED)


@pytest.fixture(scope="module")
def found(rows) -> dict:
    return {(r.counted, r.schedule): r for r in readings(rows, samples=60)}


def test_the_table_is_of_the_grid(rows):
    expected = {(t.width, steps * TOKENS, t.schedule, t.seed) for t in grid(seeds=2) for steps in t.records}
    assert {(row["width"], row["D"], row["schedule"], row["seed"]) for row in rows} == expected
    assert len(rows) == len(expected) == 2 * 2 * len(WIDTHS) * len(STEPS)
    entropy = exact_entropy(LANGUAGE).nats_per_token
    assert [row["loss"] for row in rows] == pytest.approx([entropy + row["excess"] for row in rows], abs=1e-6)
    assert min(row["excess"] for row in rows) == pytest.approx(0.0132, abs=1e-4)  # no run gets below the entropy


def test_the_law_finds_the_entropy(found):
    entropy = exact_entropy(LANGUAGE).nats_per_token
    for counted in COUNTS:
        reading = found[counted, "own"]
        assert -0.03 < reading.fit.law.E - entropy < 0
        low, high = reading.errors.intervals["E"]
        assert 3.0 < low < entropy < high


def test_leaving_out_embeddings_raises_the_exponent_as_expected(rows, found):
    first = found["N", "own"]
    assert first.exponent == pytest.approx(0.417, abs=1e-3)
    rise = _rise(found, "N_without_embeddings", "own")
    assert rise.value == pytest.approx(0.143, abs=1e-3)
    low, high = rise.interval
    assert 0.05 < low < rise.value < high < 0.2
    bare = found["N_without_embeddings", "own"]
    assert bare.exponent == pytest.approx(expected_exponent(rows, first.fit.law), abs=0.01)


def test_kaplans_exponent_appears_with_both_habits_and_goes_away_without(found):
    both, neither = found["N_without_embeddings", "shared"], found["N", "own"]
    assert both.exponent == pytest.approx(0.712, abs=1e-3)
    assert HOFFMANN < both.exponent_interval[0] < KAPLAN < both.exponent_interval[1]
    assert neither.exponent_interval[0] < HOFFMANN < neither.exponent_interval[1] < KAPLAN


def test_both_habits_raise_it_surely_and_the_warm_up_alone_does_not(found):
    alone, both = _rise(found, "N", "shared"), _rise(found, "N_without_embeddings", "shared")
    assert alone.value == pytest.approx(0.165, abs=1e-3)
    assert alone.interval[0] < 0 < alone.interval[1]
    assert both.value == pytest.approx(0.295, abs=1e-3)
    assert 0.03 < both.interval[0] < both.value < both.interval[1]


def _rise(found: dict, counted: str, schedule: str) -> Rise:
    return next(r for r in rises(list(found.values())) if (r.counted, r.schedule) == (counted, schedule))
