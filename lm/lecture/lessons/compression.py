"""A model is a compressor: measured sizes against the cross-entropy, and against gzip, xz and zstd."""

from __future__ import annotations

from typing import Any

import numpy as np

from lm.codes.archive import pack
from lm.codes.coders import adaptive_coder, ngram_coder
from lm.codes.sizes import others, xz
from lm.corpus import Split
from lm.language import Language
from lm.language.spelling import write
from lm.lecture.lesson import Finding, Grid, Lesson, Picture
from lm.lecture.picture import draw

DOCUMENTS = 10


def _measure(split: Split) -> Finding:
    data = split.held_out.encode()
    known = ngram_coder(split.train, "byte", 6, "mkn")
    coders = {"a model that learns on the way": adaptive_coder(5), "n-grams of the training text": known}
    packed = {name: pack(data, coder, lambda done, total: None) for name, coder in coders.items()}
    own = dict.fromkeys(coders, 0) | {"n-grams of the training text": xz(split.train.encode())}
    rows: list[list[Any]] = [["as it is", len(data), None, None, 8.0, None]]
    for name, found in packed.items():
        size = len(found.content)
        rows.append([name, size, found.code, found.bits / 8, 8 * size / len(data), size + own[name]])
    for name, known_size in others(data).items():
        if known_size is not None:
            rows.append([name, known_size, None, None, 8 * known_size / len(data), known_size])
    over = max(found.code * 8 / found.bits - 1 for found in packed.values())
    header = max(len(found.content) - found.code for found in packed.values())
    says = f"""
The held-out part of {split.source}, {len(data):,} bytes. The arithmetic coder turns a model's probabilities into a
file that is restored byte for byte. Its codes are {over:.3%} above the cross-entropy at most; a header of up to
{header} bytes, which names the model, comes on top. A model that knows the training text is not comparable with
compressors that know nothing until what it knows is counted: the last column adds the training text itself, after xz.
The model that learns on the way has nothing to add.
"""
    headings = ["", "bytes", "code", "cross-entropy", "bits a byte", "with the model's own"]
    language = Language()
    documents = language.documents(0, DOCUMENTS)
    text = write(language, documents).encode()
    truth = float(language.information(documents).sum() / np.log(2) / 8)
    learned = pack(text, adaptive_coder(5), lambda done, total: None)
    floor: list[list[Any]] = [["as it is", len(text)], ["the information in it", truth]]
    floor += [["a model that learns on the way", learned.code]]
    floor += [[name, size] for name, size in others(text).items() if size is not None]
    says += f"""
Of the known language the least size is known: {DOCUMENTS} documents of {len(text):,} bytes hold {truth:,.0f}, and no
compressor that works for all such documents can do with less on average.
"""
    picture = draw("compression", lambda axes: _paint(axes, rows), height=2.6)
    values = {f"bytes, {row[0]}": float(row[1]) for row in rows}
    values["bytes of information, known language"] = truth
    grids = [Grid(headings, rows), Grid(["", "bytes"], floor, "The known language")]
    return Finding(says, values, grids, [Picture(picture, "Bits per byte of the held-out text.")])


def _paint(axes: Any, rows: list[list[Any]]) -> None:
    bars = axes.barh([row[0] for row in rows[1:]], [row[4] for row in rows[1:]], 0.6)
    axes.bar_label(bars, fmt="%.2f", padding=4)
    axes.invert_yaxis()
    axes.grid(False, axis="y")
    axes.set_xlabel("bits per byte")
    axes.margins(x=0.1)


LESSON = Lesson(
    1,
    "a model is a compressor",
    "the better a model predicts a text, the fewer bits the text needs.",
    "",
    "python -m lm compress FILE --model ngram --order 6",
    _measure,
)
