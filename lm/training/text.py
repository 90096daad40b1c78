"""Text as token numbers in a memory-mapped file, and random windows of it.

A file is read twice in pieces, once to know its characters and once to number them, so a text larger than the memory
trains like a small one.  The numbers take 1, 2 or 4 bytes each and lie in a folder of the caller's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lm import corpus
from lm.config import Config
from lm.errors import LMError
from lm.tokens import Vocabulary

PIECE = 1 << 24  # characters read at a time
CODE_POINTS = 0x110000


@dataclass(frozen=True)
class Text:
    """Numbers to train on and to validate with, and where they came from.

    train, validation  1-D unsigned integers, perhaps memory-mapped
    sha256             of the training text in UTF-8
    """

    source: str
    vocabulary: Vocabulary
    train: np.ndarray
    validation: np.ndarray
    sha256: str


def builtin() -> Text:
    """`lm.corpus.builtin`, in memory."""
    split = corpus.builtin()
    vocabulary = Vocabulary(corpus.ALPHABET)
    digest = hashlib.sha256(split.train.encode()).hexdigest()
    kind = np.uint8
    train, validation = (vocabulary.encode(part).astype(kind) for part in (split.train, split.validation))
    return Text(split.source, vocabulary, train, validation, digest)


def memory_mapped(path: str | Path, folder: Path) -> Text:
    """A user's UTF-8 text, split by position as `lm.corpus.from_file` does: 90 % to train, 5 % to validate.

    path   of a file, or a text by name (`lm.corpus.named`)
    Raises LMError when the file is missing, empty or not text.
    """
    seen = np.zeros(CODE_POINTS, bool)
    length = 0
    for points in _pieces(path):
        seen[points] = True
        length += len(points)
    if not length:
        raise LMError(f"the text file {path} is empty: give one with some text")
    vocabulary = Vocabulary("".join(map(chr, np.flatnonzero(seen))))
    number = np.zeros(CODE_POINTS, np.min_scalar_type(len(vocabulary) - 1))
    number[seen] = np.arange(len(vocabulary))
    numbers = np.memmap(folder / "tokens.bin", number.dtype, "w+", shape=(length,))
    first, second = int(length * 0.90), int(length * 0.95)
    digest, done = hashlib.sha256(), 0
    for points in _pieces(path):
        numbers[done : done + len(points)] = number[points]
        digest.update(points[: max(0, first - done)].tobytes().decode("utf-32-le").encode())
        done += len(points)
    numbers.flush()
    return Text(str(path), vocabulary, numbers[:first], numbers[first:second], digest.hexdigest())


def _pieces(source: str | Path) -> Iterator[np.ndarray]:
    """The code points of the text, uint32, a piece at a time; line ends as "\\n".  Raises LMError."""
    if str(source).startswith(corpus.PREFIXES):
        text = corpus.read_text(source)
        for start in range(0, len(text), PIECE):
            yield np.frombuffer(text[start : start + PIECE].encode("utf-32-le"), np.uint32)
        return
    path = Path(source)
    try:
        with path.open(encoding="utf-8-sig") as file:
            while piece := file.read(PIECE):
                if "\0" in piece:
                    raise LMError(f"{path} is not text: it has a zero byte; give a plain text file in UTF-8")
                yield np.frombuffer(piece.encode("utf-32-le"), np.uint32)
    except FileNotFoundError:
        raise LMError(f"there is no text file {path}: check the path") from None
    except IsADirectoryError:
        raise LMError(f"{path} is a directory: give a text file") from None
    except UnicodeDecodeError as error:
        raise LMError(f"{path} is not text: {error.reason} in UTF-8; give a plain text file in UTF-8") from None
    except OSError as error:
        raise LMError(f"the text file {path} cannot be read: {error.strerror}") from None


def check_length(text: Text, config: Config) -> None:
    """Raises LMError when there is not a window to train on or a token to validate with."""
    if len(text.train) <= config.context + 1 or len(text.validation) < 2:
        raise LMError(
            f"the text has {len(text.train)} characters to train and {len(text.validation)} to validate, too few for "
            f"windows of {config.context}: give a longer text or a smaller --context"
        )


def random_windows(numbers: np.ndarray, context: int, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Inputs and, one token later, targets: two int64 tensors [batch, T]."""
    starts = torch.randint(len(numbers) - context, (batch, 1), generator=generator).numpy()
    windows = numbers[starts + np.arange(context + 1)].astype(np.int64)  # [batch, T + 1]
    return torch.from_numpy(windows[:, :-1]), torch.from_numpy(windows[:, 1:])
