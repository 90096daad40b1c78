"""Why attention is needed: a task family, and which model solves which."""

from __future__ import annotations

from typing import Any

from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson
from lm.lecture.threads import one_thread


def _measure(split: Split) -> Finding:
    from lm.attend.table import Result, hops_table, induction_table, recall_table

    with one_thread():
        hops, recall, induction = list(hops_table()), list(recall_table()), list(induction_table())

    def grid(results: list[Result], title: str) -> Grid:
        tasks = list(dict.fromkeys(x.task for x in results))
        right = {(x.model, x.task): x.accuracy for x in results}
        sizes = {x.model: x.parameters for x in results}
        rows: list[list[Any]] = [[m, size, *(right[m, task] for task in tasks)] for m, size in sizes.items()]
        chance = {x.task: x.chance for x in results}
        rows.append(["chance", None, *(chance[task] for task in tasks)])
        return Grid(["model", "parameters", *tasks], rows, title)

    says = """
A text says where each of eight names leads, then names one: where does it lead, in one, two, three steps? The numbers
are shares of right answers on fresh texts; chance is the best guess without the text, for two and three steps the name
itself, since a quarter of all texts leads back to it. Markov models and windows do not find the answer, which may stand
anywhere. A hard look-up, argmax, could; but its gradient is zero, and it does not learn to. A soft one does: that is
attention. Each further hop needs a further layer.

In associative recall a text tells pairs of a key and a value, then asks for all keys. The keys stand one place before
their values, so a look-up fails that looks by what stands at the place itself, and so does one layer of a transformer.
Keys shifted by one place are enough; so are two layers, the first of which learns to do the same; so is one layer where
a pair is one token, which holds its key.

Transformers on induction, where a pair returns and its second half is to be said again: one layer does not do it, two
do.
"""
    values = {f"{x.task}, {x.model}": x.accuracy for x in (*hops, *recall, *induction)}
    return Finding(says, values, [grid(hops, "Hops"), grid(recall, "Associative recall"), grid(induction, "Induction")])


LESSON = Lesson(
    2,
    "why attention is needed",
    "a look-up by argmax cannot learn; softmax makes it soft, and several of them in a row can follow several steps.",
    "on attention",
    "python -m lm attend",
    _measure,
)
