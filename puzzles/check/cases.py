"""The launches of one check: sizes, fresh random arguments, and poisoned outputs.

Everything follows from the puzzle and one seed, so the sandbox and the judge draw the same arguments
without having to trust each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from puzzles.spec import Array, Parameter, Puzzle, Size

ROUNDS = 3
"""Launches with different inputs for each listed size."""

FRESH = 3
"""Launches with sizes drawn from the puzzle's ranges."""


@dataclass(frozen=True)
class Case:
    """One launch to make: a size, and the arguments in the order of the kernel's parameters."""

    size: Size
    arguments: dict[str, Any]


def cases(puzzle: Puzzle, seed: int) -> Iterator[Case]:
    """All launches of a check, new arrays at every call: each listed size in several rounds, then fresh sizes."""
    rng = np.random.default_rng(seed)
    sizes = [size for size in puzzle.sizes for _ in range(ROUNDS)]
    if puzzle.fresh:
        sizes += [_fresh_size(puzzle, rng) for _ in range(FRESH)]
    for size in sizes:
        yield Case(size, {p.name: _argument(p, rng, size) for p in puzzle.parameters})


def poison(dtype: str) -> Any:
    """A value that no kernel computes: a NaN with its own bit pattern, or an odd large integer."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        pattern = {2: 0x7E5A, 4: 0x7FC5A5A5, 8: 0x7FF8A5A5A5A5A5A5}[kind.itemsize]
        return np.array(pattern, dtype=f"uint{8 * kind.itemsize}").view(kind)[()]
    return np.array(np.iinfo(kind).max - 0x5A, dtype=kind)[()]


def is_poison(values: Array) -> Array:
    """Where an array still holds exactly the poison's bits."""
    bits = f"uint{8 * values.dtype.itemsize}"
    untouched: Array = values.view(bits) == np.asarray(poison(values.dtype.name)).view(bits)
    return untouched


def _fresh_size(puzzle: Puzzle, rng: np.random.Generator) -> Size:
    drawn = {name: int(rng.integers(low, high, endpoint=True)) for name, (low, high) in puzzle.fresh.items()}
    return {**puzzle.sizes[0], **drawn}


def _argument(parameter: Parameter, rng: np.random.Generator, size: Size) -> Any:
    shape = parameter.dimensions(size)
    if parameter.role == "out":
        return np.full(shape, poison(parameter.dtype), dtype=parameter.dtype)
    drawn = np.asarray(parameter.draw(rng, shape, size)).astype(parameter.dtype)
    return drawn if shape else drawn[()]
