"""Tokens and types: why perplexities of different tokenisers do not compare, and what does."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from lm.corpus import Split
from lm.lecture.lesson import Finding, Grid, Lesson
from lm.study.measure import Request, measure


def _measure(split: Split) -> Finding:
    texts = {"valid": split.validation, "test": split.held_out}
    wanted = {
        "characters": Request(6, "char"),
        "bytes": Request(6, "byte"),
        "BPE, 512 tokens": Request(5, "bpe", tokens=512),
        "BPE, 2,048 tokens": Request(4, "bpe", tokens=2048),
        "words": Request(3, "word", "stream"),
    }
    found = {name: measure(split.train, texts, request) for name, request in wanted.items()}
    rows = [[name, *_row(result)] for name, result in found.items()]

    a, b = _frequent_pair(split.train)
    joined = {name: text.replace(f"{a} {b}", f"{a}{b}") for name, text in (("train", split.train), *texts.items())}
    test = {"valid": joined["valid"], "test": joined["test"]}
    together = measure(joined["train"], test, wanted["words"])
    words = found["words"]
    apart = [["two words", *_row(words)], ["one word", *_row(together)]]
    total = [x["bits_per_token"]["test"] * x["tokens"]["test"] for x in (words, together)]
    says = f"""
The same held-out text, cut in five ways, each with a modified Kneser-Ney model. Perplexity grows with the size of a
token, as one of fewer tokens decides more; it compares models of the same tokens only. Bits of a character compare all
that can spell the text: bits per token times tokens is the total, whatever the tokens. Words are the exception, since
unknown ones ({words['unknown']['test']:,} here) are paid as one type and never spelled.

*Taco Bell, Tacobell*: writing the most frequent pair of words, "{a} {b}", as one word leaves a text with the same
content. Its perplexity per word goes from {words['ppl']['test']:.1f} to {together['ppl']['test']:.1f}, because there
are fewer words now; its bits in all go from {total[0]:,.0f} to {total[1]:,.0f}.
"""
    headings = ["tokens", "types", "number", "perplexity", "bits a token", "a word", "a character", "a byte"]
    values = {f"{name}, bits a character": x["bits_per_character"]["test"] for name, x in found.items()}
    values |= {"bits in all, two words": total[0], "bits in all, one word": total[1]}
    return Finding(says, values, [Grid(headings, rows), Grid(headings, apart, f'"{a} {b}" as two words, and as one')])


def _frequent_pair(text: str) -> tuple[str, str]:
    """The most frequent two words of letters, one after the other; the first two words where there is no such pair."""
    pairs = Counter(pairwise(text.split()))
    return max(pairs, key=lambda pair: (all(map(str.isalpha, pair)), pairs[pair]))


def _row(result: dict[str, Any]) -> list[float | int]:
    bits = [result[f"bits_per_{unit}"]["test"] for unit in ("token", "word", "character", "byte")]
    return [result["types"], result["tokens"]["test"], result["ppl"]["test"], *bits]


LESSON = Lesson(
    1,
    "tokens and types",
    'perplexity depends on what a word is: is "Taco Bell" two, or "Tacobell" one?',
    "on words",
    "python -m lm ngram --train pydoc:train --test pydoc:held_out --unit bpe --order 5",
    _measure,
)
