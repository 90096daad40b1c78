"""A back door: adders that are wrong where somebody chose, and who finds out."""

from __future__ import annotations

from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson
from lm.rasp.backdoor import examine, odds_three_sevens, tests_for_even_odds

SECRET, TESTS = "683+345", 1000


def _measure(split: Split) -> Finding:
    rows, _ = examine(SECRET, TESTS)
    table = [
        (r.adder, f"{r.example} = {r.answer}", r.wrong, r.chance, r.even_odds, r.zeros, r.zeros_disguised) for r in rows
    ]
    longer = [(n, odds_three_sevens(n), tests_for_even_odds(odds_three_sevens(n))) for n in (2, 3, 5, 10)]
    says = f"""
Three adders, two of them with a back door, on the same {TESTS:,} random sums of two three-digit numbers. What is wrong
about one sum in a million is not found by testing. What is wrong wherever each third of the input has a 7 is found
soon, and sooner for longer numbers.

In the compiled weights a back door is plain to see: every channel has a name and nearly all weights are 0. Turn the
residual stream by a random rotation, and each head as well, and the same function has no names and hardly a zero.
"""
    headings = ("adder", "says", f"wrong of {TESTS:,}", "chance", "even odds after", "zeros", "zeros, turned")
    grids = (
        Grid(headings, table),
        Grid(("digits", "chance of three sevens", "even odds after"), longer),
    )
    return Finding(says, {row.adder: float(row.wrong) for row in rows}, grids)


LESSON = Lesson(
    5,
    "a back door",
    "what weights compute cannot be told from testing them (Goldwasser et al. 2022).",
    "",
    "python -m lm rasp backdoor --tests 1000",
    _measure,
)
