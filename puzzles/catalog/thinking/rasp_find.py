"""Find.

Every position says where its own token occurs first. `key(tokens) == query(tokens)` selects all places of one's own
token, and their indices are several numbers. `selector.best(score)` keeps, of what a selector selects, the place with
the highest score, as a softmax with large scores does; `.only(x)` is the value of x at the one place that is left.
"""

from lm.rasp import indices, key, query, tokens
from puzzles.prediction import Prediction
from puzzles.program import ProgramPuzzle

same = key(tokens) == query(tokens)
# HOLE: of all places with the same token the first, and its index.
first = same.best(-indices)
output = first.only(indices)
# END HOLE

SPEC = ProgramPuzzle(
    module=__name__,
    vocabulary="abc",
    example="abcab",
    reference=lambda tokens: [tokens.index(token) for token in tokens],
    par=1,
    most=2,
    prediction=Prediction(
        "In a b c a b: how many places does `same` select for the last b?",
        2,
        "The b at 1 and the b at 4: itself, too.",
    ),
    hints=(
        "`best(score)` keeps the selected place with the highest score: which score is highest at the first place?",
        "The first place has the lowest index, so the score is its negative.",
        "`output = same.best(-indices).only(indices)`.",
    ),
)
