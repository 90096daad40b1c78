"""Which programs are in C-RASP and RASP-L, and what keeps the others out."""

from __future__ import annotations

import pytest

from lm.rasp.expressible import judge
from lm.rasp.language import indices, tokens
from lm.rasp.programs import PROGRAMS
from lm.rasp.selectors import everything, key, query

# Counting, comparing counts, and looking a fixed distance back (Huang et al. 2024, section 4).
C_RASP = {
    "length", "index", "count-before", "cumulative-sum", "histogram", "fraction-previous", "shift", "pattern",
    "pair-balance", "dyck-1-prefix", "dyck-1", "shuffle-dyck-2",
}  # fmt: skip
# These compute positions: Zhou et al. 2023 find that what needs this does not generalise.
INDEX_ARITHMETIC = {
    "flip", "align-right", "sort", "sort-by-frequency", "dyck-2", "dyck-3", "addition", "adder",
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_library(name):
    verdict = judge(PROGRAMS[name].output)
    assert (verdict.c_rasp == "") == (name in C_RASP)
    assert (verdict.rasp_l == "") == (name not in INDEX_ARITHMETIC)
    assert verdict.generalises == (name not in INDEX_ARITHMETIC)


def test_reasons():
    majority = key(tokens == "a").count() > key(tokens == "b").count()
    assert judge(majority).c_rasp == ""
    last = everything.best(indices).only(tokens).named("last")
    assert judge(last).c_rasp == "'last' chooses the best of several positions"
    parity = key(tokens == "a").count() % 2 == 0
    assert "does more with counts than add and compare them" in judge(parity).c_rasp
    middle = (key(indices + indices) == query(indices)).count()
    assert judge(middle).rasp_l == "key(indices + indices) == query(indices) compares a position with a computed number"
