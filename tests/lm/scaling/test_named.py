"""Published laws at the values that their papers, or code, give."""

from __future__ import annotations

import numpy as np
import pytest

from lm.errors import LMError
from lm.scaling.kaplan import LINES, PF_DAY
from lm.scaling.mixture import MixtureLaw
from lm.scaling.named import LAWS, named
from lm.scaling.repeated import Overfitting, best_with


@pytest.mark.parametrize(
    ("name", "ratio"),
    [("hoffmann-2022", 92.8), ("hoffmann-2022-unrounded", 59.2), ("besiroglu-2024", 18.4), ("muennighoff-2023", 19.6)],
)
def test_tokens_per_parameter_at_the_budget_of_chinchilla(name, ratio):
    assert named(name).dense.optimum(5.88e23).tokens_per_parameter == pytest.approx(ratio, abs=0.05)


def test_muennighoff_at_the_values_of_their_code():
    law = named("muennighoff-2023").law
    assert float(law.loss(6.34e9, 242e9, 25e9)) == pytest.approx(2.2256440889984477, abs=1e-12)
    assert float(law.loss(8.67e9, 178e9, 25e9)) == pytest.approx(2.2269634075087867, abs=1e-12)


def test_muennighoff_without_repetition_is_the_law_for_fresh_text():
    decay = named("muennighoff-2023").law
    size, tokens = 1e9, decay.law.optimal_tokens(1e9)
    assert float(decay.loss(size, tokens, 1e20)) == pytest.approx(float(decay.law.loss(size, tokens)))
    assert float(decay.supported(tokens)) == pytest.approx(size)
    # Passes never help more than the decay's end: U (1 + R_D*) fresh tokens.
    u = 1e9
    size = float(decay.supported(u))
    end = float(decay.law.loss(size, u * (1 + decay.tokens_decay)))
    assert float(decay.loss(size, 1e6 * u, u)) == pytest.approx(end)


def test_the_best_use_of_limited_text():
    decay = named("muennighoff-2023").law
    assert best_with(decay, 1e22, 1e14).loss == pytest.approx(decay.law.optimum(1e22).loss, abs=1e-9)
    limited = best_with(decay, 1e22, 1e9)
    assert limited.loss > decay.law.optimum(1e22).loss
    sizes = np.geomspace(1e7, 1e13, 4001)
    assert limited.loss <= decay.loss(sizes, 1e22 / 6 / sizes, 1e9).min() + 1e-12
    # More passes than fresh text would get, on a smaller model than 6 N D / U would make it.
    assert 1 < limited.tokens / 1e9 < 1e3


def test_the_price_of_overfitting_turns_back():
    law = Overfitting(named("muennighoff-2023").law.law, 0.02, 1.0, 0.5)
    losses = law.loss(1e9, 1e10 * np.arange(1, 200), 1e10)
    assert losses[0] == pytest.approx(float(law.law.loss(1e9, 1e10)))
    assert 0 < int(np.argmin(losses)) < len(losses) - 1
    with pytest.raises(LMError, match="kappa above 0"):
        Overfitting(law.law, 1, 1, 0)


def test_kaplan():
    law = named("kaplan-2020").law
    # Equation 1.5 at infinite data is a power of N with exponent 0.076, and at infinite N one of D with 0.103.
    assert law.loss(1e8, 1e30) / law.loss(1e9, 1e30) == pytest.approx(10**0.076)
    assert law.loss(1e30, 1e9) / law.loss(1e30, 1e10) == pytest.approx(10**0.103)
    best = law.optimum(PF_DAY)
    assert (best.parameters, best.tokens) == (1.3e9, 2e10)
    assert law.optimum(100 * PF_DAY).parameters == pytest.approx(1.3e9 * 100**0.73)
    assert best.loss == pytest.approx(float(LINES[2].loss(1)))
    assert float(LINES[0].loss(8.8e13)) == 1


def test_mixture_of_experts():
    law = MixtureLaw()
    e, a, b, c, d = law.e, law.a, law.b, law.c, law.d
    dense = e + a / 1e9**law.alpha + b / 1e10**law.beta + c + d / 1e9**law.gamma
    assert float(law.loss(1e9, 1e10, 0)) == pytest.approx(dense)
    # At a fixed budget sparser models are larger in all, and better (Abnar et al. 2025, section 3).
    budgets = [law.optimum(1e20, s) for s in (0.0, 0.5, 0.9)]
    assert budgets[0].parameters < budgets[1].parameters < budgets[2].parameters
    assert budgets[0].loss > budgets[1].loss > budgets[2].loss
    assert 6 * 0.1 * budgets[2].parameters * budgets[2].tokens == pytest.approx(1e20)
    with pytest.raises(LMError, match="below 1, got 1"):
        law.optimum(1e20, 1)
    with pytest.raises(LMError, match="needs a sparsity"):
        _ = named("abnar-2025").dense


def test_outside_the_range():
    law = LAWS["besiroglu-2024"]
    assert law.outside(law.dense.optimum(1e21)) == []
    said = law.outside(law.dense.optimum(2e27))
    assert len(said) == 3
    assert "C = 2e+27 FLOP is 6.67e+05 times above" in said[2]
    assert "below" in law.outside(law.dense.optimum(1e15))[0]


def test_every_law_names_its_source():
    assert all("arXiv:" in law.source and law.note for law in LAWS.values())
    with pytest.raises(LMError, match="there is no law gpt: choose one of kaplan-2020, "):
        named("gpt")
    assert named("besiroglu") is LAWS["besiroglu-2024"]
    with pytest.raises(LMError, match=r"choose one of hoffmann-2022, hoffmann-2022-unrounded$"):
        named("hoffmann")
