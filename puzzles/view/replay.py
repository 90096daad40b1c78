"""What a failed launch looks like: expected, got and difference, and its steps to go through."""

from __future__ import annotations

from puzzles.check.replay import Replay


def failure_html(shown: Replay) -> str:
    """Pictures of the outputs that are wrong, and the player, for the sheet of a verdict in a notebook."""
    pictures = "".join(f'<div class="scroll">{svg}</div>' for svg in shown.pictures())
    if shown.player is None:
        return pictures
    heading = "<h3>The launch, step by step</h3>"
    return f"{pictures}{heading}{shown.player._repr_html_()}"
