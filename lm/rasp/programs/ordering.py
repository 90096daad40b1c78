"""Programs that order: minimum, sort, sort by frequency.

A token's rank is how many positions come before it in the order; position i then fetches the token of rank i.
"""

from __future__ import annotations

from lm.rasp.language import indices, tokens
from lm.rasp.programs.counting import histogram
from lm.rasp.programs.program import Program
from lm.rasp.selectors import key, query

smaller = key(tokens) < query(tokens)
equal_and_earlier = (key(tokens) == query(tokens)) & (key(indices) < query(indices))
rank = (smaller | equal_and_earlier).count().named("rank")

# The smallest token has rank 0; every position fetches it.
minimum = key(rank == 0).only(tokens).named("minimum")
sort = (key(rank) == query(indices)).only(tokens).named("sort")

# Frequent tokens first; among equally frequent ones the earlier position.
more_frequent = key(histogram) > query(histogram)
as_frequent_and_earlier = (key(histogram) == query(histogram)) & (key(indices) < query(indices))
frequency_rank = (more_frequent | as_frequent_and_earlier).count().named("rank")
sort_by_frequency = (key(frequency_rank) == query(indices)).only(tokens).named("sort by frequency")

PROGRAMS = (
    Program("minimum", "the smallest token", minimum, "cabca"),
    Program("sort", "the tokens in order", sort, "cabca"),
    Program("sort-by-frequency", "the tokens, frequent ones first", sort_by_frequency, "abbca"),
)
