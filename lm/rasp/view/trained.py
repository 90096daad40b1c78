"""The attention of a trained transformer beside the compiled program's, for the same input."""

from __future__ import annotations

from collections.abc import Sequence

from gpusim.view.picture import Picture
from lm.rasp.forward import Trace, encode, forward
from lm.rasp.trained import Counterpart, attention_maps
from lm.rasp.view.matrices import Matrix, Section, draw_matrices
from lm.rasp.view.program import BEGIN_SIGN, labels


def draw_both(counterpart: Counterpart, tokens: Sequence[str]) -> Picture:
    """Every head of both models, layer by layer."""
    compiled, trace = counterpart.compiled, Trace()
    ids = encode(compiled.checkpoint, [tokens])
    forward(compiled.checkpoint.parameters, ids, compiled.checkpoint.config, trace)
    queries, keys = labels(tokens)
    keys = (BEGIN_SIGN, *keys)
    first = 1 if compiled.circuit.begin else 0
    sections = []
    for layer, (heads, weights) in enumerate(zip(compiled.circuit.heads, trace.attention, strict=True), 1):
        matrices = tuple(
            Matrix(head.name, head.selector, queries, keys[1 - first :], weights[0, i, first:])
            for i, head in enumerate(heads)
        )
        if matrices:
            sections.append(Section(f"compiled, layer {layer}", matrices))
    for layer, maps in enumerate(attention_maps(counterpart, tokens), 1):
        matrices = tuple(Matrix(f"head {h}", "", queries, keys, weights[1:]) for h, weights in enumerate(maps, 1))
        sections.append(Section(f"trained, layer {layer}", matrices))
    title = f"{compiled.program.name}, compiled and trained"
    return draw_matrices(title, "the same input, the same program: rows look at columns", sections)
