"""Bits by document: how far the perplexity of a text would move if its documents had been others.

The perplexity of a text is 2^(sum of bits / sum of tokens), of all documents as one text.  It is not the mean of the
documents' perplexities, which a few short strange documents dominate.  Its uncertainty is that of a ratio of sums over
n documents, with B bits and T tokens each (Cochran, Sampling Techniques, section 2.11):

    r = sum B / sum T,     standard error = sqrt( n / (n - 1) sum (B - r T)^2 ) / sum T
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from lm.text.bpe import BPE
from lm.text.stream import Encoder
from lm.text.units import lines, words

_BLANK = re.compile(r"\n(?:[^\S\n]*\n)+")


def split_documents(text: str) -> list[str]:
    """The parts of a text between blank lines, each with the blank lines after it; together they are the text."""
    ends = [match.end() for match in _BLANK.finditer(text) if match.end() < len(text)]
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]


def tokens_of(encoder: Encoder, documents: list[str]) -> np.ndarray:
    """int64 [documents]: how many tokens of the joined text begin in each document."""
    if encoder.unit == "byte":
        counts = [len(part.encode()) - (part.count("\n") if encoder.ends else 0) for part in documents]
    elif encoder.unit == "char":
        counts = [len(part) - (part.count("\n") if encoder.ends else 0) for part in documents]
    elif encoder.unit == "word":
        counts = [len(words(part.replace("\n", " "))) for part in documents]
    else:
        assert encoder.bpe is not None
        return _bpe_tokens(encoder.bpe, encoder, documents)
    return np.array(counts) + (_line_ends(documents) if encoder.ends else 0)


def _line_ends(documents: list[str]) -> np.ndarray:
    """int64 [documents]: sentence ends, one a line; all but the last document end with a line end."""
    return np.array([len(lines(part)) for part in documents])


def _bpe_tokens(bpe: BPE, encoder: Encoder, documents: list[str]) -> np.ndarray:
    """Tokens may reach from one document into the next: they belong to the one that they begin in."""
    if encoder.ends:
        return np.array([sum(len(bpe.encode(line)) + 1 for line in lines(part)) for part in documents])
    sizes = [len(bpe.tokens[number]) for number in bpe.encode("".join(documents))]
    begins = np.cumsum([0, *sizes[:-1]])
    ends = np.cumsum([len(part.encode()) for part in documents])
    return np.bincount(np.searchsorted(ends, begins, side="right"), minlength=len(documents))


@dataclass(frozen=True)
class ByDocument:
    """bits, tokens: float64 and int64 [documents]."""

    bits: np.ndarray
    tokens: np.ndarray

    @classmethod
    def of(cls, probabilities: np.ndarray, tokens: np.ndarray) -> ByDocument:
        """From p of each token of the joined text and the documents' numbers of tokens; empty ones are left out."""
        owner = np.repeat(np.arange(len(tokens)), tokens)
        with np.errstate(divide="ignore"):
            bits = np.bincount(owner, -np.log2(probabilities), len(tokens))
        return cls(bits[tokens > 0], tokens[tokens > 0])

    @property
    def rate(self) -> float:
        """Bits per token of all documents as one text."""
        return float(self.bits.sum() / self.tokens.sum())

    @property
    def standard_error(self) -> float:
        """Of `rate`; nan for fewer than two documents."""
        n = len(self.bits)
        if n < 2:
            return math.nan
        residual = self.bits - self.rate * self.tokens
        return float(np.sqrt(n / (n - 1) * (residual**2).sum()) / self.tokens.sum())

    @property
    def interval(self) -> tuple[float, float]:
        """The perplexities between which that of such texts lies in 95 % of cases."""
        return 2 ** (self.rate - 1.96 * self.standard_error), 2 ** (self.rate + 1.96 * self.standard_error)

    @property
    def mean_of_perplexities(self) -> float:
        """The number that must not be reported: the mean of the documents' perplexities."""
        return float((2 ** (self.bits / self.tokens)).mean())


def histogram(probabilities: np.ndarray, most: int = 20) -> np.ndarray:
    """int64 [most + 1]: how many tokens cost 0 to 1 bits, 1 to 2, ..., `most` or more."""
    with np.errstate(divide="ignore"):
        bits = np.minimum(-np.log2(probabilities), most)
    return np.bincount(bits.astype(np.int64), minlength=most + 1)
