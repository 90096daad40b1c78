"""One picture per puzzle, of the launch that the puzzle describes."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from puzzles import catalog
from puzzles.check.cases import cases
from puzzles.check.launch import run_case
from puzzles.picture import picture


@pytest.mark.parametrize("puzzle", catalog.kernel_puzzles(), ids=lambda puzzle: puzzle.id)
def test_every_puzzle_has_a_picture(puzzle):
    svg = picture(puzzle)
    words = " ".join(text.strip() for text in ElementTree.fromstring(svg).itertext())
    assert puzzle.title in words
    first = puzzle.launches(puzzle.sizes[0])[0]
    counters = run_case(puzzle.kernels, next(cases(puzzle, seed=0))).counters
    touched = [p.name for p in puzzle.parameters if counters.get(f"global requests of {p.name}")]
    for parameter in puzzle.parameters:
        if parameter.shape and parameter.name in puzzle.arguments(first) and parameter.name in touched:
            assert parameter.name in words.split()


def test_the_tiled_product_shows_tiles_and_stages():
    words = " ".join(ElementTree.fromstring(picture(catalog.load("gemm-tiled-6x6"))).itertext())
    assert "a_tile" in words and "b_tile" in words
    assert "stage 4" in words and "barrier" in words
    assert "18 reads" in words and "72 in all blocks" in words
