"""Sixteen sums a thread.

C = A B, where each thread computes 4 by 4 elements of C. Blocks of 8 by 8 threads compute 32 by 32 of them, so that an
element of A or B that a block reads serves 32 rows or columns: for 32 by 32 matrices 2048 reads, where tiles of 8 by 8
take 8192. But now shared memory is what everybody waits for: two reads for each product. A thread that has four values
of a column of A and four of a row of B can make 16 products of them: 8 reads, not 32. Keep the four of B in registers,
and take one of A after the other. `cuda.local.array` becomes registers if all its indices are known to the compiler, as
those of short loops are.

Thread (x, y) takes rows y, y + 8, y + 16, y + 24 and columns x, x + 8, x + 16, x + 24. Four rows and columns side by
side would be as many reads, but a warp would read its rows of A from one and the same bank.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

SIDE = 32
THREADS = 8
DEPTH = 8


@cuda.jit
def kernel(c, a, b):
    a_tile = cuda.shared.array((SIDE, DEPTH), float32)
    b_tile = cuda.shared.array((DEPTH, SIDE), float32)
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
        # HOLE: copy the tiles, along their rows: elements t, t + 64, t + 128, t + 192 of each. Wait.
        for i in range(t, SIDE * DEPTH, THREADS * THREADS):
            a_tile[i // DEPTH, i % DEPTH] = a[top + i // DEPTH, first + i % DEPTH]
            b_tile[i // SIDE, i % SIDE] = b[first + i // SIDE, left + i % SIDE]
        cuda.syncthreads()
        # END HOLE
        # HOLE: for each k: four of b_tile into registers; with each of four of a_tile, add four products. Wait.
        for k in range(DEPTH):
            for s in range(4):
                right[s] = b_tile[k, x + 8 * s]
            for r in range(4):
                value = a_tile[y + 8 * r, k]
                for s in range(4):
                    totals[r, s] += value * right[s]
        cuda.syncthreads()
        # END HOLE
    for r in range(4):
        for s in range(4):
            c[top + y + 8 * r, left + x + 8 * s] = totals[r, s]


SPEC = Puzzle(
    module=__name__,
    parameters=(output("c", "32*m 32*n"), array("a", "32*m 8*k"), array("b", "8*k 32*n")),
    sizes=({"m": 1, "k": 4, "n": 1}, {"m": 2, "k": 1, "n": 1}, {"m": 1, "k": 3, "n": 2}),
    fresh={"m": (1, 2), "k": (1, 4), "n": (1, 2)},
    one_by_one={"m": 1, "k": 1, "n": 1},
    launch=lambda size: Launch((size["n"], size["m"]), (THREADS, THREADS)),
    reference=lambda a, b: a @ b,
    limits=(
        Limit("global loads", "512 * m * k * n", why="A block reads 32 rows of A and 32 columns of B, once."),
        Limit("global stores", "1024 * m * n", why="Each element of C is stored once."),
        Limit("global load sectors", "64 * m * k * n", why="Eight threads side by side read one sector."),
        Limit(
            "shared loads",
            "4096 * m * k * n",
            why="For each k a thread reads four elements of each tile, and makes 16 products of them. To read those of "
            "B anew for each row would take two and a half times as many.",
        ),
        Limit("shared bank conflicts", "0", why="A warp reads from four rows of a_tile that lie in different banks."),
        Limit("barriers", "2 * m * k * n", why="Two a step."),
    ),
    par=Par("shared loads", naive="65536", par="16384"),
    prediction=Prediction(
        "How many elements do the 64 threads read from shared memory, for matrices of 32 by 32?",
        16384,
        "64 threads, 32 steps of k, 8 reads each. One element a thread, with two reads a product, takes 65,536.",
        measured="shared loads",
    ),
    hints=(
        "Both tiles have 256 elements. Element i is a_tile[i // DEPTH, i % DEPTH], or b_tile[i // SIDE, i % SIDE]: so "
        "neighbouring threads read and store neighbours, in a tile 8 wide and in one 32 wide.",
        "The loop over k is the outer one. Inside it, `right[s] = b_tile[k, x + 8 * s]` for all four s comes first.",
        "Then for each r read `value = a_tile[y + 8 * r, k]` once, and add value * right[s] to totals[r, s] for all "
        "four s.",
    ),
)
