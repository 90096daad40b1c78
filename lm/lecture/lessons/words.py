"""Words as vectors, and facts that are known in one direction only."""

from __future__ import annotations

from typing import Any

from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson
from lm.lecture.threads import one_thread


def _measure(split: Split) -> Finding:
    from lm.attend.reversal import reversal
    from lm.embeddings.skipgram import kinship, skipgram

    with one_thread():
        vectors = skipgram(kinship(seed=0), width=16, reach=4, epochs=2, seed=0)
        curse = reversal()
    nearest = vectors.analogy("man", "woman", "king", 3)
    says = f"""
*Man is to woman as king is to ...*: skip-gram vectors of a small made-up corpus of kinship answer *{nearest[0][0]}*.

*The reversal curse*: a transformer that is told "A's mother is B" answers that question with {curse.as_told:.0%} right
and "whose mother is B?" with {curse.reversed:.0%}, although it has learnt from other pairs what both questions mean.
"""
    rows: list[list[Any]] = [[word, cosine] for word, cosine in nearest]
    values = {"as told": curse.as_told, "reversed": curse.reversed, f"cosine of {nearest[0][0]}": float(nearest[0][1])}
    return Finding(says, values, [Grid(["nearest to woman - man + king", "cosine"], rows)])


LESSON = Lesson(
    2,
    "words as vectors, facts one way",
    'vectors of words answer analogies, and a model that knows "who is the mother of" does not know it the other way.',
    "on what models learn",
    "python -m lm attend",
    _measure,
)
