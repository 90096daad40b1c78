"""The residual stream, step by step, by named variable: what each position knows after each attention and each MLP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lm.rasp.compiler import Compiled, Variable
from lm.rasp.forward import Trace, answers, encode, forward
from lm.rasp.language import text

CLOSE = 1e-3


@dataclass(frozen=True)
class Row:
    """A variable's value at each position of the input."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """What a part of the model adds: the variables that it writes."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Steps:
    """An input's way through a compiled program."""

    tokens: tuple[str, ...]
    steps: tuple[Step, ...]
    answer: tuple[str, ...]

    def table(self) -> str:
        """The steps as text."""
        rows = [row for step in self.steps for row in step.rows] + [Row("answer", self.answer)]
        first = max(len(row.name) for row in rows) + 2
        columns = range(len(self.tokens))
        widths = [max(len(self.tokens[i]), *(len(row.values[i]) for row in rows)) + 1 for i in columns]

        def line(name: str, values: Sequence[str]) -> str:
            return f"{name:{first}}" + "".join(f"{v:>{w}}" for v, w in zip(values, widths, strict=True))

        lines = [line("", [_visible(token) for token in self.tokens])]
        for step in self.steps:
            lines += ["", step.name, *(line(f"  {row.name}", row.values) for row in step.rows)]
        return "\n".join([*lines, "", line("answer", [_visible(symbol) for symbol in self.answer])])


def steps(compiled: Compiled, tokens: Sequence[str]) -> Steps:
    """What the compiled weights do with an input, decoded by the names of the channels.

    Raises RaspError for an input that the model does not take.
    """
    circuit, trace = compiled.circuit, Trace()
    ids = encode(compiled.checkpoint, [tokens])
    logits = forward(compiled.checkpoint.parameters, ids, compiled.checkpoint.config, trace)
    first = 1 if circuit.begin else 0
    place = {channel: i for i, channel in enumerate(circuit.channels)}
    found = []
    for stage, stream in enumerate(trace.stream):
        shown = [v for v in circuit.variables if v.ready == stage and any(c in place for c in v.channels)]
        rows = [Row(v.name, tuple(_decode(position, v, place) for position in stream[0, first:])) for v in shown]
        if rows:
            layer, half = (stage + 1) // 2, "attention" if stage % 2 else "MLP"
            found.append(Step("embedding" if stage == 0 else f"layer {layer}, {half}", tuple(rows)))
    said = answers(compiled.checkpoint, logits)[0]
    if compiled.program.language:  # equal logits: it has no idea
        said = [s if np.ptp(row) > 1 else text(None) for s, row in zip(said, logits[0, first:], strict=True)]
    return Steps(tuple(tokens), tuple(found), tuple(said))


def _decode(stream: np.ndarray, variable: Variable, place: Mapping[str, int]) -> str:
    """The variable's value at a position; blank where it is one of several values that nobody reads."""
    if variable.channels == (variable.name,):
        x = float(stream[place[variable.name]])
        near = Fraction(x).limit_denominator(100)
        return str(near) if abs(float(near) - x) < CLOSE else f"{x:.3f}"
    present = [channel for channel in variable.channels if channel in place]
    most = max(present, key=lambda channel: stream[place[channel]])
    unread = [channel for channel in variable.channels if channel not in place]
    if stream[place[most]] <= 0.5:
        most = unread[0] if len(unread) == 1 else ""
    return _visible(most[len(variable.name) + 1 :])


def _visible(symbol: str) -> str:
    return {"\n": "\\n", " ": "␣"}.get(symbol, symbol)
