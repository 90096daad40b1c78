"""`python -m lm scaling`: results, JSON in either place, one sentence for bad input."""

from __future__ import annotations

import json

import pytest

from .conftest import TRUE


def result(outcome) -> dict:
    status, out, err = outcome
    assert status == 0, err
    return json.loads(out)


def refused(outcome) -> str:
    status, out, err = outcome
    assert (status, out) == (1, "")
    assert err.startswith("lm scaling: ")
    assert err.count("\n") == 1
    return err


def test_fit(cli, runs_file):
    facts = result(cli("scaling", "fit", runs_file, "--bootstrap", 10, "--json"))
    assert list(facts)[:5] == ["law", "errors", "objective", "rows", "seconds"]
    assert set(facts["law"]) == set(facts["errors"]) == {"E", "A", "B", "alpha", "beta"}
    assert facts["law"]["E"] == pytest.approx(TRUE.E, abs=5 * facts["errors"]["E"])
    assert facts["rows"] == 60
    assert facts["bootstrap"]["samples"] == 10
    before = result(cli("scaling", "--json", "fit", runs_file, "--bootstrap", 10))
    assert before["law"] == facts["law"]
    assert before["errors"] == facts["errors"]
    assert result(cli("scaling", "fit", runs_file, "--bootstrap", 0, "--json"))["errors"] is None
    text = cli("scaling", "fit", runs_file, "--bootstrap", 3)[1]
    assert "L(N, D) = E + A / N^alpha + B / D^beta" in text


def test_fit_refuses(cli, write):
    assert "line 2: N is 'x'" in refused(cli("scaling", "fit", write("N,D,loss", "x,1,1")))
    assert "not determined" in refused(cli("scaling", "fit", write("N,D,loss", "1e6,1e7,3", "2e6,1e7,2.9"), "--json"))
    rows = [f"{n},{20 * n},{2 + 9 / n**0.2}" for n in (10**6, 10**7, 10**8, 10**9, 10**10, 10**11)]
    assert "D follows from N" in refused(cli("scaling", "fit", write("N,D,loss", *rows)))
    assert "--delta" in refused(cli("scaling", "fit", write("N,D,loss", *rows), "--delta", 0))


def test_other_methods(cli, runs_file):
    assert "has 0 compute budgets" in refused(cli("scaling", "fit", runs_file, "--method", "isoflop"))
    assert "needs two curves" in refused(cli("scaling", "fit", runs_file, "--method", "envelope"))


def test_optimal(cli):
    facts = result(cli("scaling", "optimal", "--compute", 5.88e23, "--json"))
    assert facts["law"] == "besiroglu-2024"
    assert facts["tokens_per_parameter"] == pytest.approx(18.38, abs=0.01)
    assert facts["others"]["hoffmann-2022"]["tokens_per_parameter"] == pytest.approx(92.83, abs=0.01)
    assert any("extrapolation" in w for w in facts["warnings"])
    cluster = result(cli("scaling", "optimal", "--gpus", 600000, "--days", 100, "--mfu", 0.4, "--json"))
    assert cluster["C"] == pytest.approx(2.05e27, rel=2e-3)
    assert "Why they differ" in cli("scaling", "optimal", "--compute", 1e21)[1]
    sparse = result(cli("scaling", "optimal", "--compute", 1e20, "--law", "abnar-2025", "--sparsity", 0.9, "--json"))
    assert sparse["active"] == pytest.approx(0.1 * sparse["N"])


def test_optimal_refuses(cli):
    assert "give a budget" in refused(cli("scaling", "optimal"))
    assert "not both" in refused(cli("scaling", "optimal", "--compute", 1, "--gpus", 1))
    assert "no law x" in refused(cli("scaling", "optimal", "--compute", 1e20, "--law", "x"))
    assert "above 0 FLOP" in refused(cli("scaling", "optimal", "--compute", -1))
    assert "sparsity" in refused(cli("scaling", "optimal", "--compute", 1e20, "--law", "abnar-2025"))


def test_inference(cli):
    facts = result(cli("scaling", "inference", "--json"))
    assert facts["saving"] == pytest.approx(0.17, abs=0.005)
    assert "saves 17" in cli("scaling", "inference")[1]
    assert "saves 0.0%" in cli("scaling", "inference", "--tokens", 0)[1]
    assert "irreducible" in refused(cli("scaling", "inference", "--law", "kaplan-2020"))


def test_repeat(cli):
    exact = ("--unique", 25e9, "--parameters", 6.34e9, "--tokens", 242e9)
    assert result(cli("scaling", "repeat", *exact, "--json"))["loss"] == pytest.approx(2.2256440889984477)
    best = result(cli("scaling", "repeat", "--unique", 25e9, "--compute", 9.2e21, "--json"))
    assert best["epochs"] > 1
    assert best["unlimited"]["loss"] < best["loss"] < best["unlimited_choice_on_limited_text"]
    priced = cli("scaling", "repeat", "--unique", 25e9, "--compute", 9.2e21, "--overfitting", 0.01, 1, 0.5)
    assert "lovelace-2026" in priced[1]
    assert "together with" in refused(cli("scaling", "repeat", "--unique", 1e9, "--tokens", 1e9))
    assert "--unique" in refused(cli("scaling", "repeat", "--unique", 0, "--compute", 1e20))
    infinite = ("--unique", 1e9, "--parameters", "inf", "--tokens", 1e9)
    assert "--parameters must be a number above 0" in refused(cli("scaling", "repeat", *infinite))


def test_the_others_print(cli):
    assert "FLOP more" in cli("scaling", "price", "--compute", 1e22)[1]
    assert result(cli("scaling", "price", "--compute", 1e22, "--json"))["extra_money"] > 0
    assert result(cli("scaling", "stock", "--json"))["published"] == [2026, 2032]
    assert "used up in 20" in cli("scaling", "stock")[1]
    assert "the year must be a number" in refused(cli("scaling", "stock", "--year", "nan"))
    models = result(cli("scaling", "models", "--json"))["models"]
    assert {m["name"]: m["6ND"] for m in models}["GPT-3"] == pytest.approx(3.15e23)
    assert "Mixtral" in cli("scaling", "models")[1]
    assert result(cli("scaling", "laws", "--json"))["laws"]["besiroglu-2024"]["constants"]["A"] == 482.01
    assert "482.01 +- 124.58" in cli("scaling", "laws")[1]
    assert "lovelace-2026" in cli("scaling", "laws")[1]
    assert len(result(cli("scaling", "bias", "--width", 2, 4, "--json"))["widths"]) == 2
