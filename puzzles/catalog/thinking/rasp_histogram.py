"""Histogram.

Every position says how often its own token occurs in the input. Attention averages: a head that looks at w places gives
each the weight 1/w, and looking at one known place besides tells what 1/w is. So one head counts, whatever it selects
(Weiss, Goldberg and Yahav, "Thinking Like Transformers", 2021, section 3).
"""

from lm.rasp import key, query, tokens
from puzzles.prediction import Prediction
from puzzles.program import ProgramPuzzle

# HOLE: a selector of all places with the query's own token.
same = key(tokens) == query(tokens)
# END HOLE
output = same.count()

SPEC = ProgramPuzzle(
    module=__name__,
    vocabulary="abc",
    example="abcaab",
    reference=lambda tokens: [tokens.count(token) for token in tokens],
    par=1,
    most=2,
    prediction=Prediction(
        "In a b c a a b: how many cells of the selector's 6 x 6 matrix are set?",
        14,
        "Each of three a selects three places, each of two b two, and the c itself: 9 + 4 + 1.",
    ),
    hints=(
        "Which keys does a query with the token b look at?",
        "At those whose token equals its own: one side is a key, the other a query.",
        "`same = key(tokens) == query(tokens)`.",
    ),
)
