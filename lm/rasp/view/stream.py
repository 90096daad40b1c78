"""The residual stream, step by step, by named variable: what each position knows after each attention and each MLP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from lm.rasp.compiler import Compiled
from lm.rasp.forward import Trace, answers, encode, forward
from lm.rasp.matrices import BEGIN

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
    groups = variables(circuit.channels, circuit.variables)
    found = []
    written: set[str] = set()
    for stage, stream in enumerate(trace.stream):
        before = np.zeros_like(stream) if stage == 0 else trace.stream[stage - 1]
        changed = np.abs(stream - before)[0, first:].max(axis=0) > CLOSE
        rows = []
        for name, channels in groups.items():
            if name != BEGIN and name not in written and any(changed[c] for c, _ in channels):
                written.add(name)
                rows.append(Row(name, tuple(_decode(stream[0, i], channels) for i in range(first, ids.shape[1]))))
        if rows:
            layer, half = (stage + 1) // 2, "attention" if stage % 2 else "MLP"
            found.append(Step("embedding" if stage == 0 else f"layer {layer}, {half}", tuple(rows)))
    return Steps(tuple(tokens), tuple(found), tuple(answers(compiled.checkpoint, logits)[0]))


def variables(channels: Sequence[str], names: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
    """Variable -> its channels' places and values; a number's only channel has the value "".

    names: all variables; a channel is called `variable=value`, or `variable` for a number.
    """
    groups: dict[str, list[tuple[int, str]]] = {}
    for place, channel in enumerate(channels):
        fitting = [name for name in names if channel == name or channel.startswith(f"{name}=")]
        name = max(fitting, key=len, default=channel)
        groups.setdefault(name, []).append((place, channel[len(name) + 1 :]))
    return groups


def _decode(stream: np.ndarray, channels: list[tuple[int, str]]) -> str:
    """The variable's value at a position; blank where none of the values that anybody reads."""
    if len(channels) == 1 and channels[0][1] == "":
        x = float(stream[channels[0][0]])
        near = Fraction(x).limit_denominator(100)
        return str(near) if abs(float(near) - x) < CLOSE else f"{x:.3f}"
    place, value = max(channels, key=lambda channel: stream[channel[0]])
    return _visible(value) if stream[place] > 0.5 else ""


def _visible(symbol: str) -> str:
    return {"\n": "\\n", " ": "␣"}.get(symbol, symbol)
