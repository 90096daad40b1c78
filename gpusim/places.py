"""Places: where in the source, and in which thread."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass


@dataclass(frozen=True, eq=False, slots=True)
class Site:
    """A place in the source that touches memory, branches or synchronises; `text` is the source there.

    A load is `copied` if its element goes into memory as it is and is used for nothing else; the store that puts it
    there has the load as its `source`.
    """

    kernel: str
    file: str
    line: int
    text: str
    copied: bool = False
    source: Site | None = None


Index = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A site, and the thread that was there: (x, y, z) of its block and in its block, if it is one thread's doing."""

    site: Site
    block: Index | None = None
    thread: Index | None = None

    def __str__(self) -> str:
        return spot(self.site.file, self.site.line)


def spot(file: str, line: int) -> str:
    """`file:line` as messages show it: relative to the working directory where that is shorter."""
    return f"{shown_path(file)}:{line}"


def shown_path(file: str) -> str:
    """A path as messages show it: relative to the working directory where that is shorter."""
    try:
        relative = os.path.relpath(file)
    except (OSError, ValueError):  # no working directory any more; another drive
        return file
    return relative if os.path.isabs(file) and len(relative) < len(file) else file


def shown_paths(text: str) -> str:
    """A text that names paths: those in the working directory become relative to it."""
    try:
        here = os.getcwd()
    except OSError:  # there is none any more
        return text
    if os.path.dirname(here) == here:  # the root, with which all paths begin
        return text
    return re.sub(rf"(?<![\w.\\/-]){re.escape(os.path.join(here, ''))}", "", text)
