"""Shift.

Every position says the token to its left; the first one says _. A selector compares what stands at the key with what
stands at the query: `key(indices) == query(indices) + 3` looks three to the right. `.value(tokens, "_")` is the token
at the place that is looked at, and _ where there is none. This head, the previous token, is the first one that
trained models learn (Elhage et al., "A Mathematical Framework for Transformer Circuits", 2021).
"""

from lm.rasp import indices, key, query, tokens
from puzzles.prediction import Prediction
from puzzles.program import ProgramPuzzle

# HOLE: a selector of the position to the left.
left = key(indices) == query(indices) - 1
# END HOLE
output = left.value(tokens, "_")

SPEC = ProgramPuzzle(
    module=__name__,
    vocabulary="abc",
    example="abca",
    reference=lambda tokens: ["_", *tokens[:-1]],
    par=1,
    most=2,
    prediction=Prediction(
        "The selector is a matrix with a row for each query. How many of its cells are set for an input of 6 tokens?",
        5,
        "One in each row but the first: the cells just below the diagonal.",
    ),
    hints=(
        "A query at position 3 looks at the key at position 2.",
        "So the key's index is the query's index less one.",
        "`left = key(indices) == query(indices) - 1`.",
    ),
)
