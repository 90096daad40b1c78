"""Four at a time.

C = A B for A and B in half precision (float16), with sums in single precision. A copy from global to shared memory does
not look at the numbers, so it need not go one by one: `a.view(np.uint64)` is the same matrix as words of 8 bytes, four
halves in each, [m, k / 4]. One request of a warp then moves 256 bytes, not 64. The tiles are made of words, and
`view(np.float16)` gives the halves back for the products. Rows have to begin at multiples of 8 bytes: here all sides
are multiples of 32 but k, which is one of 16. Each thread computes 4 by 4 elements, as before.

Eight bytes are the widest that Numba's loads get. CUDA C++ has float4, of 16; the idea is the same.
"""

import numpy as np
from numba import cuda, float32, uint64

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

SIDE = 32
THREADS = 8
DEPTH = 16
A_WORDS = 4  # in a row of the tile of A: 16 halves
B_WORDS = 8  # in a row of the tile of B: 32 halves


@cuda.jit
def kernel(c, a, b):
    a_words = cuda.shared.array((SIDE, A_WORDS), uint64)
    b_words = cuda.shared.array((DEPTH, B_WORDS), uint64)
    totals = cuda.local.array((4, 4), float32)
    right = cuda.local.array(4, float32)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    t = y * THREADS + x
    top = cuda.blockIdx.y * SIDE
    left = cuda.blockIdx.x * SIDE
    for r in range(4):
        for s in range(4):
            totals[r, s] = float32(0)
    for first in range(0, a.shape[1], DEPTH):
        # HOLE: two words of A and two of B a thread; wait. Look at them as halves, multiply as before, and wait.
        for i in range(t, SIDE * A_WORDS, THREADS * THREADS):
            a_words[i // A_WORDS, i % A_WORDS] = a.view(np.uint64)[top + i // A_WORDS, first // 4 + i % A_WORDS]
            b_words[i // B_WORDS, i % B_WORDS] = b.view(np.uint64)[first + i // B_WORDS, left // 4 + i % B_WORDS]
        cuda.syncthreads()
        a_tile = a_words.view(np.float16)
        b_tile = b_words.view(np.float16)
        for k in range(DEPTH):
            for s in range(4):
                right[s] = b_tile[k, x + 8 * s]
            for r in range(4):
                value = float32(a_tile[y + 8 * r, k])
                for s in range(4):
                    totals[r, s] += value * right[s]
        cuda.syncthreads()
        # END HOLE
    for r in range(4):
        for s in range(4):
            c[top + y + 8 * r, left + x + 8 * s] = totals[r, s]


SPEC = Puzzle(
    module=__name__,
    parameters=(output("c", "32*m 32*n"), array("a", "32*m 16*k", "float16"), array("b", "16*k 32*n", "float16")),
    sizes=({"m": 1, "k": 2, "n": 1}, {"m": 2, "k": 1, "n": 1}, {"m": 1, "k": 3, "n": 2}),
    fresh={"m": (1, 2), "k": (1, 3), "n": (1, 2)},
    one_by_one={"m": 1, "k": 1, "n": 1},
    launch=lambda size: Launch((size["n"], size["m"]), (THREADS, THREADS)),
    reference=lambda a, b: a @ b,
    limits=(
        Limit("global loads", "1024 * m * k * n", why="A block reads 512 halves of A and 512 of B in each step."),
        Limit("global load bytes", "2048 * m * k * n", why="A half is two bytes, and none is read for nothing."),
        Limit("global load requests", "8 * m * k * n", why="A request of a warp moves 32 words, which are 128 halves."),
        Limit("global load sectors", "64 * m * k * n", why="A word and its neighbours fill whole sectors."),
        Limit("global stores", "1024 * m * n", why="Each element of C is stored once."),
        Limit("shared bank conflicts", "0", why="A warp stores 32 words side by side, and reads from different banks."),
    ),
    par=Par("global load requests", naive="64", par="16"),
    prediction=Prediction(
        "A and B have 32 by 32 halves each. How many load requests do the two warps of the block make?",
        16,
        "4096 bytes in requests of 32 words of 8 bytes. Half by half it would be 64 requests, for the same bytes.",
        measured="global load requests",
    ),
    hints=(
        "The tile of A has 32 rows of 4 words: 128 words for 64 threads. Word i is a_words[i // 4, i % 4].",
        "Columns count in words now: the tile of A begins at column first // 4 of `a.view(np.uint64)`, but at row top.",
        "The tile of B has 16 rows of 8 words: b_words[i // 8, i % 8] comes from row first + i // 8 and column "
        "left // 4 + i % 8. Both for i = t and t + 64, then the barrier.",
    ),
)
