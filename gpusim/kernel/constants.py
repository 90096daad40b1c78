"""Globals and closure variables of device functions, as they were when Numba would have read them.

Numba compiles a device function once for each combination of argument types, whichever kernel calls it first, and
keeps the values that its globals and closure variables had then; arrays among them are copied.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from types import FunctionType
from typing import Any

import numpy as np

_read: weakref.WeakKeyDictionary[FunctionType, dict[Any, Mapping[str, Any]]] = weakref.WeakKeyDictionary()


def read_once(function: FunctionType, types: Any) -> Mapping[str, Any]:
    """The values at the first call for arguments of these types."""
    known = _read.setdefault(function, {})
    if types not in known:
        known[types] = _values(function)
    return known[types]


def forget_constants(function: FunctionType) -> None:
    """Read them again when the function is called next."""
    _read.pop(function, None)


def _values(function: FunctionType) -> dict[str, Any]:
    names = function.__code__.co_names
    values = {name: function.__globals__[name] for name in names if name in function.__globals__}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            values[name] = cell.cell_contents
        except ValueError:  # a variable that has no value yet
            continue
    return {name: value.copy() if type(value) is np.ndarray else value for name, value in values.items()}
