"""Shannon's guessing game: bounds on the entropy of English from how many guesses each letter takes.

You guess the next letter of an unknown text until it is right; or a model does (--player model).  With --bet, stakes
replace guesses: type letters and percentages, "e 40 a 10", and the rest lies evenly on all other letters.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from typing import Any

from lm import corpus
from lm.commands import seed
from lm.errors import LMError
from lm.shannon.alphabet import SYMBOLS
from lm.shannon.betting import Gambler, spread
from lm.shannon.guessing import Game
from lm.shannon.play import english_by_model, game_of, known, report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", metavar="FILE", help="UTF-8 text (default: held-out part of pydoc_data.topics)")
    parser.add_argument("--train", metavar="FILE", help="text that the model has read (default: pydoc_data.topics)")
    parser.add_argument("--player", choices=("person", "model"), default="person", help="default: %(default)s")
    parser.add_argument("--bet", action="store_true", help="stakes instead of guesses (Cover & King)")
    parser.add_argument("--rounds", type=int, help="letters to guess (default: 20 for a person, 2,000 for a model)")
    parser.add_argument("--seed", type=seed, default=0, help="of the place in the text (default: %(default)s)")
    parser.add_argument(
        "--known", action="store_true", help="the model plays on the known language, whose entropy is printed beside"
    )


def run(options: argparse.Namespace) -> None:
    if options.known:
        result = known(20_000 if options.rounds is None else options.rounds, options.seed)
    else:
        result = english(options)
    print(json.dumps(result, indent=2) if options.json else table(result))


def english(options: argparse.Namespace) -> dict[str, Any]:
    """A person's or the model's game on a text in Shannon's 27 symbols."""
    text = corpus.read_text(options.text) if options.text else corpus.builtin().held_out
    if options.player == "model":
        train = corpus.read_text(options.train) if options.train else corpus.builtin().train
        return english_by_model(train, text, 2000 if options.rounds is None else options.rounds, options.seed)
    game = game_of(text, 20 if options.rounds is None else options.rounds, options.seed)
    gambler = Gambler(len(SYMBOLS))
    if options.bet:
        bet_in_terminal(game, gambler)
    else:
        play_in_terminal(game)
    return {"player": "person"} | report(game, gambler)


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


def bet_in_terminal(game: Game, gambler: Gambler) -> None:
    """A person bets on stdin."""
    say('Bet on the next letter: letters and percentages, "e 40 a 10"; _ is the space.  Ctrl-D ends the game.\n')
    for place in range(game.begin, len(game.text)):
        stakes = None
        while stakes is None:
            line = ask(f"{game.text[:place]}_ ")
            if line is None:
                return
            try:
                stakes = spread(parse_bet(line), SYMBOLS)
            except LMError as error:
                say(f"{error}\n")
        symbol = game.text[place]
        gambler.bet(stakes, SYMBOLS.index(symbol))
        say(f"it was {symbol!r}; your wealth is 2^{gambler.log2_wealth:.1f}\n")


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
