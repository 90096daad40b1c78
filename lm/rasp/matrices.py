"""Stage 5 of the compiler: the parts as matrices.

The beginning token attends to itself only, so its residual stream is known.  Its keys, queries and values are set by
the row of its own channel: whatever else is in its stream is taken away, and it gets the score and the values that
each head asks for.  Queries that select nothing rest on it.

Scores are whole numbers times a power of two, hence exact in float32; one unit of score is at least UNIT nats.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lm.checkpoint import Checkpoint
from lm.config import Config, parameter_shapes
from lm.errors import LMError
from lm.rasp.codes import Head, OneHot, Reading, Table
from lm.rasp.language import RaspError, text
from lm.tokens import Vocabulary

if TYPE_CHECKING:
    from lm.rasp.compiler import Circuit

BEGIN = "begin"
END = "\n"
UNIT = 32.0  # exp(-32) = 1e-14 is what an unselected key weighs
CERTAIN = 40.0  # logit of the answer over all others
PRIVATE = 0xE000  # first character of Unicode's private use area: tokens that are no single character

Parameters = dict[str, np.ndarray]


def fill(circuit: Circuit, name: str, language: bool) -> Checkpoint:
    """The checkpoint of a circuit.

    Its vocabulary has one character for each token: the token itself where that is one character, otherwise one from
    the private use area; `training["tokens"]` lists them.
    """
    tokens = [*([BEGIN] if circuit.begin else []), *circuit.vocabulary]
    tokens += [symbol for symbol in dict.fromkeys(symbol for _, symbol in circuit.symbols) if symbol not in tokens]
    config = _config(circuit, len(tokens))
    index = {channel: i for i, channel in enumerate(circuit.channels)}
    p = {name: np.zeros(shape, np.float32) for name, shape in parameter_shapes(config).items()}
    _embed(circuit, p, tokens, index)
    begin = p["embedding.token"][0] + p["embedding.position"][0] if circuit.begin else None
    for layer, (heads, tables) in enumerate(zip(circuit.heads, circuit.tables, strict=True)):
        block = {n: p[f"blocks.{layer}.{n}"] for n in (*_ATTENTION, *_MLP)}
        for slot, head in enumerate(heads):
            _attend(head, slot, block, index, config.head_width, begin)
        if begin is not None:
            begin = begin + (begin @ block["attn.wv"] + block["attn.bv"]) @ block["attn.wo"] + block["attn.bo"]
        _look_up(tables, block, index)
        if begin is not None:
            hidden = np.maximum(begin @ block["mlp.w1"] + block["mlp.b1"], 0)
            begin = begin + hidden @ block["mlp.w2"] + block["mlp.b2"]
    _unembed(circuit, p, tokens, index)
    characters = [t if len(t) == 1 else chr(PRIVATE + i) for i, t in enumerate(tokens)]
    about = {
        "source": f"lm.rasp: {name}",
        "tokens": tokens,
        "begin": characters[0] if circuit.begin else "",
        "end": END if language else "",
        "channels": list(circuit.channels),
        "longest": circuit.length,
        "language": language,
    }
    bigrams = np.zeros((len(tokens), len(tokens)), np.int32)
    return Checkpoint(config, Vocabulary("".join(characters)), p, bigrams, about)


_ATTENTION = tuple(f"attn.{kind}{of}" for of in "qkvo" for kind in "wb")
_MLP = ("mlp.w1", "mlp.b1", "mlp.w2", "mlp.b2")


def _config(circuit: Circuit, vocabulary: int) -> Config:
    heads = max(1, *(len(layer) for layer in circuit.heads))
    extra = 1 if circuit.begin else 0
    per_head = [max(len(h.features) + extra, len(h.values)) for layer in circuit.heads for h in layer]
    hidden = [sum(len(table.units) for table in layer) for layer in circuit.tables]
    try:
        return Config(
            vocabulary,
            context=circuit.length + extra,
            width=len(circuit.channels),
            layers=circuit.layers,
            heads=heads,
            head_width=max([1, *per_head]),
            hidden=max([1, *hidden]),
            norm="none",
            activation="relu",
            causal=circuit.causal,
        )
    except LMError as error:
        raise RaspError(f"the program makes no transformer: {error}") from None


def _embed(circuit: Circuit, p: Parameters, tokens: list[str], index: dict[str, int]) -> None:
    first = 1 if circuit.begin else 0
    if circuit.begin:
        p["embedding.token"][0, index[BEGIN]] = 1
    for token in circuit.vocabulary:
        channel = index.get(f"tokens={text(token)}")
        if channel is not None:
            p["embedding.token"][tokens.index(token), channel] = 1
    for i in range(circuit.length):
        channel = index.get(f"indices={i}")
        if channel is not None:
            p["embedding.position"][i + first, channel] = 1


def _set(matrix: np.ndarray, bias: np.ndarray, column: int, reading: Reading, index: dict[str, int], by: float) -> None:
    for name, weight in reading.weights:
        matrix[index[name], column] = weight * by
    bias[column] = reading.constant * by


def _attend(
    head: Head, slot: int, block: Parameters, index: dict[str, int], width: int, begin: np.ndarray | None
) -> None:
    scale = UNIT * 2.0 ** math.ceil(math.log2(math.sqrt(width)))  # divided by sqrt(width) in the model
    q, k, v = ((block[f"attn.w{of}"], block[f"attn.b{of}"]) for of in "qkv")
    columns = range(slot * width, (slot + 1) * width)
    for column, feature in zip(columns, head.features, strict=False):
        _set(*k, column, feature.key, index, 1.0)
        _set(*q, column, feature.query, index, scale)
    out = block["attn.wo"]
    for column, (name, reading) in zip(columns, head.values.items(), strict=False):
        _set(*v, column, reading, index, 1.0)
        out[column, index[name]] = 1
    if begin is None:
        return
    rest = columns[len(head.features)]  # the feature that only the beginning token has
    q[1][rest] = head.begin_score * scale
    wanted = {
        "k": {rest: 1.0},
        "q": {rest: (head.highest + 2) * scale},
        "v": {c: head.begin_values.get(name, 0.0) for c, name in zip(columns, head.values, strict=False)},
    }
    for of, (matrix, bias) in zip("qkv", (q, k, v), strict=True):
        for column in columns:
            now = float(begin @ matrix[:, column] + bias[column])
            matrix[index[BEGIN], column] += wanted[of].get(column, 0.0) - now


def _look_up(tables: tuple[Table, ...], block: Parameters, index: dict[str, int]) -> None:
    unit = 0
    for table in tables:
        for name, weight in table.always.items():
            if name in index:
                block["mlp.b2"][index[name]] += weight
        for made in table.units:
            _set(block["mlp.w1"], block["mlp.b1"], unit, made.reads, index, 1.0)
            for name, weight in made.writes.items():
                if name in index:
                    block["mlp.w2"][unit, index[name]] = weight
            unit += 1


def _unembed(circuit: Circuit, p: Parameters, tokens: list[str], index: dict[str, int]) -> None:
    """One-hot: the answer's logit is CERTAIN and others' are 0.

    A number x, relative to the middle: a point p has the logit 2 x p - p^2 = x^2 - (x - p)^2, times CERTAIN / gap^2,
    so the nearest point wins, with at least 0; tokens that are no answers have -CERTAIN.
    """
    symbols = dict(circuit.symbols)
    code = circuit.output
    if isinstance(code, OneHot):
        for value, symbol in symbols.items():
            _add(p, tokens.index(symbol), code.indicator[value], CERTAIN, index)
        return
    p["head.b"][:] = -CERTAIN
    scale = CERTAIN / code.gap**2
    middle = (max(code.point.values()) + min(code.point.values())) / 2
    for value, symbol in symbols.items():
        point = code.point[value] - middle
        shifted = Reading.sum([(2.0 * point, code.reading)], -2.0 * point * middle - point**2)
        column = tokens.index(symbol)
        p["head.b"][column] = 0
        _add(p, column, shifted, scale, index)


def _add(p: Parameters, column: int, reading: Reading, scale: float, index: dict[str, int]) -> None:
    for name, weight in reading.weights:
        p["head.w"][index[name], column] += scale * weight
    p["head.b"][column] += scale * reading.constant
