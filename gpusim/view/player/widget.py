"""The player as a widget: anywidget makes an ipywidgets `DOMWidget` of the player's script."""

from __future__ import annotations

from functools import cache
from typing import Any

from gpusim.errors import GpusimError
from gpusim.view.player.bundle import style, widget_module


@cache
def widget_class() -> Any:
    """The widget's class, whose traits are `recordings` (texts in base64) and `options` (as `Player.options`).

    Raises `GpusimError` where anywidget is not installed.
    """
    try:
        import anywidget
        import traitlets
    except ModuleNotFoundError as missing:
        raise GpusimError(f"a widget needs the package {missing.name}: pip install 'gpusim[notebook]'") from None

    class PlayerWidget(anywidget.AnyWidget):
        _esm = widget_module()
        _css = style()
        recordings = traitlets.List(traitlets.Unicode()).tag(sync=True)
        options = traitlets.Dict().tag(sync=True)

    return PlayerWidget
