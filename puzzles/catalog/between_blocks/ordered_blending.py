"""Layers in order.

A picture of up to 64 pixels is painted over, layer by layer: canvas[p] = (1 - alpha) * canvas[p] + alpha * colour[p],
where alpha = opacity[layer, p]. Each block paints one layer. Blending is not commutative, so a lock is not enough: it
lets the blocks in one at a time, but in any order. Let them take turns. A block draws a number, reads its layer while
others paint, and waits until turns[1] is that number; it paints, and raises turns[1] by one. A fence before that
makes sure that what it has painted has arrived, a fence after the wait that the next block does not look at what its
cache has kept.

Why draw a number at turns[0], and not take cuda.blockIdx.x? Because nobody promises that blocks start in order: block 5
might wait on the last free multiprocessor for block 4, which is not there yet. All who have drawn lower numbers run.
"""

import numpy as np
from numba import cuda, float32, int32

from puzzles.spec import Array, Launch, Limit, Prediction, Puzzle, Size, array, updated, zeros

THREADS = 64


@cuda.jit
def kernel(canvas, turns, colour, opacity):
    number = cuda.shared.array(1, int32)
    p = cuda.threadIdx.x
    if p == 0:
        number[0] = cuda.atomic.add(turns, 0, 1)
    cuda.syncthreads()
    layer = number[0]
    if p < canvas.shape[0]:
        alpha = opacity[layer, p]
        paint = alpha * colour[layer, p]
    # HOLE: thread 0 waits for this layer's turn; all paint; thread 0 passes the turn on. Fences and barriers between.
    if p == 0:
        while cuda.atomic.add(turns, 1, 0) != layer:
            pass
        cuda.threadfence()
    cuda.syncthreads()
    if p < canvas.shape[0]:
        canvas[p] = (float32(1) - alpha) * canvas[p] + paint
    cuda.syncthreads()
    if p == 0:
        cuda.threadfence()
        cuda.atomic.add(turns, 1, 1)
    # END HOLE


def opacities(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Between 0.2 and 0.8: every layer shows through those above it."""
    return rng.uniform(0.2, 0.8, size=shape)


def painted(canvas: Array, turns: Array, colour: Array, opacity: Array) -> tuple[Array, Array]:
    """Porter and Duff's "over" for an opaque background ("Compositing digital images", 1984), from bottom to top."""
    for paint, alpha in zip(colour, opacity, strict=True):
        canvas = (1 - alpha) * canvas + alpha * paint
    return canvas, np.full(2, len(colour))


SPEC = Puzzle(
    module=__name__,
    parameters=(
        updated("canvas", "pixels"),
        updated("turns", "2", "int32", zeros),
        array("colour", "layers pixels"),
        array("opacity", "layers pixels", draw=opacities),
    ),
    sizes=(
        {"layers": 4, "pixels": 64},
        {"layers": 1, "pixels": 1},
        {"layers": 3, "pixels": 33},
        {"layers": 6, "pixels": 2},
    ),
    fresh={"layers": (1, 5), "pixels": (1, 64)},
    launch=lambda size: Launch((size["layers"],), (THREADS,)),
    reference=painted,
    needs="pixels + 2 * layers * pixels",
    limits=(
        Limit(
            "global loads",
            "3 * layers * pixels",
            why="Each layer reads its colours, its opacities and the canvas once.",
        ),
        Limit("global loads of the busiest thread", "3", why="One pixel of one layer is one thread's work."),
        Limit("global stores of canvas", "layers * pixels", why="Each layer stores each pixel once."),
        Limit("global atomics of canvas", "0", why="Whose turn it is paints alone."),
    ),
    prediction=Prediction(
        "Two layers, both of opacity 0.5, of colours 8 and 4, over a canvas of 0. What is on the canvas in the end?",
        4,
        "0, then 0.5 * 0 + 0.5 * 8 = 4, then 0.5 * 4 + 0.5 * 4 = 4. In the other order it would be 5.",
    ),
    hints=(
        "`cuda.atomic.add(turns, 1, 0)` adds nothing and returns what is there: a read that sees what other blocks "
        "have written.",
        "To begin: thread 0 goes round `while cuda.atomic.add(turns, 1, 0) != layer: pass`, then a fence, then the "
        "barrier at which the other threads wait.",
        "To end: the barrier first, so that all pixels are painted; then thread 0 fences and adds 1 to turns[1].",
    ),
)
