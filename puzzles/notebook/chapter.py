"""A part of the tour's page in a frame, which plays in saved notebooks, too."""

from __future__ import annotations

from typing import Any

from gpusim.report.page import page
from gpusim.view.player import assets
from gpusim.view.themes import frame
from puzzles.notebook.shown import Shown


def chapter(part: Any) -> Shown:
    """What one of the tour's parts has found, as its page shows it."""
    section = part.section()
    html = page(section.title, [section], head=assets())
    return Shown(frame(html, section.title, "height:85vh;min-height:480px"), section.title)
