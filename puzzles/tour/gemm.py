"""Part 1: the matrix product, from 54 reads to 18 and from 432 to 144, and then for any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from gpusim.report.page import Section, prose, table
from gpusim.report.text import table as text_table
from gpusim.view.player import Player
from puzzles.spec import Size
from puzzles.tour.check import Check
from puzzles.tour.measure import Measurement, measure, reads_table
from puzzles.tour.parts import annotated, chapter, picture
from puzzles.tour.progress import Progress
from puzzles.tour.story import Station, story, told

UNEVEN: tuple[Size, ...] = (
    {"m": 5, "k": 7, "n": 6, "beta": 2, "tile": 4},
    {"m": 9, "k": 2, "n": 13, "beta": 1, "tile": 4},
    {"m": 50, "k": 70, "n": 30, "beta": 2, "tile": 4},
)
"""Sizes of A (m by k) and B (k by n) that are not multiples of the tile, which is 4 by 4."""


@dataclass(frozen=True)
class Gemm:
    """The four products of the lecture, and the general one at uneven sizes."""

    naive3: Measurement
    shared3: Measurement
    naive6: Measurement
    tiled6: Measurement
    uneven: Sequence[Measurement]

    def named(self) -> dict[str, Measurement]:
        """Every measurement with the name that the tables use."""
        return {
            "naive, 3 × 3": self.naive3,
            "shared memory, 3 × 3": self.shared3,
            "naive, 6 × 6": self.naive6,
            "tiled, 6 × 6": self.tiled6,
            **{_any_size(m.size): m for m in self.uneven},
        }

    def checks(self) -> list[Check]:
        return [check for m in self.named().values() for check in m.checks()]

    def stories(self) -> dict[str, Player]:
        """The launches that are told step by step, by name."""
        return {
            "naive": told(self.naive3.run, _naive_story(self)),
            "shared": told(self.shared3.run, _shared_story(self)),
            "tiled": told(self.tiled6.run, _tiled_story(self)),
        }

    def section(self) -> Section:
        """This part of the page."""
        return Section("Matrix product", _body(self))


def explore(progress: Progress, uneven: Sequence[Size] = UNEVEN) -> Gemm:
    """Run the products and print their table."""
    with progress.step("matrix products"):
        result = Gemm(
            naive3=measure("gemm-naive-3x3", product),
            shared3=measure("gemm-shared-3x3", product),
            naive6=measure("gemm-naive-6x6", product),
            tiled6=measure("gemm-tiled-6x6", product),
            uneven=[measure("gemm-any-size", general, size) for size in uneven],
        )
    progress.show(text_table(reads_table("matrix products", result.named())))
    return result


def _any_size(size: Size) -> str:
    return "any size, {m}×{k} by {k}×{n}, β = {beta}".format(**size)


def product(arguments: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """A B in torch."""
    return arguments["a"] @ arguments["b"]


def general(arguments: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """alpha A B + beta C in torch."""
    return torch.addmm(
        arguments["c"], arguments["a"], arguments["b"], alpha=arguments["alpha"].item(), beta=arguments["beta"].item()
    )


def _body(gemm: Gemm) -> str:
    return "".join(
        (
            prose(INTRODUCTION),
            table(reads_table("", gemm.named())),
            chapter(
                "One thread for each element",
                NAIVE.format(reads=gemm.naive3.reads, per_thread=gemm.naive3.per_thread),
                picture(gemm.naive3.run, "naive, 3 × 3", NAIVE_CAPTION, thread=(0, 1)),
                story(gemm.naive3.run, _naive_story(gemm)),
                annotated(gemm.naive3.run),
            ),
            chapter(
                "Shared memory: read once, use three times",
                SHARED.format(
                    reads=gemm.shared3.reads,
                    before=gemm.naive3.reads,
                    shared=gemm.shared3.run.counts["shared"]["loads"],
                ),
                picture(gemm.shared3.run, "shared memory, 3 × 3", SHARED_CAPTION, thread=(0, 1)),
                story(gemm.shared3.run, _shared_story(gemm)),
                annotated(gemm.shared3.run),
            ),
            chapter(
                "Tiles: a matrix larger than the block",
                TILED.format(reads=gemm.tiled6.reads, before=gemm.naive6.reads),
                picture(gemm.tiled6.run, "tiled, 6 × 6", TILED_CAPTION, block=(1, 0), thread=(0, 1)),
                story(gemm.tiled6.run, _tiled_story(gemm)),
                annotated(gemm.tiled6.run),
            ),
            chapter(
                "Any size: C = α A B + β C",
                GENERAL,
                picture(gemm.uneven[0].run, _any_size(gemm.uneven[0].size), GENERAL_CAPTION, block=(1, 1)),
                annotated(gemm.uneven[0].run),
            ),
        )
    )


def _naive_story(gemm: Gemm) -> list[Station]:
    product = "total += a[i, k] * b[k, j]"
    return [
        Station("i = cuda.threadIdx.y", "Nine threads start, one for each element of the result."),
        Station(product, "Each reads one element of a and one of b. Three threads read the same of a.", thread=4),
        Station(product, "The next step: along the row of a, down the column of b.", visit=2, thread=4),
        Station(product, f"After three steps: {gemm.naive3.reads} reads of 18 different elements.", visit=3, thread=4),
        Station("c[i, j] = total", "Each thread writes its sum.", thread=4),
    ]


def _shared_story(gemm: Gemm) -> list[Station]:
    product, reads = "total += a_tile[i, k] * b_tile[k, j]", gemm.shared3.reads
    return [
        Station("a_tile[i, j] = a[i, j]", "Each thread copies one element of a into shared memory.", thread=4),
        Station("b_tile[i, j] = b[i, j]", f"And one of b. That is all: {reads} reads of global memory.", thread=4),
        Station("cuda.syncthreads()", "All wait, so that nobody reads what is not there yet."),
        Station(product, "Now the threads read what their neighbours have copied.", thread=4),
        Station(product, f"{reads} global reads have done the work of {gemm.naive3.reads}.", visit=3, thread=4),
    ]


def _tiled_story(gemm: Gemm) -> list[Station]:
    product, copy = "total += a_tile[y, k] * b_tile[k, x]", "a_tile[y, x] = a[i, first + x]"
    before, reads = gemm.naive6.reads, gemm.tiled6.reads
    return [
        Station(copy, "A block of the upper right: it copies the first tile of a.", block=1, thread=3),
        Station(product, "Three steps of each sum come out of the two tiles.", visit=3, block=1, thread=3),
        Station(copy, "The tile slides to the right in a ...", visit=2, block=1, thread=3),
        Station("b_tile[y, x] = b[first + y, j]", "... and down in b.", visit=2, block=1, thread=3),
        Station(product, "The other half of each sum.", visit=6, block=1, thread=3),
        Station("c[i, j] = total", f"{before} reads of global memory have become {reads}.", block=1, thread=3),
    ]


INTRODUCTION = """A GPU multiplies two numbers in less time than it takes to fetch one of them from its main
memory. What makes a matrix product fast is therefore not the arithmetic but how often each element is read
from global memory. That number can be worked out by hand, and measured.

