"""Tables of synthetic runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lm.scaling.law import Law
from lm.scaling.table import Runs

TRUE = Law(1.82, 480.0, 2100.0, 0.35, 0.37)


def synthetic(seed: int, rows: int = 240, noise: float = 0.01, law: Law = TRUE) -> Runs:
    """Runs of a law in Hoffmann's range, with heavy-tailed noise on log loss."""
    draw = np.random.default_rng(seed)
    compute = 10 ** draw.uniform(18.8, 21.5, rows)
    parameters = 10 ** draw.uniform(7.7, 10.2, rows)
    tokens = compute / 6 / parameters
    return Runs(parameters, tokens, law.loss(parameters, tokens) * np.exp(noise * draw.standard_t(3, rows)))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """write("N,D,loss", rows...) -> the path of a CSV file with these lines."""

    def lines(*rows: str) -> Path:
        path = tmp_path / "runs.csv"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    return lines


@pytest.fixture
def runs_file(write) -> Path:
    """Sixty synthetic runs, columns in another order and one more."""
    runs = synthetic(1, 60)
    rows = zip(runs.loss, runs.tokens, runs.parameters, strict=True)
    return write("seed,loss,D,N", *(f"{i},{row[0]!r},{row[1]!r},{row[2]!r}" for i, row in enumerate(map(_plain, rows))))


def _plain(row: tuple) -> tuple[float, ...]:
    return tuple(float(x) for x in row)
