"""Interpreter and compiled weights, compared: on every input where that is feasible, otherwise on random ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from lm.checkpoint import Checkpoint
from lm.evaluation import open_model
from lm.rasp import interpreter
from lm.rasp.compiler import Compiled
from lm.rasp.forward import answers, encode, run
from lm.rasp.language import RaspError, text

Run = Callable[[list[tuple[str, ...]]], list[list[str]]]
AT_ONCE = 512


@dataclass(frozen=True)
class Disagreement:
    """An input to which the weights answer something else."""

    tokens: tuple[str, ...]
    expected: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """compared: inputs with the same answer or not; undefined: inputs for which the program has no meaning."""

    compared: int
    undefined: int
    exhaustive: bool
    disagreements: tuple[Disagreement, ...]


def compare(compiled: Compiled, most: int = 20_000, seed: int = 0, answer: Run | None = None) -> Comparison:
    """Every input up to the declared length if there are at most `most`, otherwise so many random ones.

    answer: what runs the model on inputs of one length (default: NumPy)
    """
    circuit = compiled.circuit
    answer = answer or (lambda inputs: run(compiled.checkpoint, inputs))
    total = sum(len(circuit.vocabulary) ** n for n in range(1, circuit.length + 1))
    exhaustive = total <= most
    inputs = every_input(circuit.vocabulary, circuit.length) if exhaustive else _random(compiled, most, seed)
    compared = undefined = 0
    wrong: list[Disagreement] = []
    for group in groups(inputs):
        expected = [expectation(compiled, tokens) for tokens in group]
        undefined += expected.count(None)
        defined = [(t, e) for t, e in zip(group, expected, strict=True) if e is not None]
        if not defined:
            continue
        found = answer([tokens for tokens, _ in defined])
        compared += len(defined)
        for (tokens, right), given in zip(defined, found, strict=True):
            if any(r is not None and r != g for r, g in zip(right, given, strict=True)):
                wrong.append(Disagreement(tokens, tuple("" if r is None else r for r in right), tuple(given)))
    return Comparison(compared, undefined, exhaustive, tuple(wrong))


def on_device(checkpoint: Checkpoint, device: str) -> Run:
    """What runs the model on "numpy", or on a device of `lm.evaluation.open_model`."""
    if device == "numpy":
        return lambda inputs: run(checkpoint, inputs)
    model = open_model(device, checkpoint)
    return lambda inputs: answers(checkpoint, model.logits(encode(checkpoint, inputs)))


def expectation(compiled: Compiled, tokens: Sequence[str]) -> list[str | None] | None:
    """The interpreter's answer as tokens; None at a position where a language model may say anything.

    None altogether for an input for which the program has no meaning.
    """
    try:
        values = interpreter.run(compiled.program.output, tokens, compiled.circuit.causal)
    except RaspError:
        return None
    return [None if compiled.program.language and value is None else text(value) for value in values]


def every_input(vocabulary: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    """All sequences of 1 to `length` tokens, shorter ones first."""
    for n in range(1, length + 1):
        yield from product(vocabulary, repeat=n)


def groups(inputs: Iterator[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
    """Neighbours of one length, at most AT_ONCE together."""
    group: list[tuple[str, ...]] = []
    for tokens in inputs:
        if group and (len(group) == AT_ONCE or len(tokens) != len(group[0])):
            yield group
            group = []
        group.append(tokens)
    if group:
        yield group


def _random(compiled: Compiled, count: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Random inputs, shorter ones first, half of them as long as possible; of few different tokens in a third."""
    generator = random.Random(seed)
    circuit = compiled.circuit
    lengths = sorted(
        circuit.length if generator.random() < 0.5 else generator.randint(1, circuit.length) for _ in range(count)
    )
    for n in lengths:
        few = generator.random() < 1 / 3
        words = generator.sample(circuit.vocabulary, min(2, len(circuit.vocabulary))) if few else circuit.vocabulary
        yield tuple(generator.choices(words, k=n))
