"""Addition.

The sum of two numbers: 6 8 3 + 3 4 5 gives 1 0 2 8, its last digit at the last position, and nothing before its
first. Position by position, a place is the sum of two digits, from 0 to 18; what is missing is the carry from the
right. A place above 9 passes one on and a place below 9 none, whatever comes from its right; a 9 passes on what it
gets. So nobody has to wait for a carry to ripple through: the nearest place to the right that is not a 9 decides.
"""

import random

from lm.rasp import indices, key, length, lookup, query, tokens, where
from puzzles.prediction import Prediction
from puzzles.program import ProgramPuzzle

DIGITS = {"0": 0, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "6": 6, "7": 7, "8": 8, "9": 9}

digit = lookup(DIGITS, tokens, 0)
plus = key(tokens == "+").only(indices, -1)
source = indices - length + plus  # where the first number has its digit for this place
upper = (key(indices) == query(source)).mean(digit)
lower = where(indices - plus > 0, digit, 0)
place = upper + lower
# HOLE: the places to the right that decide; whether the nearest of them passes one on.
decides = key(place != 9) & (key(indices) > query(indices))
carry = decides.best(-indices).only(place > 9, False)
# END HOLE
in_front = (source < 0) & (indices - plus <= 0)
output = where(in_front & (place + carry == 0), None, (place + carry) % 10)


def _sum(rng: random.Random) -> list[str]:
    first, second = (rng.randrange(10 ** rng.randint(1, 5)) for _ in range(2))
    if rng.random() < 0.4:  # long carries
        second = max(0, 10 ** len(str(first)) - first - rng.randrange(2))
    return list(f"{first}+{second}")


def _added(tokens: list[str]) -> list[int | None]:
    answer = str(sum(map(int, "".join(tokens).split("+"))))
    return [None] * (len(tokens) - len(answer)) + [int(digit) for digit in answer]


SPEC = ProgramPuzzle(
    module=__name__,
    vocabulary="0123456789+",
    example="683+345",
    reference=_added,
    par=3,
    most=4,
    draw=_sum,
    prediction=Prediction(
        "7 9 9 8 + 0 0 0 2: how many places to the right does the 7 have to look to know its carry?",
        3,
        "Its neighbours are nines and pass on what they get; the last place, 8 + 2, decides.",
    ),
    hints=(
        "A 9 passes on what it gets; any other sum of two digits decides by itself.",
        "Look to the right, at places that are not 9, for the nearest: the one with the lowest index.",
        "`decides = key(place != 9) & (key(indices) > query(indices))`; then `.best(-indices).only(place > 9, False)`.",
    ),
)
