"""A trained model in one safetensors file: parameters, configuration, vocabulary, and how it was made.

Tensors: the names of `lm.config.parameter_shapes`, float32, and "ngram.bigrams", int32 [V, V], the counts
of character pairs in the training text, so that a model's n-gram baselines always come from its own
training text.  The metadata has one entry, "lm": JSON with "format" = 1, "config", "vocabulary" (a string)
and "training".  (One entry, because safetensors writes several in no fixed order: the same run should give
the same bytes.)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lm.config import Config, parameter_shapes
from lm.errors import LMError
from lm.files import write_file
from lm.tokens import Vocabulary

FORMAT = 1
DEFAULT = Path(__file__).parent / "weights" / "pydoc.safetensors"  # lm/README.md says how it was made
_BIGRAMS = "ngram.bigrams"


@dataclass(frozen=True)
class Checkpoint:
    """A model and what it needs to be used.

    parameters  name -> float32 array
    bigrams     int32 [V, V]: bigrams[a, b] times b followed a in the training text
    training    facts about the training run (source of the text, command line, seed, losses, versions)
    """

    config: Config
    vocabulary: Vocabulary
    parameters: Mapping[str, np.ndarray]
    bigrams: np.ndarray
    training: Mapping[str, Any] = field(default_factory=dict)


def save_checkpoint(checkpoint: Checkpoint, path: str | Path) -> None:
    """Write the file whole or not at all: a failure leaves what was at `path` as it was."""
    about = {
        "format": FORMAT,
        "config": asdict(checkpoint.config),
        "vocabulary": checkpoint.vocabulary.characters,
        "training": dict(checkpoint.training),
    }
    tensors: dict[str, np.ndarray] = {
        name: np.ascontiguousarray(p, np.float32) for name, p in checkpoint.parameters.items()
    }
    tensors[_BIGRAMS] = np.ascontiguousarray(checkpoint.bigrams, np.int32)
    from safetensors.numpy import save

    write_file(Path(path), save(tensors, {"lm": json.dumps(about)}))


def load_checkpoint(path: str | Path = DEFAULT) -> Checkpoint:
    """Read a checkpoint.

    Raises LMError when the file is missing, is not a checkpoint of this package, or lacks a parameter.
    """
    path = Path(path)
    if not path.is_file():
        raise LMError(f"there is no checkpoint {path}: train one with `python -m lm train --out {path}`")
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no iterator)
    except (SafetensorError, OSError) as error:
        raise LMError(f"{path} is not a safetensors file ({error}): give a checkpoint of `lm train`") from None
    about = _parse(metadata.get("lm", ""))
    if about.get("format") != FORMAT:
        raise LMError(f"{path} was not written by this version of `python -m lm train`: train it again")
    config, vocabulary = Config(**about["config"]), Vocabulary(about["vocabulary"])
    expected = parameter_shapes(config) | {_BIGRAMS: (config.vocabulary, config.vocabulary)}
    for name, shape in expected.items():
        if name not in tensors or tensors[name].shape != shape:
            found = tensors[name].shape if name in tensors else "nothing"
            raise LMError(f"{path} is damaged: {name} should have shape {shape}, found {found}; train again")
    bigrams = tensors.pop(_BIGRAMS)
    return Checkpoint(config, vocabulary, tensors, bigrams, about["training"])


def _parse(entry: str) -> dict[str, Any]:
    """The metadata's JSON, or nothing if it is not ours."""
    try:
        about = json.loads(entry)
    except ValueError:
        return {}
    return about if isinstance(about, dict) else {}
