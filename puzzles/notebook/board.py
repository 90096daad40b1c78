"""How far a learner is, as squares by chapter; in a notebook the board follows every check."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from puzzles import catalog
from puzzles.chapter import Chapter
from puzzles.notebook.shown import Live
from puzzles.progress import Progress
from puzzles.view.style import sheet

_BOARDS: weakref.WeakKeyDictionary[Any, tuple[Chapter, ...]] = weakref.WeakKeyDictionary()
"""The widgets of this process that show progress, and their chapters."""


def board(chapters: Sequence[Chapter], here: str = "") -> Live:
    """The chapters' puzzles, numbered as in the course; `here` is the id of one to outline."""
    progress = Progress.of(Path())
    names = [name for chapter in chapters for name in chapter.ids]
    passed = sum(name in progress.passed for name in names)
    words = f"{passed} of {len(names)} passed" + _guesses(progress, names)
    return Live(sheet(_body(chapters, progress, here)), words, lambda: _widget(tuple(chapters)))


def refresh() -> None:
    """Bring all boards up to date."""
    for widget, chapters in list(_BOARDS.items()):
        widget.value = sheet(_body(chapters, Progress.of(Path())))


def track(chapter: Chapter, progress: Progress, here: str = "") -> str:
    """One square for each puzzle of a chapter: passed, skipped, or open; `here` is outlined."""
    ids = catalog.ids()
    squares = []
    for name in chapter.ids:
        done, skipped = name in progress.passed, name in progress.skipped
        state = "passed" if done else "skipped" if skipped else "open"
        classes = [*(["done"] if done else []), *(["skip"] if skipped else []), *(["here"] if name == here else [])]
        face = "✓" if done else str(ids.index(name) + 1)
        squares.append(f'<span class="{" ".join(classes)}" title="{name}: {state}">{face}</span>')
    return f'<div class="track">{"".join(squares)}</div>'


def _body(chapters: Sequence[Chapter], progress: Progress, here: str = "") -> str:
    parts = []
    for chapter in chapters:
        names = chapter.ids
        done = sum(name in progress.passed for name in names)
        told = f"{done} of {len(names)} passed{_guesses(progress, names)}"
        parts.append(f'<p><b>{escape(chapter.title)}</b> <span class="muted">{told}</span></p>')
        parts.append(track(chapter, progress, here))
    return "".join(parts)


def _guesses(progress: Progress, names: Sequence[str]) -> str:
    answers = [progress.predicted[name] for name in names if name in progress.predicted]
    return f", {sum(answers)} of {len(answers)} predicted at once" if answers else ""


def _widget(chapters: tuple[Chapter, ...]) -> Any:
    import ipywidgets

    widget = ipywidgets.HTML(sheet(_body(chapters, Progress.of(Path()))))
    _BOARDS[widget] = chapters
    return widget
