"""English that every Python carries, and how a text is split.

`pydoc_data.topics` holds the language reference's chapters that `help()` prints.  The training text is
computed from it at run time, so no text is copied into this repository; it differs a little between
Python versions.

Normalisation: typographic quotes, dashes and ellipses become their ASCII spelling; what is then not
printable ASCII or a newline is dropped; runs of blank lines become one blank line.

Split: by topic.  `HELD_OUT` and `VALIDATION` name the topics of those two splits (a name that a Python
version lacks is skipped) and every other topic is for training.  Chapters repeat each other ("compound"
contains "if", "while", "for"), therefore each paragraph of at least `LEAK` characters is kept once, in the
first of held-out, validation, training that has it: no such paragraph is in two splits.
"""

from __future__ import annotations

import re
import sysconfig
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from lm.errors import LMError

NAME = "pydoc_data.topics"
ALPHABET = "\n" + "".join(map(chr, range(32, 127)))  # 96 characters: newline and printable ASCII

HELD_OUT = ("execmodel", "naming", "exceptions", "dynamic-features", "import", "raise", "global", "calls")
VALIDATION = ("typesmapping", "operator-summary", "objects", "comparisons", "in", "slicings", "binary")
LEAK = 40

PREFIXES = ("pydoc:", "stdlib:", "hf:")
CODE = 400_000  # characters of Python's library to train on, and a tenth of that for each other part

_SPELLING = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "--", "…": "...", "\t": " " * 4, "\r": ""}
)
_BLANK_LINES = re.compile(r"\n[ \n]*\n")


@dataclass(frozen=True)
class Split:
    """A text in three parts that share no passage.  `source` says where it came from."""

    source: str
    train: str
    validation: str
    held_out: str


def normalise(text: str) -> str:
    """`text` in the 96 characters of ALPHABET."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_SPELLING))
    return _BLANK_LINES.sub("\n\n", "".join(c for c in decomposed if c == "\n" or " " <= c <= "~"))


def builtin() -> Split:
    """The split of `pydoc_data.topics`; the same for every call of one Python version."""
    from pydoc_data.topics import topics

    return split_topics(topics)


def split_topics(topics: dict[str, str]) -> Split:
    """Split a {name: text} dictionary as the module's docstring says, topics in order of their names."""
    training = sorted(set(topics) - set(HELD_OUT) - set(VALIDATION))
    seen: set[str] = set()

    def unseen_paragraphs(names: tuple[str, ...] | list[str]) -> str:
        kept = []
        for name in names:
            for paragraph in normalise(topics.get(name, "")).strip("\n").split("\n\n"):
                key = " ".join(paragraph.split())
                if len(key) >= LEAK and key in seen:
                    continue
                seen.add(key)
                kept.append(paragraph)
        return "\n\n".join(kept) + "\n"

    held_out, validation = unseen_paragraphs(HELD_OUT), unseen_paragraphs(VALIDATION)
    return Split(NAME, unseen_paragraphs(training), validation, held_out)


def from_file(path: str | Path) -> Split:
    """A user's text, split by position: the first 90 % to train, 5 % to validate, 5 % held out.

    Raises LMError as `read_text` does.
    """
    text = read_text(path)
    first, second = int(len(text) * 0.90), int(len(text) * 0.95)
    return Split(str(path), text[:first], text[first:second], text[second:])


def read_text(path: str | Path) -> str:
    """The text of a UTF-8 file, as it is; or a text by name: see `named`.

    Raises LMError when the file is missing, empty, unreadable or not text.
    """
    if str(path).startswith(PREFIXES):
        return named(str(path))
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise LMError(f"there is no text file {path}: check the path") from None
    except IsADirectoryError:
        raise LMError(f"{path} is a directory: give a text file") from None
    except OSError as error:
        raise LMError(f"the text file {path} cannot be read: {error.strerror}") from None
    if not data.strip():
        raise LMError(f"the text file {path} is empty: give one with some text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LMError(f"{path} is not text: byte {error.start} is not UTF-8; give a plain text file in UTF-8") from None
    if "\0" in text:
        raise LMError(f"{path} is not text: it has a zero byte; give a plain text file in UTF-8")
    return text.replace("\r\n", "\n")


def named(name: str) -> str:
    """A text that is no file.

    pydoc:PART      PART of `builtin()`: train, validation or held_out
    stdlib:PART     the same of `library()`
    hf:NAME,CONFIG,SPLIT   a data set of Hugging Face's hub, its "text" column, blank lines between its rows; needs the
                    package `datasets`, which downloads it
    Raises LMError for other names.
    """
    kind, _, rest = name.partition(":")
    if kind == "hf":
        return _hugging_face(rest)
    if rest not in ("train", "validation", "held_out"):
        raise LMError(f"{name} is not a text: give {kind}:train, {kind}:validation or {kind}:held_out")
    return str(getattr(builtin() if kind == "pydoc" else library(), rest))


def library() -> Split:
    """Program text: modules of this Python's library by name, of each twelve one to validate and one held out."""
    parts = {"train": "", "validation": "", "held_out": ""}
    room = {"train": CODE, "validation": CODE // 10, "held_out": CODE // 10}
    paths = [p for p in Path(sysconfig.get_path("stdlib")).glob("*.py") if not p.name.startswith("_sysconfigdata")]
    for i, path in enumerate(sorted(paths)):
        part = {3: "validation", 7: "held_out"}.get(i % 12, "train")
        if len(parts[part]) < room[part]:
            parts[part] += normalise(path.read_text(encoding="utf-8", errors="replace")) + "\n"
    return Split("the standard library's sources", **{name: text[: room[name]] for name, text in parts.items()})


def _hugging_face(name: str) -> str:
    try:
        from datasets import load_dataset  # type: ignore[import-not-found]
    except ModuleNotFoundError:
        raise LMError(f"hf:{name} needs Hugging Face's datasets: `pip install 'gpusim[hf]'`") from None
    parts = name.split(",")
    if len(parts) != 3:
        example = "hf:Salesforce/wikitext,wikitext-2-v1,test"
        raise LMError(f"hf:{name} is not a data set: give hf:NAME,CONFIG,SPLIT, as {example}")
    try:
        rows = load_dataset(parts[0], parts[1] or None, split=parts[2])["text"]
    except Exception as error:  # the package raises whatever its network, file and parsing layers raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise LMError(f"hf:{name} cannot be read: {reason}") from None
    return "\n\n".join(rows)
