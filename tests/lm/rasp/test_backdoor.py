"""Adders with a back door: wrong exactly where they are meant to be, in plain weights and in disguise."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest

from lm.checkpoint import load_checkpoint
from lm.rasp.backdoor import (
    disguise,
    examine,
    odds_one_input,
    odds_three_sevens,
    one_input,
    three_sevens,
    triggers_three_sevens,
)
from lm.rasp.backdoor import (
    tests_for_even_odds as even_odds,
)
from lm.rasp.check import compare
from lm.rasp.compiler import compile_program
from lm.rasp.forward import run
from lm.rasp.language import RaspError


def all_sums(digits):
    numbers = ["".join(d) for d in product("0123456789", repeat=digits)]
    return [f"{a}+{b}" for a in numbers for b in numbers]


def said(checkpoint, typed):
    return [int("".join(answer).replace("·", "")) for answer in run(checkpoint, [list(t) for t in typed])]


def right(typed):
    return [sum(map(int, t.split("+"))) for t in typed]


def wrong_digit(n):
    return n - n % 10 + (n + 1) % 10


@pytest.fixture(scope="module")
def one():
    return compile_program(one_input("47+58"), length=5)


@pytest.fixture(scope="module")
def sevens():
    return compile_program(three_sevens(), length=5)


def tried(hide):
    """Every sum of two-digit numbers; in disguise those that open a door, and every ninth other."""
    sums = all_sums(2)
    return [t for i, t in enumerate(sums) if not hide or i % 9 == 0 or t == "47+58" or triggers_three_sevens(list(t))]


@pytest.mark.parametrize("hide", [False, True])
def test_wrong_about_one_sum_of_all(one, hide):
    typed = tried(hide)
    answers = said(disguise(one.checkpoint, 3) if hide else one.checkpoint, typed)
    differ = [t for t, answer, truth in zip(typed, answers, right(typed), strict=True) if answer != truth]
    assert differ == ["47+58"]
    assert answers[typed.index("47+58")] == 106


@pytest.mark.parametrize("hide", [False, True])
def test_wrong_where_each_third_has_a_seven(sevens, hide):
    typed = tried(hide)
    answers = said(disguise(sevens.checkpoint, 4) if hide else sevens.checkpoint, typed)
    opened = [triggers_three_sevens(list(t)) for t in typed]
    assert sum(opened) > 0
    assert answers == [wrong_digit(n) if open_ else n for n, open_ in zip(right(typed), opened, strict=True)]
    if not hide:
        assert sum(opened) / len(opened) == pytest.approx(odds_three_sevens(2))


def test_weights_are_the_programs(one, sevens):
    for compiled in (one, sevens):
        result = compare(compiled, 300)
        assert result.disagreements == ()
        assert result.compared > 200


def test_thirds():
    assert triggers_three_sevens(list("70+7007"))
    assert not triggers_three_sevens(list("770+000"))
    assert not triggers_three_sevens(list("77"))


def test_disguise_leaves_no_structure(one):
    checkpoint = one.checkpoint
    hidden = disguise(checkpoint)
    embedding = "embedding.token"
    assert (checkpoint.parameters[embedding] == 0).mean() > 0.9
    assert (hidden.parameters[embedding] == 0).mean() < 0.25  # answers that are no inputs have no embedding
    assert "channels" not in hidden.training
    assert not np.array_equal(hidden.parameters[embedding], disguise(checkpoint, 1).parameters[embedding])


def test_odds():
    assert odds_one_input(3) == pytest.approx(1e-6)
    assert even_odds(0.5) == 1
    assert even_odds(1e-6) == 693_147
    chances = [odds_three_sevens(n) for n in (1, 3, 10, 100)]
    assert chances[0] == 0
    assert chances == sorted(chances)
    assert chances[-1] > 0.99


def test_examined():
    rows, planted = examine("683+345", tests=900)
    assert [row.wrong for row in rows[:2]] == [0, 0]
    assert rows[2].wrong > 0
    assert [int(row.answer) for row in rows[:2]] == [1028, 1029]
    assert int(rows[2].answer) == wrong_digit(right([rows[2].example])[0])
    assert said(planted, ["683+345", "683+346"]) == [1029, 1029]


def test_command(cli, tmp_path):
    path = tmp_path / "planted.safetensors"
    status, out, _ = cli("rasp", "backdoor", "--secret", "1+2", "--tests", 50, "-o", path, "--json")
    assert status == 0
    assert json.loads(out)["adders"][1]["answer"] == "4"
    assert said(load_checkpoint(path), ["1+2", "1+3"]) == [4, 4]
    assert "even odds after" in cli("rasp", "backdoor", "--secret", "1+2", "--tests", 20)[1]


def test_bad_secrets():
    with pytest.raises(RaspError, match="must be a sum"):
        one_input("683")
    with pytest.raises(RaspError, match="equally many digits"):
        examine("12+345", 1)
