"""What the sweep in the package shows, read off its table: the numbers that the READMEs quote."""

from __future__ import annotations

import pytest

from lm.language import exact_entropy
from lm.scaling.sweep.measured import KAPLAN, SHIPPED, expected_exponent, readings, rises
from lm.scaling.sweep.plan import LANGUAGE, STEPS, TOKENS, WIDTHS, grid
from lm.scaling.sweep.records import read_table


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    return read_table(SHIPPED)


@pytest.fixture(scope="module")
def found(rows) -> dict:
    return {(r.counted, r.schedule): r for r in readings(rows, samples=60)}


def test_the_table_is_of_the_grid(rows):
    expected = {(t.width, steps * TOKENS, t.schedule) for t in grid() for steps in t.records}
    assert {(row["width"], row["D"], row["schedule"]) for row in rows} == expected
    assert len(rows) == len(expected) == 2 * len(WIDTHS) * len(STEPS)
    entropy = exact_entropy(LANGUAGE).nats_per_token
    assert [row["loss"] for row in rows] == pytest.approx([entropy + row["excess"] for row in rows], abs=1e-6)
    assert min(row["excess"] for row in rows) == pytest.approx(0.0142, abs=1e-4)  # no run gets below the entropy


def test_the_law_finds_the_entropy(found):
    entropy = exact_entropy(LANGUAGE).nats_per_token
    for reading in found.values():
        assert -0.015 < reading.fit.law.E - entropy < 0
        low, high = reading.errors.intervals["E"]
        assert low > 3.0
        # Read on the way, the interval ends 0.002 to 0.003 below the entropy.
        assert (high > entropy) == (reading.schedule == "own")


def test_leaving_out_embeddings_raises_the_exponent_as_expected(rows, found):
    first = found["N", "own"]
    assert first.exponent == pytest.approx(0.429, abs=1e-3)
    bare = found["N_without_embeddings", "own"]
    rise = next(r for r in rises(list(found.values())) if (r.counted, r.schedule) == (bare.counted, bare.schedule))
    assert rise.value == pytest.approx(0.140, abs=1e-3)
    low, high = rise.interval
    assert 0.05 < low < rise.value < high < 0.2
    assert bare.exponent == pytest.approx(expected_exponent(rows, first.fit.law), abs=0.01)


def test_reading_on_the_way_does_not(found):
    """The other half of Kaplan's reading is not seen here: the change is negative, and its interval holds zero."""
    rise = next(r for r in rises(list(found.values())) if (r.counted, r.schedule) == ("N", "shared"))
    assert rise.value == pytest.approx(-0.121, abs=1e-3)
    low, high = rise.interval
    assert low < 0 < high
    assert found["N_without_embeddings", "shared"].exponent_interval[1] < KAPLAN
