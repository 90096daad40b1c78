"""The order of the course, without its puzzles, whose modules take a while to import."""

from __future__ import annotations

from collections.abc import Container

from puzzles import catalog


def count() -> int:
    """How many puzzles there are."""
    return len(catalog.ids())


def after(name: str, done: Container[str]) -> str:
    """The id of the first puzzle behind this one that is not done, or else before it; empty if none is left."""
    ids = catalog.ids()
    start = ids.index(name) + 1 if name in ids else 0
    return next((puzzle for puzzle in [*ids[start:], *ids[:start]] if puzzle not in done), "")
