"""Text that looks more and more like its source (Shannon 1948, "A mathematical theory of communication", section 3).

Order 0 draws tokens uniformly, order 1 as often as they occur, order n as often as they follow the n - 1 tokens before.
Shannon opened a book at random for each letter; here maximum likelihood counts of the whole text do the same.
"""

from __future__ import annotations

import numpy as np

from lm.ngrams.cursor import Cursor
from lm.ngrams.fit import Fitted
from lm.text.stream import END, START, UNKNOWN


def draw(fitted: Fitted, tokens: int, seed: int) -> str:
    """`tokens` tokens drawn from a model, as text; words are separated by spaces, sentences by line ends.

    A stream that comes to the training text's very end, after which nothing is known, begins anew.
    """
    generator = np.random.default_rng(seed)
    cursor = Cursor(fitted.model)
    cursor.advance(START)
    drawn = []
    for _ in range(tokens):
        p = cursor.distribution()
        p[UNKNOWN] = 0  # has no spelling
        drawn.append(int(generator.choice(len(p), p=p / p.sum())))
        cursor.advance(drawn[-1])
        if drawn[-1] == END and fitted.encoder.mode == "sentence":
            cursor.advance(START)
    return spell(fitted, drawn)


def draw_uniform(fitted: Fitted, tokens: int, seed: int) -> str:
    """The same with all types of the training text equally probable."""
    base = fitted.model.base.copy()
    base[UNKNOWN] = 0
    generator = np.random.default_rng(seed)
    return spell(fitted, generator.choice(len(base), tokens, p=base / base.sum()).tolist())


def spell(fitted: Fitted, numbers: list[int]) -> str:
    """The text of tokens: END is a line end, and words are separated by spaces."""
    unit = fitted.encoder.unit
    tokens = fitted.encoder.decode(np.array(numbers))
    if unit in ("byte", "bpe"):
        join = bytes if unit == "byte" else fitted.encoder.bpe.decode  # type: ignore[union-attr]
        return join(t for t in tokens if isinstance(t, int)).decode("utf-8", "replace")
    if unit == "word":
        return " ".join("\n" if t is None else str(t) for t in tokens).replace(" \n ", "\n")
    return "".join("\n" if t is None else str(t) for t in tokens)
