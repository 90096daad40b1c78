"""Probabilities are code lengths: Shannon's, Kraft's inequality, and Huffman's tree of the text's letters."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from lm.codes.huffman import huffman, huffman_lengths
from lm.codes.lengths import code_words, entropy, kraft_sum, shannon_lengths
from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson
from lm.shannon.alphabet import reduce

SHOWN = 8


def _measure(split: Split) -> Finding:
    counts = Counter(reduce(split.train))
    names = ["space" if symbol == " " else symbol for symbol, _ in counts.most_common()]
    p = np.array([count for _, count in counts.most_common()]) / counts.total()
    shannon, best = shannon_lengths(p), huffman_lengths(p)
    tree = huffman(p)
    words, paths = code_words(shannon), tree.words()
    rows: list[list[Any]] = [
        [name, float(p[i]), float(-np.log2(p[i])), int(shannon[i]), words[i], int(best[i]), paths[i]]
        for i, name in enumerate(names)
    ]
    means = {"entropy": entropy(p), "Huffman": float(p @ best), "Shannon": float(p @ shannon)}
    sums = {"Huffman": kraft_sum(best), "Shannon": kraft_sum(shannon)}
    says = f"""
The letters of {split.source} and the space. Their entropy is {means['entropy']:.4f} bits; Shannon's lengths, log2(1/p)
rounded up, cost {means['Shannon']:.4f} and leave room (Kraft sum {sums['Shannon']:.4f}); Huffman's code, the best of
whole bits, costs {means['Huffman']:.4f} (Kraft sum {sums['Huffman']:.0f}). An arithmetic coder pays the entropy
itself.
"""
    headings = ["symbol", "p", "log2(1/p)", "Shannon", "word", "Huffman", "word"]
    small = huffman(p[:SHOWN])
    return Finding(
        says,
        {f"bits a letter, {name}": value for name, value in means.items()},
        [Grid(headings, rows)],
        samples=[(f"Huffman's tree of the {SHOWN} most frequent", small.draw(names))],
    )


LESSON = Lesson(
    1,
    "probabilities are code lengths",
    "a symbol of probability p deserves log2(1/p) bits: a model is a code.",
    "",
    "python -m lm lecture --only codes",
    _measure,
)
