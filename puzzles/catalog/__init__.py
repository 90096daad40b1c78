"""The puzzles in the order of the course: `ORDER` names the modules, a puzzle's number is its place in it."""

from __future__ import annotations

import difflib
import importlib

from puzzles.spec import Puzzle

ORDER = (
    # A thread an element.
    "map",
    "guard",
    "add_bias",
    # The matrix product, from 54 reads to 18 and from 432 to 144.
    "gemm_naive_3x3",
    "gemm_shared_3x3",
    "gemm_naive_6x6",
    "gemm_tiled_6x6",
    "gemm_any_size",
    # Many threads, one result.
    "row_sum",
    # Softmax and attention.
    "softmax_three_pass",
    "softmax_online",
    "attention_scores",
    "attention_streaming",
    "attention_tiled",
    # The rest of a transformer.
    "layer_norm",
    "gelu",
    "embedding",
    "cross_entropy",
)


class UnknownPuzzle(LookupError):
    """No puzzle has this id; the message names the nearest ones."""


def ids() -> list[str]:
    """All puzzle ids, in order."""
    return [name.replace("_", "-") for name in ORDER]


def puzzles() -> list[Puzzle]:
    """All puzzles, in order."""
    return [load(name) for name in ids()]


def load(name: str) -> Puzzle:
    """The puzzle with this id or number. Raises UnknownPuzzle."""
    known = ids()
    if name.isdecimal() and 1 <= int(name) <= len(known):
        name = known[int(name) - 1]
    if name not in known:
        close = difflib.get_close_matches(name.replace("_", "-"), known, n=3, cutoff=0.4)
        near = sorted(close, key=known.index)
        help_text = f"did you mean {' or '.join(near)}?" if near else "`python -m puzzles list` shows them all."
        raise UnknownPuzzle(f"there is no puzzle {name!r}; {help_text}")
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    puzzle: Puzzle = module.SPEC
    return puzzle


def number(puzzle: Puzzle) -> int:
    """The puzzle's place in the course, from 1."""
    return ids().index(puzzle.id) + 1
