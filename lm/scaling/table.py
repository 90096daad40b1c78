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

    Cells are separated by commas, or by semicolons or tabs where the first line has no comma; empty lines do not count.
    Raises LMError, with the file and the line, for a missing column, a value that is no number or not above 0, a row
    that is too short or too long, or no rows at all.
    """
    (first, names), *rows = _cells(path)
    header = [name.strip() for name in names]
    places = {column: _place(header, column, first, path) for column in COLUMNS}
    values: dict[str, list[float]] = {column: [] for column in COLUMNS}
    for line, row in rows:
        if any(cell.strip() for cell in row[len(header) :]):
            raise LMError(
                f"{path}, line {line} has {len(row)} cells for {len(header)} columns: "
                "write decimals with a point, and quote text that has a comma"
            )
        for column, place in places.items():
            if place >= len(row):
                raise LMError(f"{path}, line {line} ends before its column {column}: complete or remove the row")
            values[column].append(_number(row[place], column, line, path))
    if not values["loss"]:
        raise LMError(f"{path} has a header and no rows: give one row a training run")
    parameters, tokens, loss = (np.array(values[column]) for column in COLUMNS)
    return Runs(parameters, tokens, loss, str(path))


def _cells(path: str | Path) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with its line's number; there is at least one."""
    text = corpus.read_text(path)
    first = text.lstrip().splitlines()[0]
    separator = next((mark for mark in ";\t" if mark in first and "," not in first), ",")
    reader = csv.reader(text.splitlines(), delimiter=separator, skipinitialspace=True)
    rows, line = [], 1  # a row with a quoted end of line begins before the line that it ends on
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise LMError(f"{path}, line {line} cannot be read as CSV: {error}") from None
    return rows


def _place(header: list[str], column: str, line: int, path: str | Path) -> int:
    """Which column it is: by its exact name, else in another case."""
    for names, name in ((header, column), ([h.lower() for h in header], column.lower())):
        if names.count(name) > 1:
            raise LMError(f"{path}, line {line} has {names.count(name)} columns named {column}: keep one")
        if name in names:
            return names.index(name)
    raise LMError(
        f"{path}, line {line} has no column {column} (it has {_short(', '.join(header))}): "
        "the columns must be N (parameters), D (tokens) and loss (nats a token)"
    )


def _number(cell: str, column: str, line: int, path: str | Path) -> float:
    try:
        if not cell.isascii() or "_" in cell:  # float() would take them
            raise ValueError
        value = float(cell)
    except ValueError:
        raise LMError(
            f"{path}, line {line}: {column} is {_short(cell.strip())!r}, not a number: correct or remove the row"
        ) from None
    if not (math.isfinite(value) and value > 0):
        raise LMError(f"{path}, line {line}: {column} is {cell.strip()}, and must be a number above 0: "
                      "correct or remove the row")  # fmt: skip
    return value


def _short(text: str) -> str:
    """Its beginning, where it is long: an open quote makes one cell of many lines."""
    return text if len(text) <= 60 else text[:57] + "..."
