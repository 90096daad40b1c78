"""Heat in a rod.

Several steps of u[i] <- (u[i-1] + 2 u[i] + u[i+1]) / 4 for the inner points of a rod of 64 points; the two ends keep
their values. One block does all the steps, with the rod in shared memory. A step needs old values while it writes new
ones: two buffers take turns, and one barrier a step is enough.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

POINTS = 64
STEPS = 6
QUARTER = float32(0.25)


@cuda.jit
def kernel(out, a):
    rods = cuda.shared.array((2, POINTS), float32)
    t = cuda.threadIdx.x
    # HOLE: six steps from one buffer to the other; then store.
    rods[0, t] = a[t]
    cuda.syncthreads()
    for step in range(STEPS):
        old = step % 2
        if t > 0 and t < POINTS - 1:
            value = QUARTER * (rods[old, t - 1] + rods[old, t] + rods[old, t] + rods[old, t + 1])
        else:
            value = rods[old, t]
        rods[1 - old, t] = value
        cuda.syncthreads()
    out[t] = rods[STEPS % 2, t]
    # END HOLE


def _diffused(a):
    for _ in range(STEPS):
        inner = (a[:-2] + 2 * a[1:-1] + a[2:]) / 4
        a = a.copy()
        a[1:-1] = inner
    return a


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "64"), array("a", "64")),
    sizes=({"rods": 1},),
    launch=lambda size: Launch((1,), (POINTS,)),
    reference=_diffused,
    limits=(
        Limit("global loads", "64", why="The rod is read once, and stays in shared memory."),
        Limit("global stores", "64", why="Only the last step is written back."),
        Limit("barriers", "7", why="One a step, and one after reading the rod: a second buffer spares the others."),
    ),
    par=Par("barriers", naive="13", par="7"),
    prediction=Prediction(
        "With one buffer, how many barriers would six steps need, and one after reading the rod?",
        13,
        "Everybody reads before anybody writes, and writes before anybody reads: two barriers a step.",
    ),
    hints=(
        "Step s reads buffer s % 2 and writes buffer 1 - s % 2.",
        "The ends copy their value into the other buffer: nothing else would put it there.",
        "One `cuda.syncthreads()` at the end of each step; out comes from buffer STEPS % 2.",
    ),
)
