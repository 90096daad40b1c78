"""What a call returns to a notebook: HTML for people, and words for where no HTML is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any


@dataclass(frozen=True, repr=False)
class Shown:
    """`html` in a notebook, `words` in a terminal."""

    html: str
    words: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.words


@dataclass(frozen=True, repr=False)
class Live(Shown):
    """The same as a widget, where ipywidgets is installed; saved notebooks keep the HTML beside it."""

    widget: Callable[[], Any]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"text/html": self.html, "text/plain": self.words}
        if find_spec("ipywidgets") is None:
            return bundle
        return {**self.widget()._repr_mimebundle_(), **bundle}
