"""Reverse.

The tokens backwards. `length` is no gift: a head averages all indices, the mean of 0 to n - 1 is (n - 1) / 2, and what
comes of it is known one layer later. A query that needs the length therefore looks in the second layer.
"""

from lm.rasp import indices, key, length, query, tokens
from puzzles.prediction import Prediction
from puzzles.program import ProgramPuzzle

# HOLE: the index of the place that each position has to look at.
opposite = length - 1 - indices
# END HOLE
output = (key(indices) == query(opposite)).value(tokens)

SPEC = ProgramPuzzle(
    module=__name__,
    vocabulary="abc",
    example="abcca",
    reference=lambda tokens: tokens[::-1],
    par=2,
    most=3,
    prediction=Prediction(
        "The input has 5 tokens. Which index does position 1 look at?",
        3,
        "The place as far from the end as it is from the beginning: 5 - 1 - 1.",
    ),
    hints=(
        "Position 0 looks at the last place. Which index does that have?",
        "The last place has the index length - 1; each step to the right looks one further to the left.",
        "`opposite = length - 1 - indices`.",
    ),
)
