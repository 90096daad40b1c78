"""When a result counts as right: close to the reference, on the scale of the reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from puzzles.check.cases import cases
from puzzles.spec import Array, Puzzle, Tolerance

LEAST = 0.1
"""Of the scale at a puzzle's first size: the least scale at the others."""


def tolerance_of(puzzle: Puzzle) -> Tolerance:
    """The puzzle's tolerance, with the least scale that its outputs at its first size give: the smallest of theirs."""
    expected = puzzle.expected(next(cases(puzzle, 0)).arguments)
    scales = [scale(array) for array in expected.values() if array.dtype.kind == "f"]
    return replace(puzzle.tolerance, least=LEAST * min(scales, default=0.0))


def scale(expected: Array) -> float:
    """The root mean square of the finite elements."""
    finite = expected[np.isfinite(expected)]
    return float(np.sqrt(np.mean(finite**2))) if finite.size else 0.0


def close(result: Array, expected: Array, tolerance: Tolerance) -> Array:
    """Where |result - expected| <= relative * |expected| + absolute * max(least, rms(expected)).

    Whole numbers are equal or not. NaN is close to nothing, not even to NaN; infinity only to itself.
    """
    if result.dtype.kind != "f":
        return np.asarray(result == expected)
    wide = result.astype(np.float64)
    allowed = tolerance.absolute * max(tolerance.least, scale(expected))
    return np.isclose(wide, expected, rtol=tolerance.relative, atol=allowed)
