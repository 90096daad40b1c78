"""A product with its epilogue.

The first half of a transformer's feed-forward layer: out = gelu(a @ b + bias), with gelu as in the puzzle before, x / 2
(1 + tanh(sqrt(2 / pi) (x + 0.044715 x**3))). As three kernels it would write and read the whole result twice in
between. In one, bias and GELU are applied to the sum that a thread has in a register, right before it stores it. The
product is the tiled one for any shape, in blocks of 8 x 8 threads.
"""

import math

from numba import cuda, float32

from puzzles.catalog.transformer.gelu import gelu
from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, Tolerance, array, output

TILE = 8


@cuda.jit
def kernel(out, a, b, bias):
    j, i = cuda.grid(2)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    m, n = out.shape
    depth = a.shape[1]
    a_tile = cuda.shared.array((TILE, TILE), float32)
    b_tile = cuda.shared.array((TILE, TILE), float32)
    total = float32(0)
    # HOLE: the product, tile after tile; what lies beyond the ends counts as 0.
    for first in range(0, depth, TILE):
        a_tile[y, x] = a[i, first + x] if i < m and first + x < depth else float32(0)
        b_tile[y, x] = b[first + y, j] if first + y < depth and j < n else float32(0)
        cuda.syncthreads()
        for k in range(TILE):
            total += a_tile[y, k] * b_tile[k, x]
        cuda.syncthreads()
    # END HOLE
    # HOLE: the epilogue: bias, GELU, and the one store.
    if i < m and j < n:
        value = total + bias[j]
        inner = float32(math.sqrt(2 / math.pi)) * (value + float32(0.044715) * value**3)
        out[i, j] = float32(0.5) * value * (float32(1) + math.tanh(inner))
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "m n"), array("a", "m k"), array("b", "k n"), array("bias", "n")),
    sizes=(
        {"m": 8, "k": 16, "n": 16},
        {"m": 1, "k": 1, "n": 1},
        {"m": 9, "k": 7, "n": 3},
        {"m": 2, "k": 33, "n": 17},
    ),
    fresh={"m": (1, 20), "k": (1, 20), "n": (1, 20)},
    launch=lambda size: Launch((-(-size["n"] // TILE), -(-size["m"] // TILE)), (TILE, TILE)),
    reference=lambda a, b, bias: gelu(a @ b + bias),
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    limits=(
        Limit(
            "global loads",
            "m * k * ceil(n / 8) + k * n * ceil(m / 8) + m * n",
            why="A tile is read once a block, and a bias once for each element of out; the sum stays in its register.",
        ),
        Limit("global stores", "m * n", why="Each result is stored once, when it is finished."),
        Limit("global stores of the busiest thread", "1", why="One element of out is one thread's work."),
        Limit("barriers", "2 * ceil(m / 8) * ceil(n / 8) * ceil(k / 8)", why="Two for each pair of tiles."),
    ),
    par=Par(
        "global bytes",
        naive="4 * (m * k * ceil(n / 8) + k * n * ceil(m / 8) + 6 * m * n)",
        par="4 * (m * k * ceil(n / 8) + k * n * ceil(m / 8) + 2 * m * n)",
    ),
    prediction=Prediction(
        "a has 8 rows of 16, b has 16 rows of 16. How many elements does the kernel read from global memory?",
        640,
        "512 for the tiles, and 128 times a bias. As three kernels it would be 896: the product and its sum with the "
        "bias, 128 elements each, are read again, and written as often.",
        measured="global loads",
    ),
    hints=(
        "All threads copy and wait in every round, also those without an element of out; the guard for the store "
        "comes after the loop.",
        "Zeros beyond the ends change no sum. In the tiles: a[i, first + x] needs i < m and first + x < depth, "
        "b[first + y, j] needs first + y < depth and j < n.",
        "`value = total + bias[j]` once, into a local variable; then the formula of GELU with float32 constants, and "
        "`out[i, j] = ...`.",
    ),
)
