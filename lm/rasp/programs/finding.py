"""Programs that look up: first, previous occurrence, patterns, associative recall, induction, knowledge."""

from __future__ import annotations

from lm.rasp.language import apply, indices, lookup, tokens, where
from lm.rasp.programs.moving import shift
from lm.rasp.programs.program import Program
from lm.rasp.selectors import before, key, query

same = key(tokens) == query(tokens)

first = same.best(-indices).only(indices).named("first")
previous_occurrence = (same & before()).best(indices).only(indices, -1).named("previous occurrence")

PATTERN = "abc"
found = (shift(2) == PATTERN[0]) & (shift(1) == PATTERN[1]) & (tokens == PATTERN[2])

# What followed this token when it occurred last: two heads in a row, the first fetches the token before.
token_before = shift(1).named("token before")
followed = ((key(token_before) == query(tokens)) & (key(indices) <= query(indices))).best(indices)
induction = followed.only(tokens, None).named("induction")

# Pairs of a key and its value, then > and a key: the same two heads answer.
ASK = ">"
pairs = ((key(token_before) == query(tokens)) & before()).best(indices).only(tokens, None).named("value of this key")
recall = where(token_before == ASK, pairs, None).named("recall")

# Facts are a table in the weights of an MLP: (relation, subject) to what is asked for.
FACTS = {
    ("president", "2000"): "Clinton", ("president", "2004"): "Bush", ("president", "2008"): "Bush",
    ("president", "2012"): "Obama", ("president", "2016"): "Obama", ("president", "2020"): "Trump",
    ("capital", "France"): "Paris", ("capital", "Japan"): "Tokyo", ("capital", "Peru"): "Lima",
}  # fmt: skip
RELATIONS = tuple(dict.fromkeys(relation for relation, _ in FACTS))
SUBJECTS = tuple(subject for _, subject in FACTS)
is_relation = lookup(dict.fromkeys(RELATIONS, True), tokens, False).named("is relation")
relation = (key(is_relation) & before()).best(indices).only(tokens, None).named("relation")
knowledge = apply(lambda of, subject: FACTS.get((of, subject)), relation, tokens, label="knowledge")

PROGRAMS = (
    Program("first", "where this token occurs first", first, "abcab"),
    Program("previous-occurrence", "where this token occurred last, -1 if it did not", previous_occurrence, "abcab"),
    Program("pattern", f"whether {PATTERN} ends here", found.named("found"), "cabca"),
    Program("induction", "what followed this token when it occurred last", induction, "abcab", causal=True),
    Program("recall", "the value of the key after >: associative recall", recall, "a1b2>a", tuple("ab12>")),
    Program(
        "knowledge",
        "who was president on 1 July of a year, the capital of a country",
        knowledge,
        "president in 2008",
        (*RELATIONS, "in", "of", *SUBJECTS),
        open=False,
        joined=True,
    ),
)
