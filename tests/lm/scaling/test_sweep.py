"""The sweep: trials, records, resuming, processes, Dask, and what is read off them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from lm.config import parameter_count
from lm.errors import LMError
from lm.language import exact_entropy
from lm.scaling.law import Law
from lm.scaling.sweep import records, runner
from lm.scaling.sweep.measured import best_runs, expected_exponent, readings, rises
from lm.scaling.sweep.plan import (
    BATCH,
    LANGUAGE,
    RATES,
    STEPS,
    TOKENS,
    WIDTHS,
    Trial,
    grid,
    parameters_without_embeddings,
)
from lm.scaling.sweep.trial import learning_rate, train
from lm.transformer import forward, initial

TINY = Trial(4, (1, 3), 0.01, "shared")


def test_the_grid():
    trials = grid()
    assert len(trials) == len(WIDTHS) * (len(RATES) * len(STEPS) + 1)
    assert len(grid(rates=(0.5, 1.0, 2.0), seeds=2)) == 2 * len(WIDTHS) * (3 * len(STEPS) + 1)
    assert len({trial.name for trial in trials}) == len(trials)
    assert trials[0].steps == max(STEPS)
    assert {t.records for t in trials if t.schedule == "shared"} == {STEPS}
    for bad, reason in (
        ({"widths": (-4,)}, "--widths must be numbers above 0, got -4"),
        ({"steps": (0,)}, "--steps must be numbers above 0"),
        ({"rates": (1.0, float("nan"))}, "--rates must be numbers above 0, got 1.0, nan"),
        ({"rates": ()}, "--rates must be numbers above 0, got none"),
        ({"seeds": 0}, "--seeds"),
    ):
        with pytest.raises(LMError, match=reason):
            grid(**bad)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_width_runs_and_counts(width):
    config = Trial(width, (1,), 0.01, "own").config
    parameters = initial(config, torch.Generator().manual_seed(0))
    logits = forward(parameters, torch.zeros(1, 4, dtype=torch.int64), config)
    assert logits.shape == (1, 4, LANGUAGE.types)
    embeddings = 2 * LANGUAGE.types * width  # the token table and the head
    assert parameters_without_embeddings(config) == parameter_count(config) - embeddings


def test_the_learning_rate_rises_and_ends_near_zero():
    trial = Trial(4, (100,), 0.02, "own")
    rates = [learning_rate(step, trial) for step in range(100)]
    assert rates[0] == pytest.approx(0.02 / 10)
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < 1e-4


def test_the_shared_rate_rises_for_half_of_the_longest_run_and_stays():
    trial = Trial(4, (10, 50, 100), 0.02, "shared")
    rates = [learning_rate(step, trial) for step in range(100)]
    assert rates[:50] == pytest.approx([0.02 * (step + 1) / 50 for step in range(50)])
    assert set(rates[50:]) == {0.02}


def test_training_is_reproducible_and_measured():
    record = train(TINY)
    assert record["rows"] == train(TINY)["rows"]
    assert [row["D"] for row in record["rows"]] == [TOKENS, 3 * TOKENS]
    entropy = exact_entropy(LANGUAGE).nats_per_token
    for row in record["rows"]:
        assert row["loss"] == pytest.approx(entropy + row["excess"])
        assert 0 < row["excess"] < np.log(LANGUAGE.types)
    assert train(Trial(4, (1, 3), 0.01, "shared", seed=1))["rows"] != record["rows"]


def test_the_control_variate_is_the_plain_loss_with_less_noise():
    """On other held-out documents the plain mean moves; the difference to the true nats does not add a bias."""
    documents = LANGUAGE.documents(3, 4000)
    truth = LANGUAGE.information(documents)[:, 1:]
    assert truth.mean() == pytest.approx(exact_entropy(LANGUAGE).nats_per_token, abs=4 * truth.std() / truth.size**0.5)


def test_training_learns():
    record = train(Trial(8, (40,), 0.03, "own"))
    assert record["rows"][0]["loss"] < np.log(LANGUAGE.types) - 1


def test_a_sweep_goes_on_where_it_stopped(tmp_path):
    trials = [Trial(4, (1,), 0.01, "own"), Trial(4, (2,), 0.01, "own"), TINY]
    records.save(train(trials[0]), trials[0], tmp_path)
    seen: list[Trial] = []
    assert records.missing(trials, tmp_path) == trials[1:]
    assert runner.run(trials, tmp_path, processes=2, progress=seen.append) == 2
    assert sorted(t.name for t in seen) == sorted(t.name for t in trials[1:])
    assert runner.run(trials, tmp_path) == 0
    rows = records.load(trials, tmp_path)
    assert len(rows) == 4
    assert not list(tmp_path.glob("*.part"))
    here = train(TINY)["rows"]  # another process measures the same
    assert [r["loss"] for r in rows if r["schedule"] == "shared"] == [r["loss"] for r in here]
    with pytest.raises(LMError, match="--processes"):
        runner.run(trials, tmp_path, processes=0)


def test_damaged_records_and_tables(tmp_path):
    path = tmp_path / f"{TINY.name}.json"
    path.write_text(json.dumps({"trial": {}}), encoding="utf-8")
    with pytest.raises(LMError, match="is no record of a trial: delete it"):
        records.load([TINY], tmp_path)
    (tmp_path / "other.csv").write_text("N,D,loss\n1,2,3\n", encoding="utf-8")
    with pytest.raises(LMError, match="is no table of a sweep"):
        records.read_table(tmp_path / "other.csv")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(LMError, match="cannot be written"):
        records.save({}, TINY, tmp_path / "file")


def test_tables_come_back(tmp_path):
    rows = made_up()[:5]
    records.write_table(rows, tmp_path / "runs.csv")
    again = records.read_table(tmp_path / "runs.csv")
    assert [row["loss"] for row in again] == pytest.approx([row["loss"] for row in rows])
    assert [row["schedule"] for row in again] == [row["schedule"] for row in rows]


def test_dask(tmp_path):
    distributed = pytest.importorskip("distributed")
    trials = [Trial(4, (1,), 0.01, "own"), Trial(4, (2,), 0.01, "own")]
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp"
    ) as cluster:
        assert runner.run(trials, tmp_path, scheduler=cluster.scheduler_address) == 2
    assert [row["loss"] for row in records.load(trials, tmp_path)] == [
        row["loss"] for trial in trials for row in train(trial)["rows"]
    ]
    with pytest.raises(LMError, match="does not answer"):
        runner.run([TINY], tmp_path, scheduler="tcp://127.0.0.1:9")


LAW = Law(3.2, 50, 300, 0.5, 0.55)
ON_THE_WAY = Law(3.2, 50, 300 * (STEPS[-1] * TOKENS) ** 0.15, 0.5, 0.7)  # meets the other at the end of the longest


def made_up() -> list[dict]:
    """A sweep that follows a law in all parameters; after one long warm-up it is worse, the shorter the more."""
    rows = []
    for width in WIDTHS:
        config = Trial(width, (1,), 0.01, "own").config
        n = parameter_count(config)
        for steps in STEPS:
            loss = float(LAW.loss(n, steps * TOKENS))
            facts = {"N": n, "D": steps * TOKENS, "N_without_embeddings": parameters_without_embeddings(config),
                     "width": width, "seed": 0, "excess": loss - LAW.E}  # fmt: skip
            rows += [
                {**facts, "loss": loss + 0.02, "rate": 0.012, "schedule": "own"},
                {**facts, "loss": loss, "rate": 0.036, "schedule": "own"},
                {**facts, "loss": float(ON_THE_WAY.loss(n, steps * TOKENS)), "rate": 0.012, "schedule": "shared"},
            ]
    return rows


def test_readings_find_the_law_and_the_best_rate():
    rows = made_up()
    runs = best_runs(rows, "own")
    assert len(runs) == len(WIDTHS) * len(STEPS)
    assert runs.loss == pytest.approx(LAW.loss(runs.parameters, runs.tokens))
    found = {(r.counted, r.schedule): r for r in readings(rows, samples=4)}
    assert len(found) == 4
    tuned = found["N", "own"]
    assert pytest.approx(LAW.E, abs=1e-4) == tuned.fit.law.E
    assert tuned.exponent == pytest.approx(LAW.parameter_exponent, abs=1e-3)
    # Embeddings are a falling part of N, so without them the same models seem to grow faster, by as much as the law in
    # all parameters makes one expect (a law in the others is none, so the two are not the same).
    bare = found["N_without_embeddings", "own"]
    higher = {(rise.counted, rise.schedule): rise for rise in rises(list(found.values()))}
    assert set(higher) == set(list(found)[1:])
    expected = ON_THE_WAY.parameter_exponent - LAW.parameter_exponent
    assert higher["N", "shared"].value == pytest.approx(expected, abs=1e-3)
    assert higher["N", "shared"].interval == pytest.approx((expected, expected), abs=5e-3)
    rise = higher["N_without_embeddings", "own"]
    assert rise.value == bare.exponent - tuned.exponent
    assert rise.interval[0] > 0.08
    assert bare.exponent == pytest.approx(expected_exponent(rows, tuned.fit.law), abs=0.05)
    with pytest.raises(LMError, match="no trials with the schedule shared"):
        best_runs([row for row in rows if row["schedule"] == "own"], "shared")


def test_the_commands(cli, tmp_path):
    small = ("--widths", 4, "--steps", 1, 2, "--rates", 1, "--processes", 1, "--bootstrap", 3, "--out", tmp_path)
    status, out, _ = cli("scaling", "sweep", *small, "--json")
    assert status == 0
    facts = json.loads(out)
    assert facts["sweep"]["trained"] == facts["sweep"]["trials"] == 3
    assert facts["readings"][0]["law"] is None
    assert "not determined" in facts["readings"][0]["reason"]
    assert facts["sweep"]["cpu_seconds"] > 0
    assert cli("scaling", "sweep", *small)[1].startswith("0 of 3 trials trained")
    records.write_table(made_up(), tmp_path / "made.csv")
    measured = json.loads(cli("scaling", "measured", tmp_path / "made.csv", "--bootstrap", 4, "--json")[1])
    assert measured["readings"][0]["law"]["E"] == pytest.approx(LAW.E, abs=1e-4)
    assert measured["entropy"] == pytest.approx(exact_entropy(LANGUAGE).nats_per_token)
    said = cli("scaling", "measured", tmp_path / "made.csv", "--bootstrap", 4)[1]
    assert "from the entropy; its 95 % interval" in said
    assert said.count("one long warm-up") == 4  # in the table, and how the exponent changes
    assert {rise["schedule"] for rise in measured["rises"]} == {"own", "shared"}
    assert measured["exponent_without_embeddings_at_kaplans_sizes"] == pytest.approx(0.787, abs=1e-3)
    page = tmp_path / "page.html"
    assert cli("scaling", "report", tmp_path / "made.csv", "--bootstrap", 4, "--out", page)[0] == 0
    html = page.read_text(encoding="utf-8")
    assert html.count("<picture>") == 7
    assert f"{LAW.E:.4f}" in html
    assert BATCH * LANGUAGE.length == TOKENS
