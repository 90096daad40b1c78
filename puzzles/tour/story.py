"""A launch told step by step: the player with captions that stop where something can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gpusim.view.player import Caption, Player


@dataclass(frozen=True)
class Station:
    """Where the story stops: the `visit`th time that a block comes to the first line with `code` in it.

    `thread` is the linear index of the one that is followed.
    """

    code: str
    text: str
    visit: int = 1
    block: int = 0
    thread: int = 0


def told(run: Any, stations: Sequence[Station]) -> Player:
    """The player of a launch with its story."""
    captions = [Caption(s.text, _line(run, s.code), s.visit, s.block, s.thread) for s in stations]
    player: Player = run.play().guided(captions)
    return player


def story(run: Any, stations: Sequence[Station]) -> str:
    """The same as a part of a page that has the player's `assets()`."""
    return f'<div class="wide">{told(run, stations).fragment}</div>'


def _line(run: Any, code: str) -> int:
    """The number of the first line with this code; raises `LookupError` when the kernel has none."""
    for number, text in run.source:
        if code in text:
            return int(number)
    raise LookupError(f"kernel '{run.kernel}' has no line with `{code}`")
