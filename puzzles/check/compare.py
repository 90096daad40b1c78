"""When a result counts as right: close to the reference, on the scale of the reference."""

from __future__ import annotations

import numpy as np

from puzzles.spec import Array, Tolerance


def close(result: Array, expected: Array, tolerance: Tolerance) -> Array:
    """Where |result - expected| <= relative * |expected| + absolute * rms(expected); whole numbers are equal or not.

    NaN is close to nothing, not even to NaN; infinity only to itself.
    """
    if result.dtype.kind != "f":
        return np.asarray(result == expected)
    finite = expected[np.isfinite(expected)]
    scale = float(np.sqrt(np.mean(finite**2))) if finite.size else 0.0
    wide = result.astype(np.float64)
    return np.isclose(wide, expected, rtol=tolerance.relative, atol=tolerance.absolute * scale)
