"""Tables that determine no law are refused with the reason; tables that do are not."""

from __future__ import annotations

import numpy as np
import pytest

from lm.errors import LMError
from lm.scaling.fit import fit
from lm.scaling.law import Law
from lm.scaling.table import Runs

from .conftest import TRUE, synthetic


def grid(sizes, tokens, law=TRUE) -> Runs:
    n, d = (x.ravel() for x in np.meshgrid(sizes, tokens))
    return Runs(n, d, law.loss(n, d), "grid.csv")


SIZES, TOKENS = np.geomspace(1e8, 1e10, 4), np.geomspace(1e9, 1e11, 4)


def test_a_small_grid_is_enough():
    assert pytest.approx(TRUE.E, rel=1e-3) == fit(grid(SIZES[:3], TOKENS[:3])).law.E


@pytest.mark.parametrize(
    ("runs", "reason"),
    [
        (grid(SIZES[:1], TOKENS[:2]), "has 2 rows for the law's five constants"),
        (grid(SIZES[:1], TOKENS[:1]), "has 1 row for"),
        (grid([2e8], np.geomspace(1e9, 1e11, 9)), r"all rows of grid\.csv have the same N, 2e\+08"),
        (grid(np.geomspace(1e8, 1e10, 9), [3e9]), r"all rows of grid\.csv have the same D, 3e\+09"),
        (grid(SIZES[:2], TOKENS), "two different N"),
        (grid(SIZES, TOKENS[:2]), "two different D"),
    ],
)
def test_designs(runs, reason):
    with pytest.raises(LMError, match="the fit is not determined: .*" + reason):
        fit(runs)


def test_tokens_that_follow_from_parameters():
    sizes = np.geomspace(1e8, 1e10, 20)
    with pytest.raises(LMError, match="D follows from N"):
        fit(Runs(sizes, 20 * sizes, TRUE.loss(sizes, 20 * sizes)))


def test_a_loss_that_does_not_depend_on_size():
    n, d = (x.ravel() for x in np.meshgrid(SIZES, TOKENS))
    with pytest.raises(LMError, match="not determined"):
        fit(Runs(n, d, 1.8 + 2100 / d**0.37))


def test_a_constant_loss():
    n, d = (x.ravel() for x in np.meshgrid(SIZES, TOKENS))
    with pytest.raises(LMError, match="not determined"):
        fit(Runs(n, d, np.full(16, 2.5)))


def test_no_irreducible_loss():
    n, d = (x.ravel() for x in np.meshgrid(SIZES, TOKENS))
    with pytest.raises(LMError, match="has no term E"):
        fit(Runs(n, d, 400 / n**0.3 + 300 / d**0.25))


def test_noise_alone():
    draw = np.random.default_rng(0)
    runs = synthetic(0, 40)
    with pytest.raises(LMError, match="not determined"):
        fit(Runs(runs.parameters, runs.tokens, 3 * np.exp(0.1 * draw.standard_normal(40))))


def test_a_law_with_much_noise_is_still_one():
    law = fit(synthetic(1, 400, noise=0.03)).law
    assert isinstance(law, Law)
    assert pytest.approx(TRUE.E, abs=0.3) == law.E
