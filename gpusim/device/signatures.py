"""Device functions with declared types, `@cuda.jit("int32(uint8)", device=True)`: arguments and results are cast."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpusim.numeric import TypingError, as_dtype, cast
from gpusim.simt.values import is_number

# The dtypes of the arguments (None for what is no number), and that of the result.
Signature = tuple[tuple[np.dtype | None, ...], np.dtype | None]


def declared(target: Any) -> list[Signature]:
    """The signatures of a dispatcher that takes no others; none if it takes whatever comes."""
    overloads = getattr(target, "overloads", None)
    if getattr(target, "_can_compile", True) or not isinstance(overloads, dict):
        return []
    return [
        (tuple(map(_dtype, types)), _dtype(overload.signature.return_type)) for types, overload in overloads.items()
    ]


def _dtype(numba_type: Any) -> np.dtype | None:
    """The dtype of a type of numbers, of either package."""
    try:
        dtype = as_dtype(numba_type)
    except TypingError:
        return None
    return dtype if dtype.fields is None and dtype.kind not in "mM" else None


def choose(signatures: list[Signature], arguments: tuple[Any, ...]) -> Signature | None:
    """The signature whose types the arguments have, or can be cast to without loss, or at all."""
    fitting = [signature for signature in signatures if len(signature[0]) == len(arguments)]
    for rule in ("no", "safe", "same_kind", "unsafe"):
        for signature in fitting:
            if all(_castable(*pair, rule) for pair in zip(arguments, signature[0], strict=True)):
                return signature
    return None


def _castable(value: Any, dtype: np.dtype | None, rule: Any) -> bool:
    return dtype is None or (is_number(value) and np.can_cast(value.dtype, dtype, rule))


def cast_value(value: Any, dtype: np.dtype | None) -> Any:
    """A number as the declared type; anything else as it is."""
    return value if dtype is None or not is_number(value) else cast(value, dtype)
