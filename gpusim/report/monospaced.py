"""Text whose columns line up, also in a notebook."""

from __future__ import annotations

from html import escape


class Monospaced(str):
    """A string that shows itself as it prints, and in a notebook in a font of one width."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        style = "font-family:monospace;line-height:1.2;white-space:pre;overflow-x:auto"
        return f'<pre style="{style}">{escape(self)}</pre>'
