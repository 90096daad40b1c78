"""The guessing game and betting: bounds in closed form, on the known language, and played by hand."""

from __future__ import annotations

import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lm.errors import LMError
from lm.language import Language, exact_entropy
from lm.shannon.alphabet import SYMBOLS, reduce
from lm.shannon.betting import Gambler, spread
from lm.shannon.guessing import Game, bounds, guesses_of, play, shares

distributions = st.lists(st.integers(1, 30), min_size=2, max_size=8).map(lambda x: np.array(x) / sum(x))


@given(distributions)
def test_the_entropy_of_independent_symbols_lies_between_the_bounds(p):
    found = bounds(np.sort(p)[::-1])
    entropy = -(p * np.log2(p)).sum()
    assert found.lower <= entropy + 1e-9
    assert found.upper == pytest.approx(entropy)


@pytest.mark.parametrize("symbols", [2, 27])
def test_bounds_meet_where_all_symbols_are_equal(symbols):
    found = bounds(np.full(symbols, 1 / symbols))
    assert found.lower == pytest.approx(math.log2(symbols))
    assert found.upper == pytest.approx(math.log2(symbols))
    assert bounds(np.array([1.0, 0, 0])).upper == 0


def test_the_known_languages_entropy_lies_between_the_bounds(cli):
    """With expected shares over many contexts the inequalities are exact; drawn ones agree."""
    language = Language.tiny()
    documents = language.documents(1, 12)
    ranked = [np.sort(language.distribution(d[:i]))[::-1] for d in documents for i in range(1, language.length)]
    entropy = np.mean([-(p[p > 0] * np.log2(p[p > 0])).sum() for p in ranked])
    exact = bounds(np.mean(ranked, axis=0))
    assert exact.lower < entropy < exact.upper

    result = json.loads(cli("guess", "--known", "--rounds", 4000, "--json")[1])
    assert result["entropy"] == pytest.approx(exact_entropy(language).bits_per_token)
    assert result["lower"] < result["entropy"] < result["upper"]
    assert result["betting"] == pytest.approx(result["entropy"], abs=0.1)
    assert result["lower"] == pytest.approx(exact.lower, abs=0.15)


def test_ranks():
    p = np.array([0.2, 0.4, 0.2, 0.2])
    assert [guesses_of(p, symbol) for symbol in range(4)] == [2, 1, 3, 4]
    assert shares([1, 1, 2, 4], 4).tolist() == [0.5, 0.25, 0, 0.25]


def test_a_game_by_hand():
    game = Game("abca", "abc", begin=1, rounds=3)
    assert not game.guess("a")
    assert not game.guess("a")
    assert game.guess("b")
    assert game.shown == "ab"
    assert game.guess("c")
    assert game.guess("a")
    assert game.over
    assert game.guesses == [2, 1, 1]
    assert game.bounds() == bounds(np.array([2 / 3, 1 / 3, 0]))
    with pytest.raises(LMError, match="is over"):
        game.guess("a")


def test_a_model_plays_as_its_ranks_say():
    def predict(text):
        return np.array([0.5, 0.3, 0.2]) if text.endswith("a") else np.array([0.1, 0.8, 0.1])

    game = Game("abcab", "abc", begin=1, rounds=4)
    play(game, predict)
    assert game.guesses == [2, 3, 2, 2]


@given(distributions, st.data())
def test_betting_the_truth_is_best_and_measures_the_cross_entropy(p, data):
    symbols = np.repeat(np.arange(len(p)), 5)
    weights = np.array(data.draw(st.lists(st.integers(1, 9), min_size=len(p), max_size=len(p))))
    stakes = weights / weights.sum()
    gambler = Gambler(len(p))
    for symbol in symbols:
        gambler.bet(stakes, symbol)
    assert gambler.entropy == pytest.approx(-np.log2(stakes[symbols]).mean())
    assert 2**gambler.log2_wealth == pytest.approx(np.prod(len(p) * stakes[symbols]))
    # Each symbol came as often, so no stakes beat equal ones, which neither win nor lose.
    assert gambler.entropy >= math.log2(len(p)) - 1e-9


def test_stakes():
    assert spread({"a": 0.5}, "abc") == pytest.approx([0.5, 0.25, 0.25])
    assert spread({"a": 0.5, "b": 0.2, "c": 0.1}, "abc").sum() == pytest.approx(0.8)
    for wrong, message in [({"a": 1.2}, "at most 100 %"), ({"x": 0.1}, "no bet can be made"), ({"a": -1}, "no bet")]:
        with pytest.raises(LMError, match=message):
            spread(wrong, "abc")
    with pytest.raises(LMError, match="at most 1"):
        Gambler(2).bet(np.array([0.9, 0.9]), 0)
    with pytest.raises(LMError, match="no bet has been made"):
        _ = Gambler(2).entropy


def test_a_person_plays_in_the_terminal(cli, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{c}\n" for c in SYMBOLS * 60) + "xy\n"))
    status, out, err = cli("guess", "--rounds", 3, "--json")
    result = json.loads(out)
    assert status == 0
    assert result["rounds"] == len(result["guesses"]) == 3
    assert "tried:" in err


def test_the_end_of_input_ends_the_game(cli, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("xy\n"))
    status, out, err = cli("guess", "--json")
    assert status == 0
    assert json.loads(out)["rounds"] == 0
    assert "'xy' is not a symbol" in err


def test_a_person_bets_in_the_terminal(cli, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("e 40 _ 20\nnonsense\n\ne 300\n"))
    status, out, err = cli("guess", "--bet", "--json")
    result = json.loads(out)
    assert status == 0
    assert result["rounds"] == 2
    assert "letters and percentages" in err
    assert "at most 100 %" in err
    assert result["betting"] > 0


def test_a_model_plays_english(cli):
    out = cli("guess", "--player", "model", "--rounds", 300)[1]
    assert "upper bound" in out
    result = json.loads(cli("guess", "--player", "model", "--rounds", 300, "--json")[1])
    assert result["lower"] < result["betting"] < result["upper"] < math.log2(27)


def test_bad_input(cli, text_file, tmp_path):
    (tmp_path / "short").write_text("too short", encoding="utf-8")
    for arguments, message in [
        (("--text", text_file, "--rounds", 10**7), "--rounds must be from 1 to"),
        (("--text", tmp_path / "short"), "shows 60 letters first and the text has 9"),
        (("--known", "--rounds", 0), "--rounds must be at least 1, got 0"),
    ]:
        status, _, err = cli("guess", *arguments)
        assert status == 1
        assert message in err
        assert err.count("\n") == 1
    with pytest.raises(LMError, match="symbols to guess"):
        Game("abc", "abc", 1, 5)
    with pytest.raises(LMError, match="not in the alphabet"):
        Game("abx", "abc", 1, 1)
    with pytest.raises(LMError, match="nothing has been guessed"):
        Game("abc", "abc", 1, 1).bounds()


def test_27_symbols():
    assert reduce("It's 3 o'clock,\n Sir!") == "it s o clock sir"
