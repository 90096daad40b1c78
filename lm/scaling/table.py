"""A table of training runs: columns N (parameters), D (tokens), loss (nats a token), from a CSV file."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lm import corpus
from lm.errors import LMError
from lm.scaling.law import Floats

COLUMNS = ("N", "D", "loss")


@dataclass(frozen=True)
class Runs:
    """One element a run, float64 [rows]: parameters N, tokens D, loss in nats a token; `source` is the file."""

    parameters: Floats
    tokens: Floats
    loss: Floats
    source: str = "the runs"

    def __len__(self) -> int:
        return len(self.loss)

    @property
    def compute(self) -> Floats:
        """6 N D of each run, in FLOP."""
        return 6 * self.parameters * self.tokens

    def take(self, rows: np.ndarray) -> Runs:
        """The runs of these row numbers, or where a mask is true."""
        return Runs(self.parameters[rows], self.tokens[rows], self.loss[rows], self.source)


def read_runs(path: str | Path) -> Runs:
    """The runs of a CSV file whose first line names the columns; others than N, D and loss are ignored.

    Raises LMError, with the file and the line, for a missing column, a value that is no number or not above 0, a
    short row, or no rows at all.
    """
    rows = list(csv.reader(corpus.read_text(path).splitlines()))
    header = [name.strip() for name in rows[0]]
    places = {column: _place(header, column, path) for column in COLUMNS}
    values: dict[str, list[float]] = {column: [] for column in COLUMNS}
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        for column, place in places.items():
            if place >= len(row):
                raise LMError(f"{path}, line {line} ends before its column {column}: complete or remove the row")
            values[column].append(_number(row[place], column, line, path))
    if not values["loss"]:
        raise LMError(f"{path} has a header and no rows: give one row a training run")
    parameters, tokens, loss = (np.array(values[column]) for column in COLUMNS)
    return Runs(parameters, tokens, loss, str(path))


def _place(header: list[str], column: str, path: str | Path) -> int:
    """Which column it is: by its exact name, else in another case."""
    for names, name in ((header, column), ([h.lower() for h in header], column.lower())):
        if names.count(name) > 1:
            raise LMError(f"{path}, line 1 has {names.count(name)} columns named {column}: keep one")
        if name in names:
            return names.index(name)
    raise LMError(
        f"{path}, line 1 has no column {column} (it has {', '.join(header)}): "
        "the columns must be N (parameters), D (tokens) and loss (nats a token)"
    )


def _number(cell: str, column: str, line: int, path: str | Path) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise LMError(
            f"{path}, line {line}: {column} is {cell.strip()!r}, not a number: correct or remove the row"
        ) from None
    if not (math.isfinite(value) and value > 0):
        raise LMError(f"{path}, line {line}: {column} is {cell.strip()}, and must be a number above 0: "
                      "correct or remove the row")  # fmt: skip
    return value
