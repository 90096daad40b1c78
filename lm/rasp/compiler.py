"""A RASP program to the weights of this package's transformer, in five stages.

    1. values    which values each expression can take                                        lm.rasp.values
    2. place     which part computes what, where, in which code; the parts that are needed    lm.rasp.place
    3. parts     heads that implement selectors, look-ups as MLPs                             lm.rasp.heads, tables
    4. lay out   a channel of the residual stream for each name that somebody reads           here
    5. fill      the matrices, the embedding, the head                                        lm.rasp.matrices

The result is a checkpoint like any other: token ids to logits over token ids, no norm, ReLU, learned positions.
(The arrangement in stages is tracr's: Lindner et al. 2023, "Tracr: Compiled Transformers as a Laboratory for
Interpretability", section 3; the constructions here are others.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lm.checkpoint import Checkpoint
from lm.rasp.codes import Code, Head, Number, OneHot, Reading, Table, channels
from lm.rasp.language import TOO_DEEP, Expression, RaspError, Value, text
from lm.rasp.matrices import BEGIN, fill
from lm.rasp.place import Placement
from lm.rasp.programs.program import Program
from lm.rasp.values import Values

COARSEST = 500.0
"""Numbers are decoded by the head where the largest is at most so many gaps; finer ones by a look-up."""


@dataclass(frozen=True)
class Variable:
    """A name, when it is written (as `Code.ready`), and a channel for each of its values; one alone for a number."""

    name: str
    ready: int
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Circuit:
    """A program's parts, before there are weights.

    heads, tables  one list for each layer
    channels       the names of the residual stream's channels, in order: `variable=value`, or `variable` for a number
    variables      what is computed, in order, with the channels of all its values, also those that nobody reads
    output         the code of the result; symbols: the text of each value, None where it has none
    """

    vocabulary: tuple[str, ...]
    length: int
    causal: bool
    begin: bool
    heads: tuple[tuple[Head, ...], ...]
    tables: tuple[tuple[Table, ...], ...]
    channels: tuple[str, ...]
    variables: tuple[Variable, ...]
    output: OneHot | Number
    symbols: tuple[tuple[Value, str], ...]

    @property
    def layers(self) -> int:
        """How many layers a transformer needs to hold the parts: at least one."""
        return len(self.heads)


@dataclass(frozen=True)
class Compiled:
    """A program as a transformer."""

    program: Program
    circuit: Circuit
    checkpoint: Checkpoint


def circuit(
    program: Program,
    vocabulary: Sequence[str] | None = None,
    length: int | None = None,
    causal: bool | None = None,
    begin: bool | None = None,
) -> Circuit:
    """Stages 1 to 4.  What is not given is as the program says.

    Raises RaspError where the program cannot be compiled for this vocabulary and length.
    """
    length = program.length if length is None else length
    if length < 1:
        raise RaspError(f"the longest input must have at least 1 token, got {length}")
    words = tuple(dict.fromkeys(program.vocabulary if vocabulary is None else vocabulary))
    if not words:
        raise RaspError("a vocabulary needs at least one token")
    see_before = program.causal if causal is None else causal
    with_begin = program.begin if begin is None else begin
    placement = Placement(Values(words, length, see_before), with_begin)
    try:
        output = _decodable(program.output, placement)
        parts = needed(output)
    except RecursionError:
        raise RaspError(TOO_DEEP) from None
    heads = [part for part in parts if isinstance(part, Head)]
    tables = [part for part in parts if isinstance(part, Table)]
    layers = max([part.layer for part in parts], default=1)
    heads, laid_out = lay_out(heads, tables, output, with_begin)
    points = output.indicator if isinstance(output, OneHot) else output.point
    return Circuit(
        words,
        length,
        see_before,
        with_begin,
        tuple(tuple(merge(h for h in heads if h.layer == layer)) for layer in range(1, layers + 1)),
        tuple(tuple(t for t in tables if t.layer == layer) for layer in range(1, layers + 1)),
        laid_out,
        _variables(placement.values, parts),
        output,
        tuple((value, text(value)) for value in points if not (program.language and value is None)),
    )


def compile_program(
    program: Program,
    vocabulary: Sequence[str] | None = None,
    length: int | None = None,
    causal: bool | None = None,
    begin: bool | None = None,
) -> Compiled:
    """All five stages.  Raises as `circuit` does."""
    made = circuit(program, vocabulary, length, causal, begin)
    return Compiled(program, made, fill(made, program.name, program.language))


def _variables(values: Values, parts: list[Head | Table]) -> tuple[Variable, ...]:
    found = [
        Variable("tokens", 0, tuple(channels("tokens", values.vocabulary).values())),
        Variable("indices", 0, tuple(channels("indices", range(values.length)).values())),
    ]
    for part in parts:
        if isinstance(part, Head):
            found.append(Variable(part.name, part.ready, tuple(part.values)))
        else:
            written = dict.fromkeys([*part.always, *(name for unit in part.units for name in unit.writes)])
            found.append(Variable(part.name, 2 * part.layer, tuple(written)))
    return tuple(found)


def _decodable(output: Expression, placement: Placement) -> OneHot | Number:
    """The output's code; a number that is too fine for the head is looked up first."""
    code = placement.cheapest(output)
    if isinstance(code, Number) and max(map(abs, code.point.values())) > COARSEST * code.gap:
        return placement.one_hot(output)
    return code


