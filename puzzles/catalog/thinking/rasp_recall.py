"""Associative recall.

The input is pairs of a key and its value, then > and one of the keys: a 1 b 2 > a. The last position says the value
that stood behind its key, here 1; the others say nothing, which is None. Two heads do it, one after the other: the
first tells every position which token stands before it, the second looks for the place where that token is the
query's own. Trained models find the same two (Olsson et al., "In-context Learning and Induction Heads", 2022).
"""

import random

from lm.rasp import before, indices, key, query, tokens, where
from puzzles.prediction import Prediction
from puzzles.program import ProgramPuzzle

token_before = (key(indices) == query(indices) - 1).value(tokens)
# HOLE: the latest earlier place behind the query's own token, and the token there.
behind_mine = (key(token_before) == query(tokens)) & before()
value = behind_mine.best(indices).only(tokens)
# END HOLE
output = where(token_before == ">", value, None)


def _pairs(rng: random.Random) -> list[str]:
    keys = rng.sample("abc", rng.randint(1, 3))
    pairs = [token for key in keys for token in (key, rng.choice("123"))]
    return [*pairs, ">", rng.choice(keys)]


def _recalled(tokens: list[str]) -> list[str | None]:
    return [None] * (len(tokens) - 1) + [tokens[tokens.index(tokens[-1]) + 1]]


SPEC = ProgramPuzzle(
    module=__name__,
    vocabulary="abc123>",
    example="a1b2>a",
    reference=_recalled,
    par=2,
    most=3,
    draw=_pairs,
    prediction=Prediction(
        "The input is a 1 b 2 > a. Which index has the place that the last position looks at in the second layer?",
        1,
        "The place whose token before is an a: the 1 behind it. A look at the a itself would not say what comes next.",
    ),
    hints=(
        "A value stands behind its key: it is the place whose `token_before` is the key.",
        "The selector compares `key(token_before)` with `query(tokens)`; only places `before()` one's own count.",
        "`behind_mine = (key(token_before) == query(tokens)) & before()`; then `.best(indices).only(tokens)`.",
    ),
)
