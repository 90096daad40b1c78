"""Formula 3, the matrix product, as a notebook: what each reading of an element costs, and how to read it less often.

Every number is measured by a cell of it; the texts say only what can be worked out by hand beforehand.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from puzzles.notebook.cells import written

NAME = "formula_3.ipynb"

_CELLS = (
    (
        "text",
        """# Formula 3: the matrix product

C = α A B + β C, for A of m × k and B of k × n elements: c[i, j] is the sum over l of a[i, l] b[l, j]. For squares of
n × n that is n³ products and as many sums, 2 n³ operations, on 3 n² elements. Whether the arithmetic or the memory
takes the time depends on the *arithmetic intensity*: operations for each byte that is read. Read every element as often
as it is used, and two operations take two elements, 8 bytes: a quarter of an operation a byte. Read every element once,
and it is n / 4 or so. All kernels lie in between.""",
    ),
    (
        "code",
        """import numpy as np
from numba import cuda

import gpusim
from lm.kernels.matmul import MATMUL_REGISTER_TILED, MATMUL_TILED
from lm.kernels.naive import MATMUL_NAIVE
from puzzles.catalog.gemm import gemm_naive_3x3, gemm_naive_6x6, gemm_shared_3x3, gemm_tiled_6x6


def matrices(n):
    \"\"\"c, all zeros, and random a and b.\"\"\"
    rng = np.random.default_rng(0)
    return np.zeros((n, n), np.float32), rng.random((n, n), np.float32), rng.random((n, n), np.float32)


def reads(run):
    return run.counts["global"]["loads"]""",
    ),
    (
        "text",
        """## 3 × 3: 54 reads become 18

Nine threads, one for each element of C. Each walks along a row of A and down a column of B, 3 + 3 elements: how many
reads are that in all? Of how many different elements?""",
    ),
    (
        "code",
        """naive3 = gpusim.simulate(gemm_naive_3x3.kernel, trace=True)[1, (3, 3)](*matrices(3))
print(reads(naive3), "reads of global memory,", 9 * (3 + 3), "by hand")
naive3.draw(title="one thread for each element")""",
    ),
    (
        "text",
        """Each element is read by three threads. Let every thread copy one of A and one of B into memory that the
block shares, wait for the others, and take the rest from there.""",
    ),
    (
        "code",
        """shared3 = gpusim.simulate(gemm_shared_3x3.kernel, trace=True)[1, (3, 3)](*matrices(3))
again = shared3.counts["shared"]["loads"]
print(reads(shared3), "reads of global memory,", 9 * 2, "by hand;", again, "of shared memory")
shared3.draw(title="through shared memory")""",
    ),
    ("text", "Step by step (click into it; the arrow keys move, `?` shows the others):"),
    ("code", "shared3.play()"),
    (
        "text",
        """## 6 × 6 with tiles of 3 × 3: 432 reads become 144

A block cannot hold everything. It copies a tile of A and one of B, multiplies them, waits, and goes on: to the right in
A, down in B. An element that has been copied serves three threads, so a tile of T × T divides the reads by T.""",
    ),
    (
        "code",
        """naive6 = gpusim.simulate(gemm_naive_6x6.kernel, trace=True)[(2, 2), (3, 3)](*matrices(6))
