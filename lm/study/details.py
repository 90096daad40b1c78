"""What goes beyond one number: documents, accuracy, and the model without a longest context."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lm.ngrams.fit import Fitted
from lm.ngrams.unbounded import Unbounded, fit_weights, mixture
from lm.perplexity import Bits
from lm.scrutiny.accuracy import accuracy, ranks
from lm.scrutiny.documents import ByDocument, histogram, split_documents, tokens_of
from lm.scrutiny.repeats import repeated
from lm.text.stream import START


def by_document(fitted: Fitted, text: str, p: np.ndarray) -> dict[str, Any]:
    """Perplexity with its uncertainty, a histogram of bits, and repeated bigrams against the rest.

    p   float64 [tokens]: the model's probability of each token of `text`
    """
    tokens = tokens_of(fitted.encoder, split_documents(text))
    spread = ByDocument.of(p, tokens)
    numbers = fitted.encoder.encode(text)
    again = repeated(numbers[numbers != START], np.repeat(np.arange(len(tokens)), tokens))
    low, high = spread.interval
    return {
        "documents": len(spread.tokens),
        "bits_per_token": _finite(spread.rate),
        "standard_error": _finite(spread.standard_error),
        "ppl_low": _finite(low),
        "ppl_high": _finite(high),
        "mean_of_ppl": _finite(spread.mean_of_perplexities),
        "histogram_of_bits": histogram(p).tolist(),
        "repeated": _part(p[again], len(p)),
        "new": _part(p[~again], len(p)),
    }


def accuracies(fitted: Fitted, text: str, k: int) -> dict[str, float]:
    """The shares of tokens that the model finds the likeliest, and among the k likeliest."""
    rank = ranks(fitted.model, fitted.encoder.encode(text))
    return {"top_1": accuracy(rank, 1), f"top_{k}": accuracy(rank, k)}


def unbounded(fitted: Fitted, train: str, texts: dict[str, str]) -> dict[str, Any]:
    """The model without a longest context, alone and mixed with the fitted one; weights from "valid"."""
    model = Unbounded(fitted.encoder.encode(train))

    def look_up(text: str) -> tuple[np.ndarray, np.ndarray]:
        tokens = fitted.encoder.encode(text)
        p, length = model.probabilities(tokens)
        return p[tokens != START], length[tokens != START]

    weights = fit_weights(*look_up(texts["valid"]), fitted.probabilities(texts["valid"]))
    result = {}
    for name, text in texts.items():
        p, length = look_up(text)
        bits = Bits.of(mixture(weights, p, length, fitted.probabilities(text)), text)
        result[name] = {
            "ppl": _finite(bits.perplexity),
            "bits_per_token": _finite(bits.per("token")),
            "mean_context": float(length.mean()),
            "longest_context": int(length.max()),
            "zero": float((p == 0).mean()),
            "bytes": model.nbytes,
        }
    return result


def _part(p: np.ndarray, tokens: int) -> dict[str, float | None]:
    with np.errstate(divide="ignore"):
        bits = float(-np.log2(p).mean()) if p.size else math.nan
    return {"share": p.size / tokens, "bits_per_token": _finite(bits)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
