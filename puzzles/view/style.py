"""The look of puzzles and verdicts in a notebook or a page: one scope, `.puzzle`, and a sheet of its own.

A notebook's own style says little of tables, code and buttons. So a sheet brings its own, and is light or
dark as the notebook is.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from gpusim.view.themes import themed


@cache
def style() -> str:
    """The rules of `puzzle.css` in a line."""
    text = resources.files("puzzles.view").joinpath("puzzle.css").read_text(encoding="utf-8")
    return re.sub(r"\s*\n\s*", " ", themed(text)).strip()


def sheet(body: str, kind: str = "") -> str:
    """A piece of HTML with its style: a sheet of paper in a notebook. `kind` is one more class."""
    return f'<style>{style()}</style><div class="puzzle{" " + kind if kind else ""}">{body}</div>'
