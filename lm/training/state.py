"""The state of an unfinished run in a file, so that it can go on where it was.

Saved every `EVERY` seconds, whole or not at all: a run that is killed loses less than a minute.  Windows and dropout of
a step depend on the seed and the step's number only, so the run that goes on draws what the uninterrupted one draws.
"""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import torch

from lm.errors import LMError
from lm.files import write_file

EVERY = 20.0  # seconds between two saves


def state_path(out: str | Path) -> Path:
    """Where the state of the run that writes the checkpoint `out` lies."""
    out = Path(out)
    return out.with_name(f"{out.name}.unfinished")


def save_state(state: dict[str, Any], path: Path) -> None:
    """Raises LMError when the file cannot be written; what was there stays."""
    content = io.BytesIO()
    torch.save(state, content)
    write_file(path, content.getvalue())


def load_state(path: Path, run: dict[str, Any]) -> dict[str, Any]:
    """The state in the file.  `run` says what is trained; it must be what the file says.

    Raises LMError when there is no such file or it belongs to another run.
    """
    if not path.is_file():
        raise LMError(f"there is no unfinished training {path}: leave --resume out to start one")
    try:
        state = torch.load(path, weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError):
        raise LMError(f"{path} is not the state of a training, or is damaged: delete it and start again") from None
    for name, value in flat(run).items():
        there = flat(state["run"]).get(name)
        if there != value:
            raise LMError(
                f"{path} is of a training with {name} {there} and this one has {value}: "
                "give the same options and text, or delete it to start anew"
            )
    return state


def flat(run: dict[str, Any]) -> dict[str, Any]:
    """{"options": {"rate": 1}, "threads": 2} -> {"rate": 1, "threads": 2}"""
    parts = (value if isinstance(value, dict) else {name: value} for name, value in run.items())
    return {name: value for part in parts for name, value in part.items()}
