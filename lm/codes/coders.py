"""Models by name, ready to code: one that learns from the file, n-gram models, and the transformer."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lm.checkpoint import DEFAULT, load_checkpoint
from lm.codes.adaptive import AdaptivePredictor
from lm.codes.archive import Coder, Recipe
from lm.codes.predictors import NgramPredictor, TransformerPredictor
from lm.codes.symbols import FileUnit, Symbols
from lm.errors import LMError
from lm.evaluation import open_model
from lm.inference.session import Session
from lm.ngrams.fit import Smoothing, fit
from lm.text.bpe import train as learn_bpe
from lm.text.stream import Encoder

BYTES = {byte: byte for byte in range(256)}


def adaptive_coder(order: int) -> Coder:
    """The model that learns while it codes; order: the longest context plus one."""
    if order < 1:
        raise LMError(f"the order must be at least 1, got {order}")
    return Coder({"model": "adaptive", "order": order}, Symbols("byte", BYTES), lambda: AdaptivePredictor(order))


def ngram_coder(text: str, unit: FileUnit, order: int, smoothing: Smoothing, tokens: int = 0) -> Coder:
    """An n-gram model of a text; tokens: the size of unit "bpe"."""
    bpe = learn_bpe(text, tokens) if unit == "bpe" else None
    encoder = Encoder.of(text, unit, "stream", bpe)
    model = fit(text, encoder, order, smoothing).model
    number = {ord(unit) if isinstance(unit, str) else unit: i for unit, i in encoder.number.items()}
    recipe: Recipe = {"model": "ngram", "unit": unit, "order": order, "smoothing": smoothing}
    recipe["train"] = short_hash(text.encode())
    if bpe:
        recipe["tokens"] = tokens
    return Coder(recipe, Symbols(unit, number, bpe), lambda: NgramPredictor(model))


def transformer_coder(path: str | None, device: str) -> Coder:
    """A checkpoint's transformer, or that of this package."""
    checkpoint = load_checkpoint(path or DEFAULT)
    model = open_model(device, checkpoint)
    vocabulary = checkpoint.vocabulary
    number = {ord(c): i for i, c in enumerate(vocabulary.characters)}
    recipe = {"model": "transformer", "device": device, "checkpoint": short_hash(Path(path or DEFAULT).read_bytes())}
    size, context = len(vocabulary), checkpoint.config.context
    return Coder(recipe, Symbols("char", number), lambda: TransformerPredictor(Session(model).logits, size, context))


def short_hash(data: bytes) -> str:
    """16 hexadecimal digits of SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]
