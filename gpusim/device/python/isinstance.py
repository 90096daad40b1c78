"""`isinstance(value, types)` in kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.numeric import TypingError, as_dtype
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.values import is_number, kind_of


def is_instance(t: Lanes, site: Site, value: Any, types: Any) -> np.bool_:
    """Whether a value has a type or one of a tuple of types.

    As in compiled code, a type of numbers means exactly that type: int is int64, float is float64.
    """
    choices = types if isinstance(types, tuple) else (types,)
    return np.bool_(any(_has_type(site, value, choice) for choice in choices))


def _has_type(site: Site, value: Any, choice: Any) -> bool:
    if choice in (tuple, str):
        return isinstance(value, choice)
    try:
        dtype = as_dtype(choice)
    except TypingError:
        raise KernelError(f"`{site.text}` asks for {kind_of(choice)}, which is no type", site) from None
    return is_number(value) and bool(value.dtype == dtype)
