"""Shannon's samples: text from models of growing order."""

from __future__ import annotations

from lm.corpus import Split
from lm.lecture.lesson import Finding, Lesson
from lm.study.measure import Request, measure

LETTERS, WORDS = 160, 32


def _measure(split: Split) -> Finding:
    letters = measure(split.train, {}, Request(5, "char", samples=LETTERS))["samples"]
    words = measure(split.train, {}, Request(3, "word", "stream", samples=WORDS))["samples"]
    says = f"""
Drawn from counts of {split.source}, nothing changed or chosen. With each order more of the text's own passages return:
at the end the model quotes.
"""
    shown = [(f"Letters, order {order}", _one_line(text)) for order, text in letters.items()]
    shown += [(f"Words, order {order}", _one_line(text)) for order, text in words.items()]
    return Finding(says, {}, samples=shown)


def _one_line(text: str) -> str:
    return " ".join(text.split())


LESSON = Lesson(
    1,
    "approximations to English",
    "text drawn from models of growing order looks more and more like its source (Shannon 1948).",
    "",
    "python -m lm ngram --train pydoc:train --unit char --order 5 --samples 160",
    _measure,
)
