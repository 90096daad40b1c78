"""The step player: a page that plays a recording, with everything in it that it needs.

`js/` holds its source, `bundle` makes one script of it. The same script serves pages, notebooks (an `iframe` in the
saved output, which plays without a kernel) and widgets.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpusim.observe.recording.packing import Recording
from gpusim.view.player.bundle import script, style

if TYPE_CHECKING:
    from gpusim.view.player.widget import PlayerWidget


@dataclass(frozen=True)
class Player:
    """Recordings of one kernel to step through: the first is shown, the others can be switched to.

    `still` is SVG for where no script runs.
    """

    recordings: tuple[Recording, ...]
    still: str = ""

    @property
    def title(self) -> str:
        return str(self.recordings[0].header["kernel"])

    @property
    def html(self) -> str:
        """A page of its own: no file beside it, no network."""
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(self.title)}</title><style>{_PAGE}</style></head><body>{assets()}{self.fragment}</body></html>\n"
        )

    @property
    def fragment(self) -> str:
        """The player as a part of a page that has the `assets()`."""
        still = self.still or "A script plays this recording."
        start = f"gpusimPlayer(document.currentScript.previousElementSibling, {_json(self.texts)})"
        return f"<div><noscript>{still}</noscript></div><script>{start}</script>"

    @property
    def texts(self) -> list[str]:
        """The recordings in base64."""
        return [base64.b64encode(recording.data).decode("ascii") for recording in self.recordings]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page; raises `OSError` where that is not possible, and leaves no half of it."""
        target = Path(path)
        beside = target.with_name(target.name + ".part")
        beside.write_text(self.html, encoding="utf-8")
        os.replace(beside, target)
        return target

    def widget(self) -> PlayerWidget:
        """An ipywidgets widget. Raises `GpusimError` where anywidget is not installed."""
        from gpusim.view.player.widget import PlayerWidget

        return PlayerWidget(recordings=self.texts)

    def _repr_html_(self) -> str:
        """A frame that holds the page: it plays in saved and exported notebooks, too, without a kernel."""
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="step player for {escape(self.title)}" '
            f'style="width:100%;height:{_HEIGHT}px;border:0" sandbox="allow-scripts"></iframe>'
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The frame, the still picture, and a sentence: front ends take the richest that they can show."""
        still = {"image/svg+xml": self.still} if self.still else {}
        return {"text/html": self._repr_html_(), **still, "text/plain": repr(self)}

    def __repr__(self) -> str:
        first = self.recordings[0]
        return f'{self.title}: {first.steps:,} steps, {len(first.data):,} bytes; .save("x.html") writes a page to play'


def assets() -> str:
    """Style and script, which a page with players needs once."""
    return f"<style>{style()}</style><script>{{{_inline(script())}window.gpusimPlayer = mount}}</script>"


_HEIGHT = 860
_PAGE = "body{margin:0;background:#fff}@media(prefers-color-scheme:dark){body{background:#14171c}}"


def _json(value: Any) -> str:
    return _inline(json.dumps(value, separators=(",", ":")))


def _inline(text: str) -> str:
    """Text that can stand in a script element."""
    return text.replace("</", "<\\/")
