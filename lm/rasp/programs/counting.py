"""Programs that count: length, index, count before, cumulative sum, histograms, fraction of previous, frequencies."""

from __future__ import annotations

from fractions import Fraction

from lm.rasp.language import Value, apply, indices, lookup, tokens, whole
from lm.rasp.programs.program import Program
from lm.rasp.selectors import before, key, length, query

DIGITS = tuple("0123456789")
digit = lookup({d: int(d) for d in DIGITS}, tokens).named("digit")

same = key(tokens) == query(tokens)
up_to_here = key(indices) <= query(indices)

histogram = same.count().named("histogram")
count_before = (same & before()).count().named("count before")

# Of the tokens that occur equally often, each is counted once, where it occurs first.
first_of_its_kind = (count_before == 0).named("first of its kind")
double_histogram = ((key(histogram) == query(histogram)) & key(first_of_its_kind)).count().named("double histogram")

# RASP's way without a beginning: position 0 is always among the selected, so their mean of "is position 0" is
# 1 / (their number), and whether it was there on its own account is looked up.
first_token = (key(indices) == 0).value(tokens).named("first token")
with_first = (same | (key(indices) == 0)).mean(indices == 0).named("1 / count with first")


def _count(share: Value, first: Value, token: Value) -> Value:
    return whole(1 / Fraction(share) - (first != token))


histogram_without_begin = apply(_count, with_first, first_token, tokens, label="histogram")

cumulative_sum = up_to_here.sum(digit, count=indices + 1).named("cumulative sum")

PROGRAMS = (
    Program("length", "how many tokens there are", length, "abcab"),
    Program("index", "each position's own number", indices, "abcab"),
    Program("count-before", "how often this token came before", count_before, "abcab"),
    Program("cumulative-sum", "the sum of the digits so far", cumulative_sum, "31415", DIGITS, open=False),
    Program("histogram", "how often this token occurs", histogram, "abcab"),
    Program(
        "histogram-without-begin",
        "the same without a beginning token, by one more head",
        histogram_without_begin,
        "abcab",
        begin=False,
    ),
    Program("double-histogram", "how many different tokens occur as often as this one", double_histogram, "abcab"),
    Program(
        "fraction-previous",
        "the share of x among the tokens so far",
        up_to_here.mean(tokens == "x").named("fraction"),
        "xaxb",
        ("x", "a", "b"),
    ),
)
