"""What a `for` can run over: ranges, tuples, arrays, `enumerate` and `zip` of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from gpusim.errors import KernelError
from gpusim.memory.view import View
from gpusim.numeric import literal
from gpusim.places import Site
from gpusim.simt.semantics.memory import load
from gpusim.simt.values import is_number, kind_of

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes


class Iterable(Protocol):
    """Something with a length (an int, or an int64 vector with one per lane) and items."""

    def length(self) -> int | np.ndarray: ...

    def item(self, t: Lanes, step: int, site: Site) -> Any: ...


class Range:
    """`range(start, stop, step)` of uniform or per-lane integers.

    Numba has ranges of int32, int64 and uint64; one whose arguments are all int32 stays int32. It truncates floats.
    """

    def __init__(self, *arguments: Any) -> None:
        for argument in arguments:
            if not is_number(argument) or argument.dtype.kind not in "iubf":
                raise KernelError(f"range() needs integers, not {kind_of(argument)}")
        kinds = {argument.dtype for argument in arguments}
        if kinds <= {np.dtype(np.int32), np.dtype(np.int16), np.dtype(np.int8)}:
            self.dtype: np.dtype = np.dtype(np.int32)
        elif kinds <= {np.dtype(np.uint64)}:
            self.dtype = np.dtype(np.uint64)
        else:
            self.dtype = np.dtype(np.int64)
        wide = [_wide(argument) for argument in arguments]
        self.start: int | np.ndarray = wide[0] if len(wide) > 1 else 0
        self.stop = wide[1] if len(wide) > 1 else wide[0]
        self.step = wide[2] if len(wide) == 3 else 1

    def length(self) -> int | np.ndarray:
        if isinstance(self.step, int) and self.step == 0:
            raise KernelError("range() with step 0 never ends")
        count = -((self.start - self.stop) // self.step)
        return np.maximum(count, 0) if isinstance(count, np.ndarray) else max(count, 0)

    def item(self, t: Lanes, step: int, site: Site) -> Any:
        value = self.start + step * self.step
        return value.astype(self.dtype, copy=False) if isinstance(value, np.ndarray) else self.dtype.type(value)


def _wide(value: Any) -> int | np.ndarray:
    return value.astype(np.int64) if isinstance(value, np.ndarray) else int(value)


class Sequence:
    """The items of a tuple, one after the other (Numba unrolls such loops)."""

    def __init__(self, items: tuple[Any, ...]) -> None:
        self.items = items

    def length(self) -> int:
        return len(self.items)

    def item(self, t: Lanes, step: int, site: Site) -> Any:
        return self.items[step]


class Rows:
    """The elements (or rows) of an array, loaded one by one."""

    def __init__(self, view: View) -> None:
        self.view = view

    def length(self) -> int | np.ndarray:
        return self.view.shape[0]

    def item(self, t: Lanes, step: int, site: Site) -> Any:
        return load(t, self.view, (np.int64(step),), site)


class Places:
    """`np.ndindex(shape)`: the indices of a shape, the last one fastest; `np.ndenumerate(view)`: elements with them."""

    def __init__(self, shape: tuple[Any, ...], view: View | None = None) -> None:
        self.shape = shape
        self.view = view

    def length(self) -> int | np.ndarray:
        size: Any = 1
        for extent in self.shape:
            size = size * _wide(extent)
        return size

    def item(self, t: Lanes, step: int, site: Site) -> Any:
        index: list[Any] = []
        rest: Any = step
        for extent in reversed(self.shape):
            rest, part = np.divmod(rest, np.maximum(_wide(extent), 1))
            index.insert(0, part if isinstance(part, np.ndarray) else np.int64(part))
        place = tuple(index)
        return place if self.view is None else (place, load(t, self.view, place, site))


class Enumerate:
    """`enumerate(items, start)`"""

    def __init__(self, items: Any, start: Any = None) -> None:
        self.items = iterable(items)
        self.start = np.int64(0) if start is None else start

    def length(self) -> int | np.ndarray:
        return self.items.length()

    def item(self, t: Lanes, step: int, site: Site) -> Any:
        return self.start + np.int64(step), self.items.item(t, step, site)


class Zip:
    """`zip(*items)`: as long as the shortest."""

    def __init__(self, *items: Any) -> None:
        self.items = [iterable(item) for item in items]

    def length(self) -> int | np.ndarray:
        shortest = self.items[0].length()
        for item in self.items[1:]:
            shortest = np.minimum(shortest, item.length())
        return shortest if isinstance(shortest, np.ndarray) else int(shortest)

    def item(self, t: Lanes, step: int, site: Site) -> Any:
        return tuple(item.item(t, step, site) for item in self.items)


def iterable(value: Any) -> Iterable:
    """What a `for` runs over, or a `KernelError`."""
    if isinstance(value, (Range, Sequence, Rows, Places, Enumerate, Zip)):
        return value
    if isinstance(value, tuple):
        return Sequence(value)
    if isinstance(value, View) and value.ndim:
        return Rows(value)
    if isinstance(value, (list, str)):
        return Sequence(tuple(literal(item) if isinstance(item, (bool, int, float)) else item for item in value))
    raise KernelError(f"a kernel cannot loop over {kind_of(value)}")


def unrolled(items: Iterable) -> int | None:
    """The number of iterations of a loop over tuples, each of which may have types of its own; else None."""
    if isinstance(items, Sequence):
        return items.length()
    if isinstance(items, Enumerate):
        return unrolled(items.items)
    if isinstance(items, Zip):
        known = [count for count in map(unrolled, items.items) if count is not None]
        return min(known, default=None)
    return None
