"""The step player: a page that plays a recording, with everything in it that it needs.

`js/` holds its source, `bundle` makes one script of it. The same script serves pages, notebooks (an `iframe` in the
saved output, which plays without a kernel) and widgets.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from gpusim.observe.recording.packing import Recording
from gpusim.view.player.bundle import script, style
from gpusim.view.player.widget import widget_class
from gpusim.view.themes import frame


@dataclass(frozen=True)
class Caption:
    """One station of a guided tour: `text` is shown at the step of a block at which it comes to `line` of the file the
    `visit`th time; without a line, at its last step. `thread` (linear) is pinned; `warp` shows the warp's view."""

    text: str
    line: int | None = None
    visit: int = 1
    block: int = 0
    thread: int = 0
    recording: int = 0
    warp: bool = False


@dataclass(frozen=True)
class Player:
    """Recordings of one kernel to step through: the first is shown, the others can be switched to.

    `still` draws SVG for where no script runs. `captions` make a guided tour of it. `compared`: two recordings stand
    beside each other, and go from barrier to barrier together. `at_finding`: it starts at the first finding.
    """

    recordings: tuple[Recording, ...]
    still: Callable[[], str] = str
    captions: tuple[Caption, ...] = ()
    compared: bool = False
    at_finding: bool = False

    def guided(self, captions: Iterable[Caption]) -> Player:
        """The same with a guided tour."""
        return replace(self, captions=tuple(captions))

    def beside(self, other: Player) -> Player:
        """This launch and another one, stage by stage: yours and a reference, say."""
        return Player((self.recordings[0], other.recordings[0]), lambda: self.still() + other.still(), compared=True)

    @property
    def title(self) -> str:
        return str(self.recordings[0].header["kernel"])

    @property
    def html(self) -> str:
        """A page of its own: no file beside it, no network."""
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(self.title)}</title><style>{_PAGE}</style></head><body>{assets()}{self._part(self.still())}</body></html>\n"
        )

    @property
    def fragment(self) -> str:
        """The player as a part of a page that has the `assets()`, and a picture of its own."""
        return self._part("")

    def _part(self, still: str) -> str:
        given = f"{_json(self.texts)}, {_json(self.options)}"
        start = f"gpusimPlayer(document.currentScript.previousElementSibling, {given})"
        return f"<div><noscript>{still}<p>A script plays this recording.</p></noscript></div><script>{start}</script>"

    @property
    def texts(self) -> list[str]:
        """The recordings in base64."""
        return [base64.b64encode(recording.data).decode("ascii") for recording in self.recordings]

    @property
    def options(self) -> dict[str, Any]:
        """What the script is told besides."""
        captions = [asdict(caption) for caption in self.captions]
        return {"captions": captions, "beside": self.compared, "finding": self.at_finding}

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page; raises `OSError` where that is not possible, and leaves no half of it."""
        target = Path(path)
        beside = target.with_name(target.name + ".part")
        beside.write_text(self.html, encoding="utf-8")
        os.replace(beside, target)
        return target

    def widget(self) -> Any:
        """An ipywidgets widget. Raises `GpusimError` where anywidget is not installed."""
        return widget_class()(recordings=self.texts, options=self.options)

    def _repr_html_(self) -> str:
        """A frame that holds the page: it plays in saved and exported notebooks, too, without a kernel."""
        return frame(self.html, f"step player for {self.title}", f"height:{_HEIGHT}px")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The frame, the still picture, and a sentence: front ends take the richest that they can show."""
        still = self.still()
        picture = {"image/svg+xml": still} if still else {}
        return {"text/html": self._repr_html_(), **picture, "text/plain": repr(self)}

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
