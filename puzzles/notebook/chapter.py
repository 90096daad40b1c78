"""A part of the tour's page in a frame, which plays in saved notebooks, too."""

from __future__ import annotations

from html import escape
from typing import Any

from gpusim.report.page import page
from gpusim.view.player import assets
from puzzles.notebook.shown import Shown


def chapter(part: Any) -> Shown:
    """What one of the tour's parts has found, as its page shows it."""
    section = part.section()
    html = page(section.title, [section], head=assets())
    look = f'title="{escape(section.title)}" style="width:100%;height:85vh;min-height:480px;border:0"'
    frame = f'<iframe srcdoc="{escape(html)}" {look} sandbox="allow-scripts"></iframe>'
    return Shown(frame, section.title)
