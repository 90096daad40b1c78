"""The player as a widget: anywidget makes an ipywidgets `DOMWidget` of the player's script."""

from __future__ import annotations

from gpusim.errors import GpusimError
from gpusim.view.player.bundle import style, widget_module

try:
    import anywidget
    import traitlets
except ModuleNotFoundError as missing:
    raise GpusimError(f"a widget needs the package {missing.name}: pip install 'gpusim[notebook]'") from None


class PlayerWidget(anywidget.AnyWidget):
    """`recordings` are texts in base64, `options` as `Player.options`."""

    _esm = widget_module()
    _css = style()
    recordings = traitlets.List(traitlets.Unicode()).tag(sync=True)
    options = traitlets.Dict().tag(sync=True)
