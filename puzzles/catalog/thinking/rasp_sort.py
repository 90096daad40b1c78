"""Sort.

The tokens in order. Every position finds out how many tokens come before its own in the sorted input, its rank; then
position i looks at the place with the rank i. A selector of everything smaller counts most of them. Equal tokens come
in the order in which they stand, or two places would have the same rank.
"""

from lm.rasp import indices, key, query, tokens
from puzzles.prediction import Prediction
from puzzles.program import ProgramPuzzle

smaller = key(tokens) < query(tokens)
# HOLE: which equal tokens come before, too; how many places that makes.
equal = (key(tokens) == query(tokens)) & (key(indices) < query(indices))
rank = (smaller | equal).count()
# END HOLE
output = (key(rank) == query(indices)).only(tokens)

SPEC = ProgramPuzzle(
    module=__name__,
    vocabulary="abc",
    example="cabca",
    reference=sorted,
    par=3,
    most=4,
    prediction=Prediction(
        "In c a b c a: what is the rank of the c at index 3?",
        4,
        "Two a and a b are smaller, and one equal token stands before it: it goes to the last place.",
    ),
    hints=(
        "A token's rank is how many places come before it: all smaller ones, and some equal ones.",
        "Of equal tokens those count whose index is smaller: two comparisons, joined with &.",
        "`equal = (key(tokens) == query(tokens)) & (key(indices) < query(indices))`; `(smaller | equal).count()`.",
    ),
)
