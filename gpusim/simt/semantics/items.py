"""`value[index]`, `value.name`, and `a, b = value`, whatever kind of value it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.memory.view import View
from gpusim.places import Site
from gpusim.simt.semantics import memory
from gpusim.simt.semantics.attributes import attribute, item
from gpusim.simt.values import is_number

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes


def load(t: Lanes, value: Any, index: Any, site: Site) -> Any:
    """`value[index]`"""
    if type(value) is View:
        if type(index) is str:
            return attribute(t, value, index, site)
        if not value.shape and value.dtype.names and is_number(index):
            return attribute(t, value, value.dtype.names[int(index)], site)  # the field with this number of one record
        return memory.load(t, value, index if type(index) is tuple else (index,), site)
    return item(t, value, index, site)


def store(t: Lanes, value: Any, index: Any, new: Any, site: Site) -> None:
    """`value[index] = new`"""
    if type(value) is not View:
        raise KernelError(f"`{site.text}` assigns to something that is not an array", site)
    if type(index) is str:
        store_attribute(t, value, index, new, site)
        return
    memory.store(t, value, index if type(index) is tuple else (index,), new, site)


def store_attribute(t: Lanes, value: Any, name: str, new: Any, site: Site) -> None:
    """`record.name = new`"""
    if type(value) is not View or value.dtype.fields is None or name not in value.dtype.fields:
        raise KernelError(f"`{site.text}` is not a field of a record", site)
    memory.store(t, value.field(name), (), new, site)


def unpack(t: Lanes, value: Any, count: int, site: Site) -> tuple[Any, ...]:
    """The items of the right-hand side of `a, b = value`."""
    if isinstance(value, View) and value.ndim and value.shape[0] == count:
        value = tuple(memory.load(t, value, (np.int64(k),), site) for k in range(count))
    if not isinstance(value, tuple) or len(value) != count:
        raise KernelError(f"`{site.text}` does not give {count} values", site)
    return value