The table sets the two side by side. *Reads by hand* come from the formula in the puzzle's text, *reads
measured* from a run in which every access of every thread was counted, and *error* is the largest difference
from torch's result."""

NAIVE = """Nine threads compute a 3 × 3 product. Thread (x, y) walks along row y of A and down column x of B,
three elements each: {per_thread:.0f} reads a thread, {reads} in all. Every element of A is read by the three
threads of its row, every element of B by the three of its column. The numbers in the cells count them."""

NAIVE_CAPTION = """What the nine threads read and write. Cells that thread (0, 1) touches are outlined: one
row of A, one column of B, one element of the result."""

SHARED = """The threads of a block share a small, fast memory. Let each thread copy one element of A and one
of B into it, wait at a barrier until all have done so, and take the sums from there: {reads} global reads in
place of {before}. The products still take {shared} reads, but from shared memory. Without the barrier, a thread
could read an element that its neighbour has not copied yet."""

SHARED_CAPTION = """The same product in two stages. Above the dashed line, each thread copies; below it, each
thread reads a row of one tile and a column of the other. The stronger a cell's colour, the more often it is read."""

TILED = """For 6 × 6 matrices, a block of 3 × 3 threads holds only part of what it needs, so it goes step by
step: copy a tile of A and one of B, wait, multiply them, wait, go on. An element that reaches a tile serves
three threads, so {before} global reads become {reads}. With tiles of 16 it would be a sixteenth."""

TILED_CAPTION = """Block (1, 0) computes the upper right quarter of the result. In stages 0 and 2 it copies
tiles, moving to the right in A and downwards in B; in stages 1 and 3 it multiplies from them; at the end it
writes. The second barrier keeps a fast thread from overwriting a tile that a slow one still reads."""

GENERAL = """Real matrices are rarely multiples of the tile. Where a tile sticks out over the edge, the thread
puts a zero into it in place of reading outside the matrix: zeros add nothing to the sum. A thread outside C
writes nothing, but it still copies its share and still arrives at every barrier. C itself is read once, for
β C."""

GENERAL_CAPTION = """A block at the lower right corner, where both tiles stick out. Cells of the tiles that
hold such zeros are written, but nothing was read for them."""
