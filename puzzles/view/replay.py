"""What a failed launch looks like: expected, got and difference, and its steps to go through."""

from __future__ import annotations

from puzzles.check.replay import Replay

_HEADING = "<h3>The launch, step by step</h3>"


def failure_html(shown: Replay) -> str:
    """For the sheet of a verdict in a notebook: the player is a frame, which plays without a kernel, too."""
    player = f"{_HEADING}{shown.player._repr_html_()}" if shown.player else ""
    return _pictures(shown) + player


def failure_body(shown: Replay) -> str:
    """For a page that has the player's `assets()`."""
    player = f'{_HEADING}<div class="wide">{shown.player.fragment}</div>' if shown.player else ""
    return _pictures(shown) + player


def _pictures(shown: Replay) -> str:
    """Of every output that is wrong."""
    return "".join(f'<div class="plate scroll">{svg}</div>' for svg in shown.pictures())
