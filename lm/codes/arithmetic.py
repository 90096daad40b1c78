"""The arithmetic coder: a text as one number, in as many bits as the model finds it surprising.

    bits = -sum log2 p(symbol | symbols before)  +  less than a word of rounding

(Rissanen & Langdon 1979; range coding after Martin 1979.)  The coder is that of `constriction` (Bamler 2022,
"Understanding entropy coding with asymmetric numeral systems"), which rounds a distribution to multiples of 2^-24 and
gives each symbol at least that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lm.codes.predictors import Predictor
from lm.codes.symbols import Symbols
from lm.errors import LMError

STEP = 2048  # symbols between two reports
Report = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    """The report of those who want none."""


def encode(
    units: list[int], symbols: Symbols, predictor: Predictor, report: Report = _silent
) -> tuple[bytes, float]:
    """The code of a file's units, and the bits that the model finds in them: -sum log2 p.

    report   called now and then with the number of units done, and of all
    """
    stream = _constriction().stream
    coder = stream.queue.RangeEncoder()
    literal = stream.model.Uniform(symbols.literals)
    bits = 0.0
    for done, unit in enumerate(units):
        if done % STEP == 0:
            report(done, len(units))
        p = predictor.distribution()
        symbol = symbols.number.get(unit, predictor.escape)
        coder.encode(symbol, stream.model.Categorical(p, perfect=False, lazy=True))
        bits -= np.log2(p[symbol]) if p[symbol] else -np.inf
        if symbol == predictor.escape:
            coder.encode(unit, literal)
            bits += np.log2(symbols.literals)
        predictor.advance(symbol)
    report(len(units), len(units))
    return coder.get_compressed().astype("<u4").tobytes(), float(bits)


def decode(
    code: bytes, count: int, symbols: Symbols, predictor: Predictor, report: Report = _silent
) -> list[int]:
    """The `count` units of a code that `encode` made with an equal predictor."""
    stream = _constriction().stream
    coder = stream.queue.RangeDecoder(np.frombuffer(code, "<u4").astype(np.uint32))
    literal = stream.model.Uniform(symbols.literals)
    unit_of = {symbol: unit for unit, symbol in symbols.number.items()}
    units = []
    for done in range(count):
        if done % STEP == 0:
            report(done, count)
        p = predictor.distribution()
        symbol = int(coder.decode(stream.model.Categorical(p, perfect=False, lazy=True)))
        if symbol == predictor.escape:
            units.append(int(coder.decode(literal)))
        elif symbol in unit_of:
            units.append(unit_of[symbol])
        else:
            raise LMError("the code has a symbol that stands for nothing: the file is damaged, or the model another")
        predictor.advance(symbol)
    report(count, count)
    return units


def _constriction() -> Any:
    try:
        import constriction  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise LMError("this needs constriction, which is not installed: `pip install constriction`") from None
    return constriction
