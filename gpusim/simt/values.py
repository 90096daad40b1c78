"""What a kernel's variables hold, and how lanes that took different paths meet again.

A value is a NumPy scalar (the same in all lanes), a vector with one element per lane, a `View` of
memory, a tuple of values, or an object that compiled code treats as a constant.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gpusim.errors import KernelError, NeedsThreads
from gpusim.machine.chunk import Index3
from gpusim.memory.view import View
from gpusim.numeric import select


class Undefined:
    """The value of a variable before its first assignment."""

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED = Undefined()


def is_number(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic))


def merge(bits: np.ndarray, new: Any, old: Any) -> Any:
    """`new` where `bits` holds, else `old`; numbers get the type that Numba gives a variable with both."""
    if new is old or old is UNDEFINED or old is None:
        return new
    if new is UNDEFINED or new is None:
        return old
    if is_number(new) and is_number(old):
        return select(bits, new, old)
    if isinstance(new, tuple) and isinstance(old, tuple) and len(new) == len(old):
        parts = [merge(bits, n, o) for n, o in zip(new, old, strict=True)]
        return type(new)(*parts) if hasattr(new, "_fields") else tuple(parts)
    if isinstance(new, View) and isinstance(old, View):
        return _merge_views(bits, new, old)
    raise KernelError(f"a variable holds {kind_of(new)} in some threads and {kind_of(old)} in others")


def _merge_views(bits: np.ndarray, new: View, old: View) -> View:
    if new.buffer is not old.buffer or new.strides != old.strides or new.dtype != old.dtype:
        raise NeedsThreads(
            f"a variable is array '{new.buffer.array.name}' in some threads and '{old.buffer.array.name}' in others; "
            "index both arrays inside the branches instead, or run with simulate(kernel, scheduler='threads')"
        )
    shape = tuple(n if n is o else np.where(bits, n, o) for n, o in zip(new.shape, old.shape, strict=True))
    return new.derive(shape, new.strides, np.where(bits, new.offset, old.offset))


def kind_of(value: Any) -> str:
    """A value as an error message calls it."""
    if isinstance(value, View):
        return f"array '{value.buffer.array.name}'"
    if is_number(value):
        return str(value.dtype)
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}"
    return type(value).__name__


def shown(value: Any, lane: int | np.integer) -> str:
    """A value as messages show it for one lane."""
    if isinstance(value, np.ndarray):
        value = value[lane]
    if isinstance(value, Index3):
        value = (value.x, value.y, value.z)
    if isinstance(value, tuple):
        return "(" + ", ".join(shown(part, lane) for part in value) + ("," if len(value) == 1 else "") + ")"
    return str(value.item() if isinstance(value, np.generic) else value)
