"""Count.

Every position says how many a there are. A program for attention gives every position a value. It starts from `tokens`
and `indices`; a selector says which positions (keys) each position (a query) looks at: `key(tokens == "b")` looks at
every b, `key(tokens) == query(tokens)` at every token like one's own. What comes of a look is `.count()`, or
`.value(x)`, the value of x there.
"""

from lm.rasp import key, tokens
from puzzles.prediction import Prediction
from puzzles.program import ProgramPuzzle

# HOLE: a selector of every a, and how many positions it selects.
is_a = key(tokens == "a")
output = is_a.count()
# END HOLE

SPEC = ProgramPuzzle(
    module=__name__,
    vocabulary="abc",
    example="abca",
    reference=lambda tokens: [tokens.count("a")] * len(tokens),
    par=1,
    most=2,
    prediction=Prediction(
        "The input is a b c a. Which number does the position of the b say?",
        2,
        "A selector without a query looks the same from everywhere: all four positions count the same two.",
    ),
    hints=(
        "The selector does not depend on who looks: it is one of keys alone.",
        '`key(tokens == "a")` selects every a; a selector has a method that says how many it selects.',
        '`output = key(tokens == "a").count()`.',
    ),
)
