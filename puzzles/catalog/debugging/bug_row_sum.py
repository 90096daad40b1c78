"""Wrong for odd numbers.

out[i] is the sum of row i, which has up to 128 elements. A block of 128 threads halves the number of partial sums
until one is left; where the number is odd, somebody adds the one that is left over. Rows of 64 and of 128 are right.
Rows of 65 are right on Mondays.
"""

from numba import cuda, float32

from puzzles.spec import Defect, Launch, Limit, Puzzle, array, output

THREADS = 128


@cuda.jit
def kernel(out, a):
    partial = cuda.shared.array(THREADS, float32)
    t = cuda.threadIdx.x
    row = cuda.blockIdx.x
    count = a.shape[1]
    if t < count:
        partial[t] = a[row, t]
    cuda.syncthreads()
    while count > 1:
        half = count // 2
        if t < half:
            partial[t] += partial[t + half]
        if count % 2 == 1 and t == 0:
            partial[0] += partial[count - 1]
        cuda.syncthreads()
        count = half
    if t == 0:
        out[row] = partial[0]


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "m"), array("a", "m n")),
    sizes=(
        {"m": 2, "n": 64},
        {"m": 1, "n": 128},
        {"m": 2, "n": 65},
        {"m": 1, "n": 1},
        {"m": 3, "n": 2},
        {"m": 2, "n": 3},
        {"m": 1, "n": 33},
        {"m": 2, "n": 127},
    ),
    fresh={"m": (1, 3), "n": (2, 128)},
    launch=lambda size: Launch((size["m"],), (THREADS,)),
    reference=lambda a: a.sum(axis=1),
    limits=(
        Limit("global loads", "m * n", why="Each element is read once."),
        Limit("global stores", "m", why="One sum a row."),
        Limit("global atomics", "0", why="The partial sums meet in shared memory."),
    ),
    defect=Defect(
        edits=(("and t == 0:", "and t == count - 1:"),),
        lines=("            partial[t] += partial[t + half]", "            partial[0] += partial[count - 1]"),
        why="Thread 0 and the thread of the last element both add to partial[0], and one of the sums may be lost.",
        symptom="race",
    ),
    hints=(
        "Without an odd number the second `if` of the loop never holds. Who writes where when it does?",
        "Both lines add to partial[0]: thread 0 in the first, another thread in the second, and no barrier between.",
        "Let thread 0 do both: what one thread does, it does in order.",
    ),
)
