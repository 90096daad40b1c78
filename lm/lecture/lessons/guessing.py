"""Shannon's guessing game, played by a model of English, and on the language whose entropy is known."""

from __future__ import annotations

from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson
from lm.shannon.play import english_by_model, known

ROUNDS = 1500


def _measure(split: Split) -> Finding:
    game, truth = english_by_model(split.train, split.held_out, ROUNDS, seed=0), known(6000, seed=0)
    rows = [
        [f"27 letters of {split.source}", game["first_guess"], game["lower"], game["betting"], None, game["upper"]],
        [
            "the known language",
            truth["first_guess"],
            truth["lower"],
            truth["betting"],
            truth["entropy"],
            truth["upper"],
        ],
    ]
    says = """
Somebody guesses the next letter until it is right; how often the first guess hits, the second, ... bounds the entropy
from both sides. Bets in place of guesses give one number instead of two. On the known language, played by who knows
it, the truth lies between the bounds and the bets meet it. For English a model plays here; `lm guess` lets you play,
too. Shannon's readers of 1951 gave 0.6 to 1.3 bits a letter with 100 letters before it.
"""
    headings = ["text", "first guess right", "lower bound", "betting", "the truth", "upper bound"]
    values = {f"English, {k}": game[k] for k in ("lower", "betting", "upper")}
    values |= {f"known language, {k}": truth[k] for k in ("lower", "betting", "entropy", "upper")}
    return Finding(says, values, [Grid(headings, rows, "Bits per symbol")])


LESSON = Lesson(
    1,
    "the guessing game",
    "guesses bound the entropy of English (Shannon 1951), and so do bets (Cover & King 1978).",
    "",
    "python -m lm guess",
    _measure,
)
