"""Adam.

A gradient says where to go, and Adam how far. It keeps two running means for each weight: m of the gradients and v of
their squares. In step number `step`, from 1: m = BETA1 m + (1 - BETA1) g, v = BETA2 v + (1 - BETA2) g^2, and
w = w - rate * mhat / (sqrt(vhat) + EPS), where mhat = m / (1 - BETA1^step) and vhat = v / (1 - BETA2^step) make up for
the zeros that m and v started with. There is hardly anything to compute, so what counts is memory: read w, g, m and v,
write w, m and v. Seven accesses to a weight, 28 bytes, and not one more.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Size, Tolerance, array, scalar, updated

THREADS = 64
BETA1 = 0.9
BETA2 = 0.99
EPS = 1e-8


@cuda.jit
def kernel(w, m, v, g, rate, step):
    i = cuda.grid(1)
    if i < w.shape[0]:
        # HOLE: new m and v, and a step of w.
        gradient = g[i]
        mean = float32(BETA1) * m[i] + float32(1 - BETA1) * gradient
        square = float32(BETA2) * v[i] + float32(1 - BETA2) * gradient * gradient
        m[i] = mean
        v[i] = square
        mean /= float32(1) - math.pow(float32(BETA1), float32(step))
        square /= float32(1) - math.pow(float32(BETA2), float32(step))
        w[i] -= rate * mean / (math.sqrt(square) + float32(EPS))
        # END HOLE


def squares(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Means of squares: not negative, and between a hundredth and a few."""
    return np.asarray(0.01 + rng.standard_normal(shape) ** 2)


def drawn_rate(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Far larger than in training, so that every part of a step shows."""
    return rng.uniform(0.5, 1.0, size=shape)


def drawn_step(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """1 to 20, where the corrections matter."""
    return np.asarray(rng.integers(1, 20, endpoint=True, size=shape))


def adam(w: Array, m: Array, v: Array, g: Array, rate: float, step: int) -> tuple[Array, Array, Array]:
    """Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1."""
    m = BETA1 * m + (1 - BETA1) * g
    v = BETA2 * v + (1 - BETA2) * g**2
    mean, square = m / (1 - BETA1**step), v / (1 - BETA2**step)
    return w - rate * mean / (np.sqrt(square) + EPS), m, v


SPEC = Puzzle(
    module=__name__,
    parameters=(
        updated("w", "n"),
        updated("m", "n"),
        updated("v", "n", draw=squares),
        array("g", "n"),
        scalar("rate", draw=drawn_rate),
        scalar("step", dtype="int32", draw=drawn_step),
    ),
    sizes=({"n": 100}, {"n": 1}, {"n": 2}, {"n": 31}, {"n": 33}, {"n": 128}),
    fresh={"n": (3, 300)},
    launch=lambda size: Launch((-(-size["n"] // THREADS),), (THREADS,)),
    reference=adam,
    tolerance=Tolerance(relative=1e-4, absolute=5e-5),
    limits=(
        Limit("global loads", "4 * n", why="Read w, g, m and v once each, into local variables."),
        Limit("global stores", "3 * n", why="Write w, m and v once each."),
        Limit("global loads of the busiest thread", "4", why="One weight is one thread's work."),
        Limit("global stores of the busiest thread", "3", why="One weight is one thread's work."),
        Limit("global sectors", "7 * ceil(n / 8)", why="Neighbouring threads have neighbouring weights."),
        Limit("global atomics", "0", why="A weight has one owner."),
    ),
    par=Par("global bytes", naive="44 * n", par="28 * n"),
    prediction=Prediction(
        "How many bytes of global memory does one step read and write for n=100 weights in float32?",
        2800,
        "Four reads and three writes of 4 bytes: 28 bytes a weight. At 3 TB/s a billion weights take about 10 ms.",
        measured="global bytes",
    ),
    hints=(
        "Every mention of m[i] is a read of its own, and the formulas mention m, v and g several times.",
        "Compute the new means into local variables, store those uncorrected, and use the corrected ones for the step.",
        "The corrections are float32(1) - math.pow(float32(BETA1), float32(step)), and the same with BETA2. "
        "`w[i] -= ...` is one read and one write.",
    ),
)
