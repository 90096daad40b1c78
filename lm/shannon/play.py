"""Whole games: on English, by a model; and on the language whose entropy is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lm.errors import LMError
from lm.language import Language, exact_entropy
from lm.ngrams.cursor import Cursor
from lm.ngrams.fit import fit
from lm.shannon.alphabet import SYMBOLS, reduce
from lm.shannon.betting import Gambler
from lm.shannon.guessing import Game, bounds, guesses_of, play, shares
from lm.text.stream import UNKNOWN, Encoder

BEGIN = 60  # symbols shown at first
ORDER = 6


def game_of(text: str, rounds: int, seed: int) -> Game:
    """A game on `rounds` symbols somewhere in `text`, in Shannon's 27.

    Raises LMError when the text is too short.
    """
    text = reduce(text)
    room = len(text) - BEGIN - rounds
    if len(text) <= BEGIN:
        raise LMError(f"a game shows {BEGIN} letters first and the text has {len(text)}: give a longer text")
    if rounds < 1 or room < 0:
        most = len(text) - BEGIN
        raise LMError(f"--rounds must be from 1 to {most}, the letters of the text after the first {BEGIN}")
    place = int(np.random.default_rng(seed).integers(room + 1))
    return Game(text[place : place + BEGIN + rounds], SYMBOLS, BEGIN, rounds)


def report(game: Game, gambler: Gambler) -> dict[str, Any]:
    """What came out of the guesses, if any, and of the bets, if any."""
    result: dict[str, Any] = {"alphabet": len(game.alphabet), "rounds": max(len(game.guesses), len(gambler.bits))}
    if game.guesses:
        limits = game.bounds()
        first = float(np.mean(np.array(game.guesses) == 1))
        result |= {"guesses": game.guesses, "first_guess": first, "lower": limits.lower, "upper": limits.upper}
    if gambler.bits:
        result |= {"log2_wealth": gambler.log2_wealth, "betting": gambler.entropy}
    return result


def english_by_model(train: str, text: str, rounds: int, seed: int) -> dict[str, Any]:
    """A model of `train` guesses and bets on `text`."""
    game, gambler = game_of(text, rounds, seed), Gambler(len(SYMBOLS))
    predict = letter_model(reduce(train))
    for place in range(game.begin, len(game.text)):
        gambler.bet(predict(game.text[:place]), SYMBOLS.index(game.text[place]))
    play(game, predict)
    return {"player": "model"} | report(game, gambler)


def known(rounds: int, seed: int) -> dict[str, Any]:
    """The known language, played by somebody who knows it: both bounds, the bets, and the truth between."""
    if rounds < 1:
        raise LMError(f"--rounds must be at least 1, got {rounds}")
    language = Language.tiny()
    documents = language.documents(seed, -(-rounds // (language.length - 1)))
    guesses, gambler = [], Gambler(language.types)
    for document in documents:
        for i in range(1, language.length):
            p = language.distribution(document[:i])
            guesses.append(guesses_of(p, document[i]))
            gambler.bet(p, document[i])
    limits = bounds(shares(guesses, language.types))
    return {
        "player": "model",
        "alphabet": language.types,
        "rounds": len(guesses),
        "first_guess": float(np.mean(np.array(guesses) == 1)),
        "lower": limits.lower,
        "upper": limits.upper,
        "log2_wealth": gambler.log2_wealth,
        "betting": gambler.entropy,
        "entropy": exact_entropy(language).bits_per_token,
    }


def letter_model(train: str) -> Callable[[str], np.ndarray]:
    """p of each of the 27 symbols after a text, by modified Kneser-Ney of order 6."""
    fitted = fit(train, Encoder.of(train, "char", "stream"), ORDER, "mkn")
    number = [fitted.encoder.number.get(symbol, UNKNOWN) for symbol in SYMBOLS]

    def predict(text: str) -> np.ndarray:
        cursor = Cursor(fitted.model)
        for symbol in text[-ORDER:]:
            cursor.advance(fitted.encoder.number.get(symbol, UNKNOWN))
        p = cursor.distribution()[number]
        return p / p.sum()

    return predict
