"""What one number hides: documents, repeats, accuracy."""

from __future__ import annotations

from typing import Any

from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson, Picture
from lm.lecture.picture import draw
from lm.study.measure import Request, measure


def _measure(split: Split) -> Finding:
    orders = (1, 2, 3, 5)
    texts = {"valid": split.validation, "test": split.held_out}
    found = {n: measure(split.train, texts, Request(n, "char", by_document=True, top=5)) for n in orders}
    rows: list[list[Any]] = []
    for n, result in found.items():
        row, accuracy = result["by_document"]["test"], result["accuracy"]["test"]
        rows.append(
            [
                n,
                result["ppl"]["test"],
                row["ppl_low"],
                row["ppl_high"],
                row["mean_of_ppl"],
                accuracy["top_1"],
                accuracy["top_5"],
                row["repeated"]["bits_per_token"],
                row["new"]["bits_per_token"],
            ]
        )
    last = found[orders[-1]]["by_document"]["test"]
    best, first = last["histogram_of_bits"], found[1]["by_document"]["test"]["histogram_of_bits"]
    says = f"""
Characters of {split.source}, {last['documents']} paragraphs to predict. The interval is where the perplexity of such a
text lies in 95 % of cases; differences smaller than that mean nothing. The mean of the paragraphs' perplexities is
another number, and no perplexity of anything. {last['repeated']['share']:.0%} of the characters repeat a pair that
their paragraph had before.
"""
    headings = ["order", "perplexity", "from", "to", "mean of paragraphs'", "top 1", "top 5", "bits, repeated", "new"]
    picture = draw("hidden", lambda axes: _paint(axes, {"order 1": first, f"order {orders[-1]}": best}))
    values = {f"perplexity, order {row[0]}": float(row[1]) for row in rows}
    return Finding(
        says,
        values,
        [Grid(headings, rows)],
        [Picture(picture, "How many characters cost how many bits: most are cheap, and a few carry the text.")],
    )


def _paint(axes: Any, series: dict[str, list[int]]) -> None:
    for i, (label, counts) in enumerate(series.items()):
        shares = [count / sum(counts) for count in counts]
        axes.bar([bits + 0.3 + 0.4 * i for bits in range(len(counts))], shares, 0.4, label=label)
    axes.set(xlabel="bits", ylabel="share of characters", xlim=(0, 17))
    axes.grid(False, axis="x")
    axes.legend()


LESSON = Lesson(
    1,
    "what the number hides",
    "perplexity is one number for a whole text, and hides the rest.",
    "",
    "python -m lm ngram --train pydoc:train --test pydoc:held_out --unit char --order 5 --by document --top 5",
    _measure,
)