def needed(output: Code) -> list[Head | Table]:
    """The parts that the output depends on, earlier ones first."""
    seen: dict[Code, None] = {}
    parts: dict[int, Head | Table] = {}

    def visit(code: Code) -> None:
        if code in seen:
            return
        seen[code] = None
        for part in code.parts():
            visit(part)
        if code.made_by is not None:
            parts.setdefault(id(code.made_by), code.made_by)

    visit(output)
    return sorted(parts.values(), key=lambda part: (part.layer, isinstance(part, Table)))


def merge(heads: Iterable[Head]) -> list[Head]:
    """Heads with the same scores are one head with all their values."""
    merged: dict[object, Head] = {}
    for head in heads:
        same = (head.features, head.begin_score, head.highest)
        if same in merged:
            first = merged[same]
            head = replace(
                first,
                name=f"{first.name}, {head.name}",
                values={**first.values, **head.values},
                begin_values={**first.begin_values, **head.begin_values},
            )
        merged[same] = head
    return list(merged.values())


def lay_out(
    heads: list[Head], tables: list[Table], output: OneHot | Number, begin: bool
) -> tuple[list[Head], tuple[str, ...]]:
    """Stage 4: the channels that somebody reads, in the order in which they are written; heads without the others."""
    read: set[str] = set(_names(output.indicator.values() if isinstance(output, OneHot) else [output.reading]))
    for table in tables:
        read |= _names(unit.reads for unit in table.units)
    for head in heads:
        read |= _names(reading for feature in head.features for reading in (feature.key, feature.query))
        read |= _names(head.values.values())
    written = [name for head in heads for name in head.values]
    written += [name for t in tables for name in dict.fromkeys([*t.always, *(n for u in t.units for n in u.writes)])]
    inputs = sorted(read - set(written), key=lambda name: (name.startswith("indices="), _natural_order(name)))
    laid_out = ([BEGIN] if begin else []) + inputs + [name for name in dict.fromkeys(written) if name in read]
    kept = [
        replace(
            head,
            values={name: reading for name, reading in head.values.items() if name in read},
            begin_values={name: value for name, value in head.begin_values.items() if name in read},
        )
        for head in heads
    ]
    return kept, tuple(laid_out)


def _names(readings: Iterable[Reading]) -> set[str]:
    return {name for reading in readings for name, _ in reading.weights}


def _natural_order(name: str) -> tuple[str, int, str]:
    kind, _, value = name.partition("=")
    return kind, int(value) if value.isdigit() else -1, value
