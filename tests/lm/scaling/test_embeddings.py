"""What leaving out embeddings does to the exponent: against a search for the optimum, and as published."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from lm.errors import LMError
from lm.scaling.embeddings import CHINCHILLA, KAPLAN_SIZES, Embeddings, local_exponent, optimal_compute, seen_exponent
from lm.scaling.law import Law
from lm.scaling.named import LAWS

from .conftest import TRUE

SHAPES = (CHINCHILLA, Embeddings(209, 0.5))


def searched(law: Law, embeddings: Embeddings, compute: float) -> float:
    """log of the M with the lowest loss at C = 6 M D, by bounded search."""

    def loss(log_m: float) -> float:
        m = np.exp(log_m)
        return float(law.loss(embeddings.total(m), compute / 6 / m))

    return float(minimize_scalar(loss, bounds=(0, 60), method="bounded", options={"xatol": 1e-9}).x)


@pytest.mark.parametrize("embeddings", SHAPES)
@pytest.mark.parametrize("law", [TRUE, Law(3.2, 2000, 1e5, 1.1, 1.0)])
def test_the_optimum_is_where_a_search_finds_it(embeddings, law):
    for m in (1e3, 3e5, 1e9):
        compute = float(optimal_compute(law, embeddings, m))
        assert searched(law, embeddings, compute) == pytest.approx(np.log(m), abs=1e-4)
        step = 0.02
        rise = searched(law, embeddings, compute * np.exp(step)) - searched(law, embeddings, compute * np.exp(-step))
        assert local_exponent(law, embeddings, m) == pytest.approx(rise / (2 * step), abs=2e-3)


@pytest.mark.parametrize("embeddings", SHAPES)
def test_the_ends(embeddings):
    a, b = TRUE.alpha, TRUE.beta
    assert local_exponent(TRUE, embeddings, 1e-12) == pytest.approx(b / (embeddings.power * a + b), abs=1e-3)
    assert local_exponent(TRUE, embeddings, 1e30) == pytest.approx(TRUE.parameter_exponent, abs=1e-3)
    assert seen_exponent(TRUE, embeddings, (1e28, 1e30)) == pytest.approx(TRUE.parameter_exponent, abs=1e-3)


def test_the_formula_is_the_published_one():
    """Pearce & Song 2024 write it with the powers of M that a fixed shape has."""
    w, m = CHINCHILLA.factor, np.geomspace(1e2, 1e12, 30)
    x = m ** (2 / 3)
    slope = 1 - (x + w / 9) / (x + w / 3) / TRUE.beta + (TRUE.alpha + 1) / TRUE.beta * (x + w / 3) / (x + w)
    assert local_exponent(TRUE, CHINCHILLA, m) == pytest.approx(1 / slope)


def test_kaplans_exponent_appears_at_kaplans_sizes():
    """Kaplan et al. 2020 have 0.73, where the law itself has 0.51."""
    law = LAWS["besiroglu-2024"].dense
    assert law.parameter_exponent == pytest.approx(0.513, abs=1e-3)
    assert seen_exponent(law, CHINCHILLA, KAPLAN_SIZES) == pytest.approx(0.787, abs=1e-3)


def test_two_sizes_are_needed():
    for sizes in ((1e3, 1e3), (0, 1e3), (1e4, 1e3)):
        with pytest.raises(LMError, match="the smaller first"):
            seen_exponent(TRUE, CHINCHILLA, sizes)
