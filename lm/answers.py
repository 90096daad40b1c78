"""Perplexity of answers: each line of a text is a question and an answer, and only the answers are counted.

A line is a document of its own: what other lines say is not seen.  With a marker "=" the line "2+3=5" asks to predict
"5" and the line's end from "2+3=", and nothing else.  A checkpoint that begins every sequence with a token of its own
(`training["begin"]`, as compiled programs do) gets it here as well.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from lm import ngram
from lm.checkpoint import Checkpoint, load_checkpoint
from lm.errors import LMError
from lm.evaluation import CHARACTERS, WINDOWS_AT_ONCE, Evaluation, open_model
from lm.kernel_model import Attention, KernelModel
from lm.perplexity import perplexity


def answer_windows(
    text: str, checkpoint: Checkpoint, after: str, source: str, characters: int = CHARACTERS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs and targets, int32 [W, T], and which targets are counted, bool [W, T]; a window for each line.

    Lines are taken until `characters` characters are counted or the text ends; empty ones are left out.

    Raises LMError for a line without the marker, with an unknown character, or longer than the context.
    """
    begin, context = str(checkpoint.training.get("begin", "")), checkpoint.config.context
    rows: list[tuple[np.ndarray, int]] = []
    counted = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line or counted >= characters:
            continue
        question, found, _ = line.partition(after)
        if not found:
            raise LMError(f"line {number} of {source} has no {after!r}: every line is a question, {after!r}, an answer")
        encode = checkpoint.vocabulary.encode
        ids = np.concatenate([encode(begin), encode(f"{line}\n", f"line {number} of {source}")])
        if len(ids) - 1 > context:
            longest = context - len(begin)
            raise LMError(f"line {number} of {source} has {len(line)} characters and the model sees {longest} at most")
        first = len(begin) + len(question) + len(after) - 1  # the input that predicts the answer's first character
        rows.append((ids, first))
        counted += len(ids) - 1 - first
    if not rows:
        raise LMError(f"{source} has no line: give questions and answers, one a line")
    length = max(len(ids) for ids, _ in rows) - 1
    inputs, targets = np.zeros((2, len(rows), length), np.int32)
    mask = np.zeros((len(rows), length), bool)
    for row, (ids, first) in enumerate(rows):
        n = len(ids) - 1
        inputs[row, :n], targets[row, :n] = ids[:-1], ids[1:]
        mask[row, first:n] = True
    return inputs, targets, mask


def evaluate_answers(
    device: str,
    checkpoint: str | Path | Checkpoint,
    text: str,
    after: str,
    source: str = "the text",
    characters: int = CHARACTERS,
    attention: Attention = "auto",
    check: Any = "all",
) -> Evaluation:
    """As `lm.evaluation.evaluate`, of the answers of a text of lines."""
    if not after:
        raise LMError("the marker between question and answer must be at least one character")
    loaded = checkpoint if isinstance(checkpoint, Checkpoint) else load_checkpoint(checkpoint)
    inputs, targets, mask = answer_windows(text, loaded, after, source, characters)
    model = open_model(device, loaded, attention=attention, check=check)
    start = time.perf_counter()
    parts = [
        model.losses(inputs[first : first + WINDOWS_AT_ONCE], targets[first : first + WINDOWS_AT_ONCE])
        for first in range(0, len(inputs), WINDOWS_AT_ONCE)
    ]
    seconds = time.perf_counter() - start
    each = np.concatenate(parts)[mask]

    def baseline(probabilities: np.ndarray) -> float:
        return perplexity(-np.log(probabilities[inputs, targets][mask]))

    return Evaluation(
        device=device,
        source=f"the answers in {source}",
        characters=len(each),
        perplexity=perplexity(each),
        uniform=baseline(ngram.uniform(loaded.config.vocabulary)),
        unigram=baseline(ngram.unigram(loaded.bigrams)),
        bigram=baseline(ngram.bigram(loaded.bigrams)),
        seconds=seconds,
        losses=each,
        kernels=list(model.device.rows.values()) if isinstance(model, KernelModel) else [],
        findings=model.device.findings if isinstance(model, KernelModel) else [],
    )
