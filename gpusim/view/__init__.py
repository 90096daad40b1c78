"""Pictures, drawn with `chalk` or, of plots, with matplotlib, which are imported only when a picture is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gpusim.errors import GpusimError

if TYPE_CHECKING:
    from gpusim.view.picture import Picture

__all__ = ["draw", "draw_access", "draw_blocks", "draw_difference", "draw_roofs", "draw_weights"]


def draw(
    run: Any,
    block: int | Sequence[int] | None = None,
    thread: int | Sequence[int] | None = None,
    title: str | None = None,
) -> Picture:
    """Draws one block of a traced `run`: its threads, the cells it touched, and its stages between barriers.

    `block` and `thread` are linear indices or (x, y, z); without `block` it is that of the first finding, which is
    marked in a colour of its own, else block 0. The cells that `thread` touched are outlined; without it those of a
    thread that touches many, if there is no finding. `title` stands above the picture in place of the kernel's name.
    Raises GpusimError without the chalk library, when the launch was not traced, and when it has no such block or
    thread.
    """
    return _drawing("picture").draw(run, block, thread, title)


def draw_blocks(run: Any, space: str = "global", counter: str = "loads") -> Picture:
    """The grid of `run`, each block coloured by its accesses. See `gpusim.view.blocks`."""
    return _drawing("blocks").draw_blocks(run, space, counter)


def draw_access(
    run: Any, line: int, array: str | None = None, visit: int = 1, block: int = 0, warp: int = 0
) -> Picture:
    """One access of one warp: lanes against sectors or banks. See `gpusim.view.access`."""
    return _drawing("access").draw_access(run, line, array, visit, block, warp)


def draw_difference(expected: Any, got: Any, wrong: Any, title: str) -> Picture:
    """What was expected, what came out, and where they differ. See `gpusim.view.sheets`."""
    return _drawing("sheets").difference(expected, got, wrong, title)


def draw_weights(matrix: Any, title: str, rows: Sequence[str] = (), columns: Sequence[str] = ()) -> Picture:
    """A map of weights, such as those of attention. See `gpusim.view.sheets`."""
    return _drawing("sheets").weights(matrix, title, rows, columns)


def draw_roofs(bound: Any) -> Picture:
    """A `LowerBound` (`run.time(gpu)`) as four bars. See `gpusim.view.roofs`."""
    return _drawing("roofs").draw_roofs(bound)


_PACKAGES = {"chalk": "chalk-diagrams", "matplotlib": "matplotlib"}


def _drawing(module: str) -> Any:
    """A module that draws; raises `GpusimError` without the library that it draws with."""
    try:
        return import_module(f"gpusim.view.{module}")
    except ModuleNotFoundError as error:
        if error.name not in _PACKAGES:
            raise
        raise GpusimError(f"drawing needs the {error.name} library: pip install {_PACKAGES[error.name]}") from error
