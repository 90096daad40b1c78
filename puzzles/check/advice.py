"""What usually fixes a wrong result, guessed from its shape."""

from __future__ import annotations

import numpy as np

from puzzles.check.compare import close
from puzzles.spec import Array, Launch, Puzzle, Tolerance

HOST = "Compute inside the kernel: each thread stores its own elements."


def changed_input(puzzle: Puzzle) -> str:
    """For a kernel that wrote where it was to read."""
    names = " and ".join(parameter.name for parameter in puzzle.outputs)
    return f"Store into {names} only; keep intermediate values in local variables or in shared memory."


def unwritten(launch: Launch, missing: Array) -> str:
    """For an array with poison left in it; `missing` is True where."""
    if missing.all():
        return (
            "Does any thread get as far as the store, and is this the array it stores to? Adding to an "
            "element (+=) that was never set leaves poison, too."
        )
    if missing.size - missing.sum() <= np.prod(launch.block) and np.prod(launch.grid) > 1:
        return "Only as much as one block can do was written: the index has to take cuda.blockIdx into account."
    return "Find the thread that should write it, and the condition or loop bound that keeps it from that."


def wrong(result: Array, expected: Array, tolerance: Tolerance) -> str:
    """For a result that differs from the reference."""

    if not np.isfinite(result).all():
        return (
            "A value is not finite: an exponential that overflows, a division by zero, or something that "
            "was read before it was written."
        )
    if result.ndim == 2 and result.shape[0] == result.shape[1] and close(result.T, expected, tolerance).all():
        return "This is the transpose of the right result: x runs along the columns and y along the rows."
    if not result.any():
        return "Everything is 0: is the value stored before it is computed?"
    return "Follow the thread that writes this element by hand: what does it read, and in which order?"
