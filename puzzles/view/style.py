"""The look of puzzles and verdicts in a notebook or a page: one scope, `.puzzle`, and a sheet of its own.

Notebooks have themes that CSS cannot ask for. So a sheet brings its own paper and ink, light or dark as the system is.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources


@cache
def style() -> str:
    """The rules of `puzzle.css` in a line."""
    text = resources.files("puzzles.view").joinpath("puzzle.css").read_text(encoding="utf-8")
    return re.sub(r"\s*\n\s*", " ", text).strip()


def sheet(body: str, kind: str = "") -> str:
    """A piece of HTML with its style: a sheet of paper in a notebook. `kind` is one more class."""
    return f'<style>{style()}</style><div class="puzzle{" " + kind if kind else ""}">{body}</div>'
