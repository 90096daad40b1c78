"""Shannon's guessing game: bounds on the entropy of English from how many guesses each letter takes.

You guess the next letter of an unknown text until it is right; or a model does (--player model).  With --bet, stakes
replace guesses: type letters and percentages, "e 40 a 10", and the rest lies evenly on all other letters.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lm.errors import LMError

if TYPE_CHECKING:
    import numpy as np

    from lm.shannon.betting import Gambler
    from lm.shannon.guessing import Game

NAME = "guess"
BEGIN = 60  # symbols shown at first
ORDER = 6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", metavar="FILE", help="UTF-8 text (default: held-out part of pydoc_data.topics)")
    parser.add_argument("--train", metavar="FILE", help="text that the model has read (default: pydoc_data.topics)")
    parser.add_argument("--player", choices=("person", "model"), default="person", help="default: %(default)s")
    parser.add_argument("--bet", action="store_true", help="stakes instead of guesses (Cover & King)")
    parser.add_argument("--rounds", type=int, help="letters to guess (default: 20 for a person, 2,000 for a model)")
    parser.add_argument("--seed", type=int, default=0, help="of the place in the text (default: %(default)s)")
    parser.add_argument(
        "--known", action="store_true", help="the model plays on the known language, whose entropy is printed beside"
    )


def run(options: argparse.Namespace) -> None:
    if options.known:
        result = known(options.rounds or 20_000, options.seed)
    else:
        result = english(options)
    print(json.dumps(result, indent=2) if options.json else table(result))


def english(options: argparse.Namespace) -> dict[str, Any]:
    """A person's or the model's game on a text in Shannon's 27 symbols."""
    import numpy as np

    from lm import corpus
    from lm.shannon.alphabet import SYMBOLS, reduce
    from lm.shannon.betting import Gambler
    from lm.shannon.guessing import Game, play

    text = reduce(corpus.read_text(options.text) if options.text else corpus.builtin().held_out)
    person = options.player == "person"
    rounds = options.rounds if options.rounds is not None else (20 if person else 2000)
    room = len(text) - BEGIN - rounds
    if rounds < 1 or room < 0:
        most = max(len(text) - BEGIN, 0)
        raise LMError(f"--rounds must be from 1 to {most}, the letters of the text after the first {BEGIN}")
    place = int(np.random.default_rng(options.seed).integers(room + 1))
    text = text[place : place + BEGIN + rounds]
    game = Game(text, SYMBOLS, BEGIN, rounds)
    gambler = Gambler(len(SYMBOLS))
    if not person:
        predict = letter_model(reduce(corpus.read_text(options.train) if options.train else corpus.builtin().train))
        for i in range(BEGIN, len(text)):
            gambler.bet(predict(text[:i]), SYMBOLS.index(text[i]))
        play(game, predict)
    elif options.bet:
        bet_in_terminal(text, gambler)
    else:
        play_in_terminal(game)
    result: dict[str, Any] = {"player": options.player, "alphabet": len(SYMBOLS), "rounds": len(game.guesses)}
    if game.guesses:
        limits = game.bounds()
        first = float(np.mean(np.array(game.guesses) == 1))
        result |= {"guesses": game.guesses, "first_guess": first, "lower": limits.lower, "upper": limits.upper}
    if gambler.bits:
        result |= {"rounds": len(gambler.bits), "log2_wealth": gambler.log2_wealth, "betting": gambler.entropy}
    return result


def known(rounds: int, seed: int) -> dict[str, Any]:
    """The known language, played by somebody who knows it: both bounds, the bets, and the truth between."""
    import numpy as np

    from lm.language import Language, exact_entropy
    from lm.shannon.betting import Gambler
    from lm.shannon.guessing import bounds, guesses_of, shares

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
    from lm.ngrams.cursor import Cursor
    from lm.ngrams.fit import fit
    from lm.shannon.alphabet import SYMBOLS
    from lm.text.stream import UNKNOWN, Encoder

    fitted = fit(train, Encoder.of(train, "char", "stream"), ORDER, "mkn")
    number = [fitted.encoder.number.get(symbol, UNKNOWN) for symbol in SYMBOLS]

    def predict(text: str) -> np.ndarray:
        cursor = Cursor(fitted.model)
        for symbol in text[-ORDER:]:
            cursor.advance(fitted.encoder.number.get(symbol, UNKNOWN))
        p = cursor.distribution()[number]
        return p / p.sum()

    return predict


def play_in_terminal(game: Game) -> None:
    """A person guesses on stdin; an end of input ends the game early."""
    say("Guess the next letter, or space, until it is right.  Ctrl-D ends the game.\n")
    while not game.over:
        line = ask(f"{game.shown}_ ")
        if line is None:
            return
        try:
            if game.guess(line.lower() or " "):
                continue
            say(f"no; tried: {' '.join(repr(c) if c == ' ' else c for c in game.tried)}\n")
        except LMError as error:
            say(f"{error}\n")


def bet_in_terminal(text: str, gambler: Gambler) -> None:
    """A person bets on stdin."""
    from lm.shannon.alphabet import SYMBOLS
    from lm.shannon.betting import spread

    say('Bet on the next letter: letters and percentages, "e 40 a 10"; _ is the space.  Ctrl-D ends the game.\n')
    place = BEGIN
    while place < len(text):
        line = ask(f"{text[:place]}_ ")
        if line is None:
            return
        try:
            stakes = spread(parse_bet(line), SYMBOLS)
        except LMError as error:
            say(f"{error}\n")
            continue
        gambler.bet(stakes, SYMBOLS.index(text[place]))
        say(f"it was {text[place]!r}; your wealth is 2^{gambler.log2_wealth:.1f}\n")
        place += 1


def parse_bet(line: str) -> dict[str, float]:
    """"e 40 a 10" -> {"e": 0.4, "a": 0.1}.  Raises LMError for anything else."""
    words = line.lower().split()
    try:
        return {s.replace("_", " "): float(x) / 100 for s, x in zip(words[::2], words[1::2], strict=True)}
    except ValueError:
        raise LMError('a bet is letters and percentages in turn, as "e 40 a 10"') from None


def ask(prompt: str) -> str | None:
    """A line of stdin without its end; None at the end of input.  The prompt goes to stderr: stdout has the result."""
    say(prompt)
    line = sys.stdin.readline()
    return line.rstrip("\r\n") if line else None


def say(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    lines = [f"{result['rounds']:,} symbols of an alphabet of {result['alphabet']}, by a {result['player']}"]
    if "lower" in result:
        lines.append(f"first guess right        {result['first_guess']:8.1%}")
        lines.append(f"guessing, lower bound    {result['lower']:8.4f} bits a symbol")
        lines.append(f"guessing, upper bound    {result['upper']:8.4f}")
        if result["lower"] > result["upper"]:
            lines.append("too few symbols for bounds: play longer")
    if "betting" in result:
        lines.append(f"betting                  {result['betting']:8.4f}")
    if "entropy" in result:
        lines.append(f"the exact entropy        {result['entropy']:8.4f}")
    lines.append(f"all symbols equal        {math.log2(result['alphabet']):8.4f}")
    return "\n".join(lines)