tiled6 = gpusim.simulate(gemm_tiled_6x6.kernel, trace=True)[(2, 2), (3, 3)](*matrices(6))
print(reads(naive6), "reads by the naive kernel,", 2 * 6**3, "by hand")
print(reads(tiled6), "reads with tiles,", 2 * 6**3 // 3, "by hand")
tiled6.draw(block=(1, 0), thread=(0, 1), title="the tile slides")""",
    ),
    ("text", "Both side by side, from barrier to barrier (Shift and an arrow key):"),
    ("code", "naive6.play().beside(tiled6.play())"),
    (
        "text",
        """## Larger ones: intensity, and the time that it takes at least

Three kernels of `lm`, which the language model runs on: one thread an element; tiles of 16 × 16; and a *register tile*,
where a thread computes 4 × 4 elements of C, and keeps them in registers. Every row is a launch on the simulator.

A launch takes no less time than any of its resources takes for what is asked of it: that is the *roofline*
(Williams, Waterman & Patterson 2009). `run.time("h200")` has four roofs: bytes from the GPU's memory, bytes from its L2
cache, what goes through L1 and shared memory, and instructions. It is a bound from counts; nobody has measured it on a
GPU here.""",
    ),
    (
        "code",
        """KERNELS = {"naive": MATMUL_NAIVE, "tiled": MATMUL_TILED, "register tile": MATMUL_REGISTER_TILED}


def product(name, n):
    \"\"\"The run of one kernel on n by n matrices, compared with NumPy.\"\"\"
    c, a, b = matrices(n)
    arguments = (c, a, b, np.float32(1), np.float32(0))
    run = gpusim.simulate(KERNELS[name].kernel)[KERNELS[name].launch(*arguments)](*arguments)
    np.testing.assert_allclose(c, a @ b, rtol=1e-4)
    return run


runs = {(n, name): product(name, n) for n in (64, 128, 256, 512) for name in KERNELS}
print("  n  kernel               reads  operations/byte  at least, µs  bound by  TFLOP/s at most")
for (n, name), run in runs.items():
    bound, work = run.time("h200"), 2 * n**3
    print(f"{n:3}  {name:13} {reads(run):12,} {work / (4 * reads(run)):16.2f} {bound.seconds * 1e6:13.2f}"
          f"  {bound.bound_by:8} {work / bound.seconds / 1e12:16.1f}")""",
    ),
    (
        "text",
        """Tiles of 16 divide the reads of global memory by 16. Has the bound fallen with them? Look at what binds:
shared memory and L1 are one unit, and a read from a tile passes through it just as a read from the cache does. Reads of
shared memory are what is left to save.""",
    ),
    ("code", 'runs[512, "naive"].draw_time("h200")'),
    ("code", 'runs[512, "tiled"].draw_time("h200")'),
    (
        "text",
        """## The register tile

For each l a thread of the tiled kernel reads one element of each tile and makes one product of them: two reads of
shared memory a product. With 4 × 4 elements a thread, 4 + 4 reads make 16 products: half a read (Volkov & Demmel
2008).""",
    ),
    (
        "code",
        """for name in ("tiled", "register tile"):
    run = runs[512, name]
    wavefronts = run.counts["shared"]["load_wavefronts"]
    print(f"{name:13} {run.counts['shared']['loads'] / 512**3:.2f} shared reads a product, {wavefronts:,} wavefronts")
runs[512, "register tile"].draw_time("h200")""",
    ),
    (
        "text",
        """Why is it no better for small matrices? A block of it computes 64 × 64 elements. Count the blocks, and the
multiprocessors that they can keep busy.""",
    ),
    (
        "code",
        """for n in (64, 128, 256, 512):
    bound = runs[n, "register tile"].time("h200")
    print(f"n = {n}: {bound.blocks} blocks for {bound.sms} multiprocessors")""",
    ),
    (
        "text",
        """## Your turn

Change T, and predict first: the reads, and the operations a byte. Which T does not fit, and why?""",
    ),
    (
        "code",
        """T = 4

c, a, b = matrices(8)
run = gpusim.simulate(gemm_tiled_6x6.kernel, trace=True)[(8 // T, 8 // T), (T, T)](c, a, b)
print(reads(run), "reads, by hand", 2 * 8**3 // T, "-", 2 * 8**3 / (4 * reads(run)), "operations a byte")
run.draw()""",
    ),
    ("text", "Write one: `python -m puzzles notebook gemm` has ten puzzles on it, from 3 × 3 to split k."),
)


def product_notebook() -> tuple[str, Any]:
    """Its file's name, and what makes it."""
    return NAME, partial(written, _CELLS)
