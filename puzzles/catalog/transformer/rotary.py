"""Positions that turn.

The embedding of a language model of today: look up a token's vector, and turn its pairs of channels by an angle that
grows with the position. With h = d / 2, the pair (a, b) of the channels i and i + h becomes (a cos - b sin, a sin + b
cos) for the angle p w_i with w_i = 10000**(-i / h) at position p (Su et al., 2021, "RoFormer", equation 34, applied to
the vectors themselves; models turn queries and keys in the same way). An inner product of two turned vectors depends on
how far apart they are, not on where. Cosines and sines come from tables, since an angle of thousands of radians has too
few digits in float32. One block works on one row r of out, token r % t of text r // t, with one thread for each pair.
"""

import numpy as np
from numba import cuda

from puzzles.numerics import drawn_tokens
from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Size, array, output


@cuda.jit
def kernel(out, tokens, token, cosine, sine):
    r = cuda.blockIdx.x
    i = cuda.threadIdx.x
    t = tokens.shape[1]
    h = cosine.shape[1]
    # HOLE: both channels of this thread's pair, each read once; both turned.
    p = r % t
    word = tokens[r // t, p]
    a = token[word, i]
    b = token[word, i + h]
    c = cosine[p, i]
    s = sine[p, i]
    out[r, i] = a * c - b * s
    out[r, i + h] = a * s + b * c
    # END HOLE


def cosines(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """(t, h): the table for all positions and pairs."""
    return np.asarray(np.cos(_angles(*shape)))


def sines(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """(t, h): the same for the sines."""
    return np.asarray(np.sin(_angles(*shape)))


def _angles(t: int, h: int) -> Array:
    angles: Array = np.arange(t)[:, None] * 10_000.0 ** (-np.arange(h) / h)
    return angles


def embed_turned(tokens: Array, token: Array, cosine: Array, sine: Array) -> Array:
    """Multiplication by cos + i sin, with the pairs as complex numbers."""
    a, b = np.split(token[tokens], 2, axis=-1)
    turned = (a + 1j * b) * (cosine + 1j * sine)
    return np.concatenate([turned.real, turned.imag], axis=-1).reshape(-1, token.shape[1])


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "b*t 2*h"),
        array("tokens", "b t", dtype="int32", draw=drawn_tokens),
        array("token", "v 2*h"),
        array("cosine", "t h", draw=cosines),
        array("sine", "t h", draw=sines),
    ),
    sizes=(
        {"b": 2, "t": 3, "v": 10, "h": 4},
        {"b": 1, "t": 1, "v": 3, "h": 1},
        {"b": 3, "t": 5, "v": 5, "h": 33},
    ),
    fresh={"b": (1, 4), "t": (1, 12), "v": (2, 60), "h": (1, 40)},
    launch=lambda size: Launch((size["b"] * size["t"],), (size["h"],)),
    reference=embed_turned,
    needs="b * t + 2 * h + 2 * t * h",  # all tokens may be the same one
    limits=(
        Limit("global loads", "5 * b * t * h", why="A token, the two channels of a pair, a cosine and a sine."),
        Limit("global loads of the busiest thread", "5", why="One pair is one thread's work."),
        Limit("global stores", "2 * b * t * h", why="Each result is stored once."),
        Limit("global stores of the busiest thread", "2", why="One pair is one thread's work."),
    ),
    par=Par("global loads", naive="2 * 5 * b * t * h", par="5 * b * t * h"),
    prediction=Prediction(
        "A query at position 7 and a key at position 4 are both turned. At which other position of the key would the "
        "query at position 13 have the same score with it?",
        10,
        "The score depends on the distance, which is 3: turning one vector by 13 and the other by 10 leaves the same "
        "angle between them as turning them by 7 and by 4.",
    ),
    hints=(
        "This is the embedding puzzle with two elements a thread, which need each other: read both before you write.",
        "The channels of thread i are i and i + h, in the table and in out; its angle stands at [r % t, i] in both "
        "tables.",
        "`out[r, i] = a * c - b * s` and `out[r, i + h] = a * s + b * c`.",
    ),
)
