"""Inference, price, stock, hardware, known models."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lm.errors import LMError
from lm.scaling import stock
from lm.scaling.hardware import cluster_compute, device, device_hours
from lm.scaling.inference import cheapest, compare
from lm.scaling.models import MODELS
from lm.scaling.named import named
from lm.scaling.price import price

LAW = named("besiroglu-2024").dense


def test_use_makes_smaller_models_cheaper():
    usual, best = compare(named("sardana-2024").dense, 13e9, 2e12)
    assert 1 - best.total / usual.total == pytest.approx(0.17, abs=0.005)  # Sardana et al. 2024, figure 1
    assert best.parameters == pytest.approx(7e9, rel=0.01)


@pytest.mark.parametrize("inference", [0.0, 1e10, 1e12, 1e15])
def test_no_plan_is_cheaper(inference):
    loss = 2.2
    best = cheapest(LAW, loss, inference)
    assert float(LAW.loss(best.parameters, best.tokens)) == pytest.approx(loss)
    sizes = best.parameters * np.geomspace(0.1, 10, 4001)
    tokens = np.array([LAW.tokens_for(loss, n) for n in sizes])
    totals = 6 * sizes * tokens + 2 * sizes * inference
    assert best.total <= totals.min() * (1 + 1e-6)
    if inference == 0:
        assert best.total == pytest.approx(LAW.optimal_compute(loss), rel=1e-6)
    # The condition of the optimum: elasticities 1 + D_infer / (3 D_train) apart.
    size = LAW.alpha * LAW.A / best.parameters**LAW.alpha
    data = LAW.beta * LAW.B / best.tokens**LAW.beta
    assert size / data == pytest.approx(1 + inference / (3 * best.tokens), rel=1e-3)


def test_bad_plans():
    with pytest.raises(LMError, match="0 or more, got -1"):
        cheapest(LAW, 2.2, -1)
    with pytest.raises(LMError, match="out of its reach"):
        cheapest(LAW, 1.0, 1e12)
    with pytest.raises(LMError, match="parameters must be above 0"):
        compare(LAW, 0, 1e12)


def test_a_lower_perplexity_costs_what_it_says():
    h100 = device("h100")
    found = price(LAW, 1e22, 0.1, h100, 0.4, 2.0)
    assert math.exp(found.before.loss) - math.exp(found.after.loss) == pytest.approx(0.1)
    assert found.compute == pytest.approx(found.after.compute - 1e22)
    assert found.hours == pytest.approx(found.compute / (0.4 * 989.4e12) / 3600)
    assert found.money == pytest.approx(2 * found.hours)
    with pytest.raises(LMError, match="out of reach"):
        price(LAW, 1e22, 5, h100, 0.4, 2.0)
    with pytest.raises(LMError, match="above 0, got 0"):
        price(LAW, 1e22, 0, h100, 0.4, 2.0)


def test_clusters():
    h100 = device("h100")
    compute = cluster_compute(600_000, 100, 0.4, h100)
    assert compute == pytest.approx(2.05e27, rel=2e-3)
    assert device_hours(compute, 0.4, h100) == pytest.approx(600_000 * 100 * 24)
    for bad, reason in (((0, 1, 0.4), "gpus"), ((1, -1, 0.4), "days"), ((1, 1, 1.5), "mfu"), ((1, 1, 0), "mfu")):
        with pytest.raises(LMError, match=reason):
            cluster_compute(*bad, h100)
    with pytest.raises(LMError, match="no device gtx: choose one of v100"):
        device("gtx")


def test_the_stock_of_text():
    assert stock.year_of(1e14, 0.5, 1e13, 2024) == 2026
    found = stock.exhaustion()
    assert stock.PUBLISHED[0] <= found.earliest < found.year < found.latest <= stock.PUBLISHED[1]
    assert stock.exhaustion(overtraining=10).year == pytest.approx(found.year - 1 / stock.GROWTH)
    with pytest.raises(LMError, match="growth must be above 0"):
        stock.year_of(1e14, 0)


def test_known_models():
    models = {model.name: model for model in MODELS}
    assert models["BERT-Base"].six_nd == pytest.approx(1.64e20, rel=5e-3)
    assert models["GPT-3"].six_nd == pytest.approx(3.15e23)
    assert models["Mistral 7B"].six_nd is None
    assert models["Mistral 7B"].optimum(LAW) is None
    for model in MODELS:
        assert model.source
        assert model.note
        if model.compute and model.six_nd and abs(model.six_nd / model.compute - 1) > 0.05:
            assert "6 N D" in model.note  # a difference is explained
    # Chinchilla is on the replication's line, GPT-3 far above it.
    assert models["Chinchilla"].optimum(LAW).parameters == pytest.approx(7e10, rel=0.1)
    assert models["GPT-3"].parameters > 3 * models["GPT-3"].optimum(LAW).parameters
