"""The law's closed forms against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lm.errors import LMError
from lm.scaling.law import Law, training_compute

LAWS = st.builds(
    Law,
    E=st.floats(0.1, 3),
    A=st.floats(1, 5000),
    B=st.floats(1, 5000),
    alpha=st.floats(0.1, 0.8),
    beta=st.floats(0.1, 0.8),
)


@given(LAWS, st.floats(12, 26))
def test_no_other_model_of_the_budget_is_better(law, log_compute):
    best = law.optimum(10**log_compute)
    assert training_compute(best.parameters, best.tokens) == pytest.approx(10**log_compute)
    sizes = best.parameters * np.geomspace(1e-3, 1e3, 2001)
    losses = law.loss(sizes, best.compute / 6 / sizes)
    assert losses.min() >= best.loss * (1 - 1e-12)
    assert best.loss == pytest.approx(losses[1000])


@given(LAWS, st.floats(15, 25))
def test_the_optimum_line_read_backwards(law, log_compute):
    best = law.optimum(10**log_compute)
    assert law.optimal_tokens(best.parameters) == pytest.approx(best.tokens, rel=1e-6)
    if best.loss - law.E > 1e-3:  # else the loss holds too few digits of the compute
        assert law.optimal_compute(best.loss) == pytest.approx(best.compute, rel=1e-6)
        assert law.tokens_for(best.loss, best.parameters) == pytest.approx(best.tokens, rel=1e-6)


def test_what_is_out_of_reach():
    law = Law(1.5, 400, 400, 0.3, 0.3)
    assert law.tokens_for(1.6, 10) == np.inf
    with pytest.raises(LMError, match=r"ends at a loss of 1\.5"):
        law.optimal_compute(1.5)
    with pytest.raises(LMError, match="above 0 FLOP"):
        law.optimum(0)
    with pytest.raises(LMError, match="beta above 0, got -1"):
        Law(1, 1, 1, 1, -1)
