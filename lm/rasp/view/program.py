"""Pictures of a compiled program at work."""

from __future__ import annotations

from collections.abc import Sequence

import chalk

from gpusim.view.palette import color
from gpusim.view.picture import Picture
from gpusim.view.shapes import box, label, text_width
from gpusim.view.svg import render
from lm.rasp.compiler import Compiled
from lm.rasp.forward import Trace, encode, forward
from lm.rasp.view.matrices import MARGIN, NOTE, TITLE, Matrix, Section, draw_matrices
from lm.rasp.view.stream import Steps, steps

BEGIN_SIGN = "▸"
CELL, LINE = 28.0, 21.0


def draw_attention(compiled: Compiled, tokens: Sequence[str]) -> Picture:
    """What each head of each layer looks at: its selector as a matrix, as the compiled weights compute it."""
    circuit, trace = compiled.circuit, Trace()
    ids = encode(compiled.checkpoint, [tokens])
    forward(compiled.checkpoint.parameters, ids, compiled.checkpoint.config, trace)
    queries, keys = labels(tokens)
    keys = (BEGIN_SIGN, *keys) if circuit.begin else keys
    first = 1 if circuit.begin else 0
    sections = []
    for layer, (heads, weights) in enumerate(zip(circuit.heads, trace.attention, strict=True), 1):
        matrices = tuple(
            Matrix(head.name, head.selector, queries, keys, weights[0, i, first:])
            for i, head in enumerate(heads)
        )
        if matrices:
            sections.append(Section(f"layer {layer}", matrices))
    rest = f"   {BEGIN_SIGN} is the beginning token, on which queries without a key rest" if circuit.begin else ""
    return draw_matrices(compiled.program.name, f"rows look at columns.{rest}", sections)


def labels(tokens: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names for queries and keys: the tokens, numbered where they are long."""
    shown = [token.replace("\n", "⏎") for token in tokens]
    if max(map(len, shown)) <= 2:
        return tuple(shown), tuple(shown)
    return tuple(f"{token} {i}" for i, token in enumerate(shown)), tuple(str(i) for i in range(len(shown)))


def draw_stream(compiled: Compiled, tokens: Sequence[str]) -> Picture:
    """What each position knows, step by step: a row for each variable, a column for each position."""
    shown = steps(compiled, tokens)
    return draw_steps(compiled.program.name, shown)


def draw_steps(title: str, shown: Steps) -> Picture:
    """A table of steps as a picture."""
    rows = [row for step in shown.steps for row in step.rows]
    left = MARGIN + max(text_width(row.name, 12) for row in rows) + 26
    widest = max(len(value) for row in rows for value in row.values)
    cell = max(CELL, 8.0 * widest + 8)
    parts, y = [], MARGIN + 62.0
    for i, token in enumerate(shown.tokens):
        middle = left + (i + 0.5) * cell
        parts.append(label(token.replace("\n", "⏎"), 13, mono=True, bold=True).translate(middle, y))
        parts.append(label(str(i), NOTE, role="muted").translate(middle, y + 15))
    y += 38
    for step in shown.steps:
        parts.append(label(step.name, NOTE + 1, "start", bold=True, role="muted").translate(MARGIN, y))
        y += LINE
        for row in step.rows:
            parts.append(label(row.name, 12, "start").translate(MARGIN + 10, y))
            for i, value in enumerate(row.values):
                middle = left + (i + 0.5) * cell
                ground = box(cell - 2, LINE - 2, radius=2).fill_color(color("read" if value else "cell"))
                ground = ground.fill_opacity(0.16 if value else 1.0).line_width(0)
                parts.append(ground.translate(middle, y))
                if value:
                    parts.append(label(value, 11.5, mono=True).translate(middle, y))
            y += LINE
        y += 10
    parts.append(label("answer", 12, "start", bold=True).translate(MARGIN, y + 4))
    for i, value in enumerate(shown.answer):
        middle = left + (i + 0.5) * cell
        ground = box(cell - 2, LINE + 2, radius=2).fill_color(color("thread")).fill_opacity(0.22).line_width(0)
        parts.append(ground.translate(middle, y + 4))
        parts.append(label(value.replace("\n", "⏎"), 12.5, mono=True, bold=True).translate(middle, y + 4))
    subtitle = "what each position knows, in the order in which the layers write it"
    width = max(left + cell * len(shown.tokens) + MARGIN, text_width(subtitle, 12) + 2 * MARGIN)
    height = y + 4 + LINE / 2 + MARGIN
    head = [
        label(title, TITLE, "start", bold=True).translate(MARGIN, MARGIN + 8),
        label(subtitle, 12, "start", role="muted").translate(MARGIN, MARGIN + 30),
    ]
    backdrop = box(width, height, radius=8).fill_color(color("paper")).line_width(0)
    return Picture(
        render(chalk.concat([backdrop.translate(width / 2, height / 2), *head, *parts]), width, height, title)
    )
