"""Pictures of launches, drawn with the `chalk` library, which is imported only when a picture is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gpusim.errors import GpusimError

if TYPE_CHECKING:
    from gpusim.view.picture import Picture

__all__ = ["draw"]


def draw(
    run: Any,
    block: int | Sequence[int] | None = None,
    thread: int | Sequence[int] | None = None,
    title: str | None = None,
) -> Picture:
    """Draws one block of a traced `run`: its threads, the cells it touched, and its stages between barriers.

    `block` and `thread` are linear indices or (x, y, z); without `block` it is that of the first finding, which is
    marked in a colour of its own, else block 0. With `thread`, the cells that this thread touched are outlined.
    `title` stands above the picture in place of the kernel's name. Raises GpusimError without the chalk library,
    when the launch was not traced, and when it has no such block or thread.
    """
    try:
        from gpusim.view.picture import draw as draw_picture
    except ModuleNotFoundError as error:
        if error.name != "chalk":
            raise
        raise GpusimError("drawing needs the chalk library: pip install chalk-diagrams") from error
    return draw_picture(run, block, thread, title)
