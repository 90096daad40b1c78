"""The sections, one module each, in the order of the page."""

from __future__ import annotations

from importlib import import_module

from lm.errors import LMError
from lm.lecture.lesson import Lesson

ORDER = (
    "ladder",
    "zipf",
    "known",
    "tokens",
    "codes",
    "compression",
    "approximations",
    "guessing",
    "sampling",
    "hidden",
    "parables",
    "domains",
    "translation",
    "needed",
    "words",
    "transformer",
    "counts",
    "budget",
    "scaling",
    "thinking",
    "adder",
    "backdoor",
)


def lessons(names: tuple[str, ...] = ORDER) -> dict[str, Lesson]:
    """The sections by name.  Raises LMError for a name that is none."""
    for name in names:
        if name not in ORDER:
            raise LMError(f"there is no section {name!r}: choose from {', '.join(ORDER)}")
    return {name: import_module(f"{__name__}.{name}").LESSON for name in names}
