"""The command's page and its JSON, with results that are at hand instead of trained models."""

from __future__ import annotations

import json

import pytest

from lm.attend.reversal import Reversal
from lm.attend.table import Result
from lm.commands.attend import table
from lm.translate.experiment import Point

RESULTS = [
    *(Result(f"{n} hop{'s' * (n > 1)}", model, 64 * n, 0.1 * n, 0.125) for n in (1, 2, 3) for model in ("a", "b")),
    *(Result(f"{n} pairs", "c", 640, 1 / n, 0.125) for n in (2, 4, 8)),
    Result("induction", "transformer", 9000, 0.75, 0.05),
]


def test_a_row_a_model_and_a_column_a_task():
    hops, recall, induction = table(RESULTS).split("\n\n")
    assert [line.split() for line in hops.splitlines()[1:]] == [
        ["a", "192", "0.10", "0.20", "0.30"],
        ["b", "192", "0.10", "0.20", "0.30"],
        ["chance", "0.12", "0.12", "0.12"],
    ]
    assert recall.splitlines()[1].split() == ["c", "640", "0.50", "0.25", "0.12"]
    assert induction.splitlines()[1].split() == ["transformer", "9,000", "0.75"]


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("lm.attend.table.hops_table", lambda seed: RESULTS[:6])
    monkeypatch.setattr("lm.attend.table.recall_table", lambda seed: RESULTS[6:9])
    monkeypatch.setattr("lm.attend.table.induction_table", lambda seed: RESULTS[9:])
    monkeypatch.setattr("lm.attend.reversal.reversal", lambda seed: Reversal(1.0, 0.25, 0.02))
    monkeypatch.setattr("lm.translate.experiment.learn", lambda seed: [Point(20, 3.5, 0.5, 0.125)])


def test_the_command(cli, quick):
    status, out, err = cli("attend", "--json")
    found = json.loads(out)
    assert status == 0
    assert len(found["results"]) == 10
    assert found["reversal"]["reversed"] == 0.25
    assert found["analogy"]["man : woman = king"][0][0] == "queen"
    assert {row["length"] for row in found["traffic"]} == {32, 64, 128, 256}
    assert "2 hops, b" in err
    printed = cli("attend")[1]
    for words in ("the other way 0.25", "queen", "3.500", "materialised"):
        assert words in printed
