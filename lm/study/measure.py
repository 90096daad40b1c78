"""One model of a training text, measured on others: the numbers of `python -m lm ngram --train`."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lm.errors import LMError
from lm.ngrams.backoff import BackoffModel
from lm.ngrams.counts import Grams
from lm.ngrams.fit import Fitted, Smoothing, count, smooth
from lm.ngrams.likelihood import maximum_likelihood
from lm.perplexity import Bits
from lm.shannon.approximations import draw, draw_uniform
from lm.study import details
from lm.text.bpe import BPE
from lm.text.bpe import train as learn_bpe
from lm.text.stream import START, UNKNOWN, Encoder
from lm.text.units import Mode, Unit

UNITS = ("token", "word", "character", "byte")


@dataclass(frozen=True)
class Request:
    """What to count and how, and which details to add; the options of the command."""

    order: int = 3
    unit: Unit = "word"
    mode: Mode | None = None
    smoothing: Smoothing = "mkn"
    k: float = 1.0
    tokens: int = 1000
    tokenizer: str | None = None
    ladder: bool = False
    by_document: bool = False
    top: int = 0
    unbounded: bool = False
    samples: int = 0
    seed: int = 0


def measure(train: str, texts: dict[str, str], request: Request) -> dict[str, Any]:
    """Numbers by text, JSON-ready: infinite ones are None.

    texts    by name; "valid" fits the weights of interp and of the unbounded mixture
    Raises LMError for an order below 1, texts without tokens, and details without the text that they need.
    """
    if request.unbounded and "valid" not in texts:
        raise LMError("--unbounded fits its weights on held-out text: give --valid FILE")
    start = time.perf_counter()
    encoder = open_encoder(train, request)
    orders, held_out = count(train, encoder, request.order, request.smoothing, texts.get("valid"))

    def model(grams: list[Grams]) -> BackoffModel:
        return smooth(grams, request.smoothing, request.k, held_out)

    fitted = Fitted(encoder, model(orders))
    p = {name: fitted.probabilities(text) for name, text in texts.items()}
    bits = {name: Bits.of(p[name], text) for name, text in texts.items()}
    seconds = time.perf_counter() - start

    result: dict[str, Any] = {
        "order": request.order,
        "unit": request.unit,
        "mode": encoder.mode,
        "smoothing": request.smoothing,
        "ppl": {name: finite(x.perplexity) for name, x in bits.items()},
        **{f"bits_per_{unit}": {name: finite(x.per(unit)) for name, x in bits.items()} for unit in UNITS},
        "nats_per_token": {name: finite(x.per("token") * math.log(2)) for name, x in bits.items()},
        "impossible": {name: int((x == 0).sum()) for name, x in p.items()},
        "unknown": {name: int((encoder.encode(text) == UNKNOWN).sum()) for name, text in texts.items()},
        "tokens": {"train": int(orders[0].count.sum())} | {name: x.tokens for name, x in bits.items()},
        "types": encoder.types,
        "ngrams": [int((x.count > 0).sum()) for x in orders],
        "bytes": fitted.model.nbytes,
        "seconds": seconds,
    }
    if request.ladder:
        rungs = [model(orders[: max(order, 1)]) for order in range(request.order + 1)]
        result["ladder"] = [rung_of(rung, order, encoder, texts) for order, rung in enumerate(rungs)]
    if request.by_document:
        result["by_document"] = {name: details.by_document(fitted, text, p[name]) for name, text in texts.items()}
    if request.top > 0:
        result["accuracy"] = {name: details.accuracies(fitted, text, request.top) for name, text in texts.items()}
    if request.unbounded:
        result["unbounded"] = details.unbounded(fitted, train, texts)
    if request.samples > 0:
        result["samples"] = {order: sample(orders, order, encoder, request) for order in range(request.order + 1)}
    return result


def open_encoder(train: str, request: Request) -> Encoder:
    """The encoder for unit and mode, with the types of the training text; words come in sentences if not told else."""
    mode: Mode = request.mode or ("sentence" if request.unit == "word" else "stream")
    bpe = open_tokenizer(train, request) if request.unit == "bpe" else None
    return Encoder.of(train, request.unit, mode, bpe)


def open_tokenizer(train: str, request: Request) -> BPE:
    """Read from the request's file; learned, and written to that file if there is one to write."""
    if request.tokenizer and Path(request.tokenizer).exists():
        return BPE.load(request.tokenizer)
    bpe = learn_bpe(train, request.tokens)
    if request.tokenizer:
        bpe.save(request.tokenizer)
    return bpe


def rung_of(model: BackoffModel, order: int, encoder: Encoder, texts: dict[str, str]) -> dict[str, Any]:
    """Perplexities of a model of one order; of the uniform distribution below it for order 0."""
    ppl = {}
    for name, text in texts.items():
        tokens = encoder.encode(text)
        p = model.ladder(tokens)[-1 if order else 0, tokens != START]
        ppl[name] = finite(Bits.of(p, text).perplexity)
    return {"order": order, "ppl": ppl}


def sample(orders: list[Grams], order: int, encoder: Encoder, request: Request) -> str:
    """Shannon's approximation of one order."""
    fitted = Fitted(encoder, maximum_likelihood(orders[: max(order, 1)]))
    return (draw if order else draw_uniform)(fitted, request.samples, request.seed)


def finite(value: float) -> float | None:
    """JSON has no infinity, and no nan: null stands for them."""
    return value if math.isfinite(value) else None
