"""The cases of one check: sizes, launches, fresh random arguments, and poisoned outputs.

Everything follows from the puzzle and one seed. The judge keeps puzzle and seed; the process that runs the kernels
gets a case's launches and arrays, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np

from puzzles.spec import Array, Launch, Parameter, Puzzle, Size

FRESH = 3
"""Cases with sizes drawn from the puzzle's ranges."""


@dataclass(frozen=True)
class Case:
    """One set of arguments, by parameter, and the launches to make with it, whose `arguments` are all named.

    With an `order`, the threads run one by one, and this seed says in which order; with `resident`, no more blocks than
    that at the same time.
    """

    size: Size
    arguments: dict[str, Any]
    launches: tuple[Launch, ...]
    order: int | None = None
    resident: int | None = None


def cases(puzzle: Puzzle, seed: int) -> Iterator[Case]:
    """All cases of a check, new arrays at every call.

    Each listed size comes in several rounds, then come fresh sizes, then the first size, or `one_by_one`, with the
    threads in a random order, and once more with its blocks one after the other, since nobody promises more. Where
    such runs take long, at a size of `one_by_one`, and there are several blocks, the second is enough.
    """
    rng = np.random.default_rng(seed)
    sizes = [size for size in puzzle.sizes for _ in range(puzzle.rounds)]
    if puzzle.fresh:
        sizes += [_fresh_size(puzzle, rng) for _ in range(FRESH)]
    for size in sizes:
        yield _case(puzzle, rng, size)
    one_by_one = replace(_case(puzzle, rng, puzzle.one_by_one or puzzle.sizes[0]), order=int(rng.integers(2**31)))
    several_blocks = any(prod(launch.grid) > 1 for launch in one_by_one.launches)
    if not (several_blocks and puzzle.one_by_one):
        yield one_by_one
    if several_blocks:
        yield replace(_case(puzzle, rng, one_by_one.size), order=int(rng.integers(2**31)), resident=1)


def poison(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    """What undefined memory holds: a NaN with its own bit pattern, or noise that no kernel can reckon with."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        pattern = {2: 0x7E5A, 4: 0x7FC5A5A5, 8: 0x7FF8A5A5A5A5A5A5}[kind.itemsize]
        return np.full(shape, pattern, dtype=f"uint{8 * kind.itemsize}").view(kind)
    bounds = np.iinfo(kind)
    return rng.integers(bounds.min, bounds.max, size=shape, dtype=kind, endpoint=True)


def _case(puzzle: Puzzle, rng: np.random.Generator, size: Size) -> Case:
    arguments: dict[str, Any] = {}
    for parameter in puzzle.parameters:
        arguments[parameter.name] = _argument(parameter, rng, size, arguments)
    launches = [replace(launch, arguments=puzzle.arguments(launch)) for launch in puzzle.launches(size)]
    return Case(size, arguments, tuple(launches))


def _fresh_size(puzzle: Puzzle, rng: np.random.Generator) -> Size:
    drawn = {name: int(rng.integers(low, high, endpoint=True)) for name, (low, high) in puzzle.fresh.items()}
    return {**puzzle.sizes[0], **drawn}


def _argument(parameter: Parameter, rng: np.random.Generator, size: Size, before: dict[str, Any]) -> Any:
    shape = parameter.dimensions(size)
    if not parameter.is_drawn:
        return poison(rng, shape, parameter.dtype)
    if parameter.of:
        return np.array(parameter.of(before), dtype=parameter.dtype, order="C")
    drawn = np.asarray(parameter.draw(rng, shape, size)).astype(parameter.dtype)
    return drawn if shape else drawn[()]
