"""What a sweep has measured: one JSON file a trial in a folder, and all of them as one table."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from lm import corpus
from lm.errors import LMError
from lm.files import write_file
from lm.scaling.sweep.plan import Trial

COLUMNS = ("N", "D", "loss", "N_without_embeddings", "excess", "width", "rate", "schedule", "seed")


def save(record: dict, trial: Trial, folder: Path) -> None:
    """Write a trial's record, whole or not at all.  Raises LMError when the folder cannot be written."""
    write_file(folder / f"{trial.name}.json", (json.dumps(record, indent=1) + "\n").encode())


def missing(trials: list[Trial], folder: Path) -> list[Trial]:
    """The trials without a record in the folder, in their order."""
    return [trial for trial in trials if not (folder / f"{trial.name}.json").exists()]


def load(trials: list[Trial], folder: Path) -> list[dict]:
    """The rows of all records of these trials, with the trial's width, rate, schedule and seed.

    Raises LMError for a record that is damaged, or of another trial.
    """
    rows = []
    for trial in trials:
        path = folder / f"{trial.name}.json"
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            facts = {name: record["trial"][name] for name in ("width", "rate", "schedule", "seed")}
            rows += [{**row, **facts} for row in record["rows"]]
        except (OSError, ValueError, KeyError, TypeError):
            raise LMError(f"{path} is no record of a trial: delete it, and the sweep will train it again") from None
    return sorted(rows, key=lambda row: tuple(row[name] for name in ("schedule", "N", "D", "rate", "seed")))


def cpu_seconds(trials: list[Trial], folder: Path) -> float:
    """CPU time of all these trials' trainings, as their records have it; those must be there."""
    texts = ((folder / f"{trial.name}.json").read_text(encoding="utf-8") for trial in trials)
    return sum(json.loads(text)["cpu_seconds"] for text in texts)


def write_table(rows: list[dict], path: Path) -> None:
    """All rows as CSV, whole or not at all.  Raises LMError when it cannot be written."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(f"{row[name]:.8g}" if isinstance(row[name], float) else str(row[name]) for name in COLUMNS)
              for row in rows]  # fmt: skip
    write_file(path, ("\n".join(lines) + "\n").encode())


def read_table(path: str | Path) -> list[dict]:
    """The rows of a table that `write_table` wrote.  Raises LMError for another file."""
    reader = csv.DictReader(corpus.read_text(path).splitlines())
    if set(COLUMNS) - set(reader.fieldnames or ()):
        raise LMError(f"{path} is no table of a sweep: its first line must have {', '.join(COLUMNS)}")
    rows = []
    for line, row in enumerate(reader, start=2):
        try:
            numbers = {name: float(row[name]) for name in COLUMNS if name != "schedule"}
        except (TypeError, ValueError):
            raise LMError(f"{path}, line {line} has a value that is not a number: correct or remove the row") from None
        rows.append({**numbers, "schedule": row["schedule"]})
    if not rows:
        raise LMError(f"{path} has a header and no rows")
    return rows
