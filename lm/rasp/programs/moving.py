"""Programs that move tokens: shift, flip, align right, split, slide."""

from __future__ import annotations

from lm.rasp.language import Expression, indices, tokens, where
from lm.rasp.programs.program import Program
from lm.rasp.selectors import key, length, query

BLANK = "_"
PLUS = "+"
HOLE = "<"


def shift(n: int, of: Expression = tokens, default: str | None = BLANK) -> Expression:
    """Each position gets the value n places to its left (to its right for a negative n)."""
    return (key(indices) == query(indices) - n).value(of, default).named(f"shift {n}")


def flip(of: Expression = tokens) -> Expression:
    """The sequence backwards."""
    return (key(indices) == query((length - 1 - indices).named("opposite"))).value(of).named("flip")


# Blanks at the end move to the front: position i gets what is as many places to its left as there are blanks.
blanks = key(tokens == BLANK).count().named("blanks")
align_right = (key(indices) == query((indices - blanks).named("source"))).value(tokens, BLANK).named("align right")

plus = key(tokens == PLUS).only(indices, -1).named("plus")
left_part = where(indices < plus, tokens, BLANK).named("left")
right_part = where(indices > plus, tokens, BLANK).named("right")

# A hole gets the nearest token to its right that is none.
nearest = (key(tokens != HOLE) & (key(indices) >= query(indices))).best(-indices)
slide = nearest.value(tokens, BLANK).named("slide")

PROGRAMS = (
    Program("shift", "every token one place to the right", shift(1), "abcab"),
    Program("flip", "the tokens backwards", flip(), "abcab"),
    Program("align-right", "the blanks _ at the end move to the front", align_right, "ab___", ("a", "b", BLANK)),
    Program("split-left", "what is left of the +, blanks elsewhere", left_part, "ab+ba", ("a", "b", PLUS)),
    Program("split-right", "what is right of the +, blanks elsewhere", right_part, "ab+ba", ("a", "b", PLUS)),
    Program("slide", "each < becomes the nearest other token to its right", slide, "a<<b<", ("a", "b", HOLE)),
)
