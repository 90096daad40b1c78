"""Code against English: a model is good on what it has read."""

from __future__ import annotations

from typing import Any

from lm import corpus
from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson
from lm.ngrams.fit import fit
from lm.scrutiny.documents import split_documents
from lm.scrutiny.filtering import clean
from lm.text.stream import Encoder

ORDER = 6
MIXED = 60


def _measure(split: Split) -> Finding:
    code = corpus.library()
    size = min(len(split.train), len(code.train))
    parts = {"the text": split, "code": code}
    models = {
        name: fit(part.train[:size], Encoder.of(part.train[:size], "char", "stream"), ORDER, "mkn")
        for name, part in parts.items()
    }
    bits = {(a, b): models[a].bits(parts[b].held_out).per("character") for a in parts for b in parts}
    rows: list[list[Any]] = [[f"a model of {a}", *(bits[a, b] for b in parts)] for a in parts]

    own, foreign = (split_documents(part.held_out)[:MIXED] for part in (split, code))
    mixed = own + foreign
    threshold = 2 ** ((bits["the text", "the text"] + bits["the text", "code"]) / 2)
    verdicts = clean(mixed, lambda document: models["the text"].bits(document).perplexity, most=threshold)
    kept = [verdict.reason == "kept" for verdict in verdicts]
    right = sum(kept[: len(own)]) / len(own), sum(kept[len(own) :]) / len(foreign)
    says = f"""
{size:,} characters each of {split.source} and of the standard library's sources. The model of the text pays
{bits["the text", "the text"]:.2f} bits for a character of text and {bits["the text", "code"]:.2f} for one of code; the
model of code {bits["code", "the text"]:.2f} and {bits["code", "code"]:.2f}.

So perplexity sorts: of {len(own)} paragraphs of the text and {len(foreign)} of code, with the model of the text and a
bound of {threshold:.1f}, {right[0]:.0%} of the text stays and {right[1]:.0%} of the code. `lm filter` does this for
files, and drops exact and near duplicates first.
"""
    values = {f"bits a character, {a} on {b}": value for (a, b), value in bits.items()}
    values |= {"share of the text that stays": right[0], "share of code that stays": right[1]}
    return Finding(says, values, [Grid(["", "on the text", "on code"], rows, "Bits per character")])


LESSON = Lesson(
    1,
    "code against English",
    "a model's perplexity belongs to a text: program code and English differ.",
    "",
    "python -m lm ngram --train pydoc:train --test stdlib:held_out --unit char --order 6",
    _measure,
)
