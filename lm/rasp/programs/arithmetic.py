"""Addition of decimal numbers of any length, and a causal adder that continues `683+345=` with 1028.

What two digits that lie under each other add up to, without a carry from the right, is below 9, is 9, or is at least
10.  A 9 passes a carry on, so what comes in from the right is decided by the nearest sum to the right that is not 9
(the carry skip of Lehman & Burla 1961): one head that looks for the best of several keys.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add

from lm.rasp.language import Expression, indices, lookup, tokens, where
from lm.rasp.language import apply as elementwise
from lm.rasp.programs.program import Program
from lm.rasp.selectors import key, length, query, select

DIGITS = tuple("0123456789")
PLUS, EQUALS, END = "+", "=", "\n"

digit = lookup({d: int(d) for d in DIGITS}, tokens, 0).named("digit")


def addition() -> Expression:
    """Position i of n holds the digit of the place n - 1 - i, so the sum ends where the input ends.

    Layer 1 finds the plus and the length, layer 2 fetches the first number's digit of this place (the second number's
    is here already), layer 3 finds the carry.
    """
    plus = key(tokens == PLUS).only(indices, -1).named("plus")
    source = (indices - length + plus).named("index in the first number")
    upper = (key(indices) == query(source)).mean(digit).named("upper digit")
    lower = where((indices - plus).named("after plus") > 0, digit, 0).named("lower digit")
    place = (upper + lower).named("sum of this place")
    decides = key((place != 9).named("not 9")) & (key(indices) > query(indices))
    carry = decides.best(-indices).only((place > 9).named("makes a carry"), False).named("carry")
    outside = ((source < 0) & (indices - plus <= 0)).named("before both numbers")
    total = (place + carry).named("total")
    return where(outside & (total == 0), None, total % 10).named("addition")


def causal_addition(digits: int) -> Expression:
    """What comes next in `683+345=1028` and a line's end, most significant digit first; nothing before the =.

    The numbers have at most `digits` digits each.  When the second number is read, its length is not known yet, so each
    of its digits adds up with the first number's digit for every difference of lengths d (layer 2).  At the = that
    difference is known.  Layer 3 finds whether there is a carry out of the highest place, which says how long the
    answer is; layer 4 fetches the two digits of the place that is due, and the carry into it.
    """
    shifts = range(1 - digits, digits)
    is_digit = lookup(dict.fromkeys(DIGITS, True), tokens, False).named("is digit")
    plus = key(tokens == PLUS).only(indices, -1).named("plus")
    equals = key(tokens == EQUALS).only(indices, -1).named("equals")
    first = (is_digit & (plus < 0)).named("in first")
    second = (is_digit & (plus >= 0) & (equals < 0)).named("in second")

    # While reading: for each d, does this place decide about the carry, and does it make one?
    read = (indices - plus).named("digits read")
    decide, make = {}, {}
    for d in shifts:
        above = select(indices, read, _at(d)).mean(digit).named(f"digit above, {d}")
        place = (above + digit).named(f"sum, {d}")
        alone = ((indices < -d) & first & (digit != 9)).named(f"alone, {d}")  # only the first number has this place
        decide[d] = where(second, place != 9, alone).named(f"decides, {d}")
        make[d] = (second & (place > 9)).named(f"makes a carry, {d}")

    # At the = and after: the lengths, the carry out of everything, the place that is due.
    difference = (equals - plus - plus - 1).named("difference of lengths")
    is_difference = {d: (difference == d).named(f"difference is {d}") for d in shifts}
    longer = elementwise(lambda d: max(d, 0), difference, label="longer by")

    def carry(name: str, *limits: object) -> Expression:
        """1 if the highest place that is not 9, below the limits, makes a carry; at most one d has any keys."""
        found = []
        for d in shifts:
            keys = key(decide[d]) & query(is_difference[d])
            for limit in limits:
                keys = keys & limit  # type: ignore[operator]
            found.append(keys.best(-indices).only(make[d], False).named(f"{name}, {d}"))
        return reduce(add, found).named(name)

    out = carry("carry out")
    upper_index = (indices - equals - longer - out).named("upper index")
    lower_index = (indices - plus - longer - out).named("lower index")
    due = (plus + longer + out + equals - indices - 1).named("place due")

    upper = (key(first) & (key(indices) == query(upper_index))).mean(digit).named("upper digit")
    lower = (key(second) & (key(indices) == query(lower_index))).mean(digit).named("lower digit")
    below = (
        select(where(first, indices, 2 * digits + 2).named("index if first"), upper_index, lambda k, q: k > q),
        select(where(second, indices, 2 * digits + 2).named("index if second"), lower_index, lambda k, q: k > q),
    )
    total = (upper + lower + carry("carry", *below)).named("total")
    answer = elementwise(lambda n: str(n % 10), total, label="answer digit")
    return where(equals < 0, None, where(due < 0, END, answer)).named("next")


def _at(difference: int) -> Callable[[int, int], bool]:
    """Whether a key's index is that of the first number's digit, where the second is longer by `difference`."""
    return lambda index, read: index == read - 1 - difference


ADDER_DIGITS = 3

PROGRAMS = (
    Program(
        "addition",
        "the sum of two decimal numbers",
        addition(),
        "683+345",
        (*DIGITS, PLUS),
        length=21,
        open=False,
        joined=True,
    ),
    Program(
        "adder",
        f"continues a sum of numbers of up to {ADDER_DIGITS} digits: a language model",
        causal_addition(ADDER_DIGITS),
        "683+345=102",
        (*DIGITS, PLUS, EQUALS, END),
        length=3 * ADDER_DIGITS + 3,
        open=False,
        causal=True,
        joined=True,
        language=True,
    ),
)
