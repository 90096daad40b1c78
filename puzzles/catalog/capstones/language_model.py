"""A language model on your kernels.

The model that comes with `lm` predicts the next character of a text: an embedding, blocks of attention and MLP, and a
head, 4 blocks of width 96 for 96 characters. Here it runs on eight kernels that you have met, and in the end they say
how well it predicts 64 characters that it has never seen: its perplexity exp(mean loss), which has to be that of the
same model in PyTorch to five digits. Weights lie in stacks of matrices, and `which` is the number of one in its stack.
Each block is x += attention(norm(x)) and x += mlp(norm(x)), where norm is RMS norm, x / sqrt(mean(x^2) + EPS) * gain;
queries and keys get a norm for each head and are turned by their position (RoPE); the MLP's activation is max(x, 0)^2.
Reads of global memory have a budget: matrix products in tiles, attention in tiles and without scores in memory, each
logit once.
"""

import math

from numba import cuda, float32

from puzzles.catalog.capstones.model_launches import launches
from puzzles.catalog.capstones.model_reference import forward, told
from puzzles.shipped import characters, rotary, weights
from puzzles.spec import Limit, Par, Prediction, Puzzle, Tolerance, array, output, scratch

TILE = 16
LANES = 32
ROWS = 4
CHANNELS = 32
PITCH = 33
ALL = 0xFFFFFFFF
EPS = 1e-5
LOWEST = -3.4e38


@cuda.jit(device=True)
def warp_sum(value):
    step = LANES // 2
    while step > 0:
        value += cuda.shfl_xor_sync(ALL, value, step)
        step //= 2
    return value


@cuda.jit(device=True)
def warp_max(value):
    step = LANES // 2
    while step > 0:
        value = max(value, cuda.shfl_xor_sync(ALL, value, step))
        step //= 2
    return value


@cuda.jit
def embed(x, text, token):
    i = cuda.blockIdx.x
    # HOLE: row i of x is the row of the table for character i; threads take the columns in turn.
    for j in range(cuda.threadIdx.x, x.shape[1], cuda.blockDim.x):
        x[i, j] = token[text[i], j]
    # END HOLE


@cuda.jit
def norm(out, x, gains, which):
    lane = cuda.threadIdx.x
    i = cuda.blockIdx.x * ROWS + cuda.threadIdx.y
    t, d = x.shape
    if i < t:
        # HOLE: a warp for a row: the sum of squares by warp_sum, then the row times gains[which].
        squares = float32(0)
        for j in range(lane, d, LANES):
            squares += x[i, j] ** 2
        scale = float32(1) / math.sqrt(warp_sum(squares) / float32(d) + float32(EPS))
        for j in range(lane, d, LANES):
            out[i, j] = x[i, j] * scale * gains[which, j]
        # END HOLE


@cuda.jit
def matmul(out, a, stack, which, add):
    a_tile = cuda.shared.array((TILE, TILE), float32)
    b_tile = cuda.shared.array((TILE, TILE), float32)
    j, i = cuda.grid(2)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    t, n = out.shape
    depth = a.shape[1]
    total = float32(0)
    for first in range(0, depth, TILE):
        # HOLE: the tiled product of a and stack[which] for any size.
        a_tile[y, x] = a[i, first + x] if i < t and first + x < depth else float32(0)
        b_tile[y, x] = stack[which, first + y, j] if first + y < depth and j < n else float32(0)
        cuda.syncthreads()
        for k in range(min(TILE, depth - first)):
            total += a_tile[y, k] * b_tile[k, x]
        cuda.syncthreads()
        # END HOLE
    if i < t and j < n:
        if add:
            out[i, j] += total
        else:
            out[i, j] = total


@cuda.jit
def turn(x, gains, which, cosine, sine):
    lane = cuda.threadIdx.x
    i = cuda.blockIdx.x
    half = cosine.shape[1]
    c = cuda.threadIdx.y * 2 * half + lane
    # HOLE: a warp for a head: lane has the pair c, c + half; normalise it with gains[which], turn it by the angle.
    a = x[i, c] if lane < half else float32(0)
    b = x[i, c + half] if lane < half else float32(0)
    scale = float32(1) / math.sqrt(warp_sum(a * a + b * b) / float32(2 * half) + float32(EPS))
    if lane < half:
        a *= scale * gains[which, lane]
        b *= scale * gains[which, lane + half]
        cos = cosine[i, lane]
        sin = sine[i, lane]
        x[i, c] = a * cos - b * sin
        x[i, c + half] = a * sin + b * cos
    # END HOLE


@cuda.jit
def attention(out, q, k, v):
    queries = cuda.shared.array((ROWS, CHANNELS), float32)
    keys = cuda.shared.array((LANES, PITCH), float32)
    values = cuda.shared.array((LANES, CHANNELS), float32)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    t = q.shape[0]
    width = q.shape[1] // cuda.gridDim.y
    channel = cuda.blockIdx.y * width + x
    end = min(t, (cuda.blockIdx.x + 1) * ROWS)
    i = cuda.blockIdx.x * ROWS + y
    scale = float32(1) / math.sqrt(float32(width))
    queries[y, x] = q[i, channel] * scale if i < t and x < width else float32(0)
    largest = float32(LOWEST)
    total = float32(0)
    mean = float32(0)
    for first in range(0, end, LANES):
        # HOLE: keys and values first to first + 31 into the tiles, those before end; zeros elsewhere; wait.
        for row in range(y, LANES, ROWS):
            inside = first + row < end and x < width
            keys[row, x] = k[first + row, channel] if inside else float32(0)
            values[row, x] = v[first + row, channel] if inside else float32(0)
        cuda.syncthreads()
        # END HOLE
        # HOLE: lane x has the score of query i with key first + x; the online softmax by warp_max and warp_sum.
        score = float32(0)
        for c in range(width):
            score += queries[y, c] * keys[x, c]
        if first + x > i:
            score = float32(LOWEST)
        before = largest
        largest = max(largest, warp_max(score))
        shrink = math.exp(before - largest)
        weight = math.exp(score - largest)
        total = total * shrink + warp_sum(weight)
        # END HOLE
        # HOLE: lane x has channel x of the result; the weight of key j is lane j's; wait.
        mean *= shrink
        for j in range(min(LANES, end - first)):
            mean += cuda.shfl_sync(ALL, weight, j) * values[j, x]
        cuda.syncthreads()
        # END HOLE
    if i < t and x < width:
        out[i, channel] = mean / total


@cuda.jit
def squared_relu(x):
    i = cuda.blockIdx.x
    # HOLE: max(x, 0)^2 in place, with a grid-stride loop over the columns.
    for j in range(cuda.threadIdx.x, x.shape[1], cuda.blockDim.x):
        x[i, j] = max(x[i, j], float32(0)) ** 2
    # END HOLE


@cuda.jit
def cross_entropy(losses, logits, text):
    lane = cuda.threadIdx.x
    i = cuda.blockIdx.x * ROWS + cuda.threadIdx.y
    t, n = logits.shape
    if i < t:
        # HOLE: one pass of a warp over the row; the target of row i is text[i + 1].
        largest = float32(LOWEST)
        total = float32(0)
        for j in range(lane, n, LANES):
            logit = logits[i, j]
            before = largest
            largest = max(largest, logit)
            total = total * math.exp(before - largest) + math.exp(logit - largest)
        highest = warp_max(largest)
        total = warp_sum(total * math.exp(largest - highest))
        if lane == 0:
            losses[i] = math.log(total) + (highest - logits[i, text[i + 1]])
        # END HOLE


@cuda.jit
def perplexity(result, losses):
    lane = cuda.threadIdx.x
    t = losses.shape[0]
    # HOLE: one warp for exp(mean loss).
    total = float32(0)
    for i in range(lane, t, LANES):
        total += losses[i]
    total = warp_sum(total)
    if lane == 0:
        result[0] = math.exp(total / float32(t))
    # END HOLE


PRODUCTS = (
    "layers * (8 * t * d * ceil(d / 16) + t * d * ceil(d / 4) + 12 * d * d * ceil(t / 16))"
    " + t * d * ceil(v / 16) + d * v * ceil(t / 16)"
)
"""Reads of the tiled products: left factors once for every 16 columns, right factors once for every 16 rows."""

REST = "layers * 19 * t * d + 5 * t * d + t * (v + 3)"
"""Reads of norms, turns, activations, residuals, queries, embedding and losses."""

SHARED = "layers * 2 * d * sum(min(t, i + 4) for i in range(0, t, 4))"
"""Reads of keys and values: once for every 4 queries."""

SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("result", "1"),
        output("losses", "t"),
        array("text", "t+1", dtype="int32", draw=characters),
        array("token", "v d", draw=weights("embedding.token")),
        array("projections", "4*layers d d", draw=weights(*(f"{{}}.attn.w{name}" for name in "qkvo"))),
        array("widening", "layers d 4*d", draw=weights("{}.mlp.w1")),
        array("narrowing", "layers 4*d d", draw=weights("{}.mlp.w2")),
        array("head", "1 d v", draw=weights("head.w")),
        array("gains", "2*layers+1 d", draw=weights("{}.ln1.gain", "{}.ln2.gain", "ln.gain", around=1.0)),
        array("head_gains", "2*layers d//heads", draw=weights("{}.attn.q.gain", "{}.attn.k.gain", around=1.0)),
        array("cosine", "t d//heads//2", draw=rotary(0)),
        array("sine", "t d//heads//2", draw=rotary(1)),
        scratch("x", "t d"),
        scratch("normed", "t d"),
        scratch("q", "t d"),
        scratch("k", "t d"),
        scratch("v", "t d"),
        scratch("mixed", "t d"),
        scratch("hidden", "t 4*d"),
        scratch("logits", "t v"),
    ),
    sizes=(
        {"t": 64, "v": 96, "d": 96, "heads": 4, "layers": 4},
        {"t": 1, "v": 3, "d": 4, "heads": 1, "layers": 1},
        {"t": 33, "v": 40, "d": 12, "heads": 3, "layers": 2},
        {"t": 41, "v": 31, "d": 48, "heads": 2, "layers": 1},
    ),
    launch=lambda size: launches(size, TILE, LANES, ROWS),
    reference=forward,
    tolerance=Tolerance(relative=1e-5, absolute=1e-5),
    needs="d + (10 + 2 * (t > 1)) * layers * d * d + d * v",  # all characters may be the same one
    rounds=1,
    one_by_one={"t": 2, "v": 5, "d": 4, "heads": 1, "layers": 1},
    report=told,
    limits=(
        Limit(
            "global loads",
            f"{PRODUCTS} + {REST} + {SHARED}",
            why="Products and attention go through tiles; norms read a row twice, everything else once.",
        ),
        Limit("global stores", "layers * 18 * t * d + 2 * t * d + t * (v + 1) + 1", why="No scores, no weights."),
        Limit("global atomics", "0", why="Every element has one owner."),
    ),
    par=Par(
        "global loads",
        naive=f"layers * 24 * t * d * d + 2 * t * d * v + {REST} + layers * d * t * (t + 1)",
        par=f"{PRODUCTS} + {REST} + {SHARED}",
    ),
    prediction=Prediction(
        "The table of the embedding has 96 rows of 96 numbers. How many reads of it do the 64 characters take?",
        6144,
        "A row for each character, and again where a character comes back: 64 times 96. The other matrices are read "
        "whole, once for every 16 characters.",
        measured="global loads of token",
    ),
    hints=(
        "Every hole is a puzzle that you have solved: embedding, a sum over a row, the product of any size, attention "
        "in tiles, a grid-stride loop, cross-entropy. A row has a warp here, and its lanes meet by shuffles.",
        "norm: squares over range(lane, d, LANES), then all lanes call warp_sum. turn: lane c of a head has the pair "
        "(a, b) = (x[i, c], x[i, c + half]) in registers, and stores (a cos - b sin, a sin + b cos).",
        "attention: a warp is a query and a lane a key. max(largest, warp_max(score)) is the same for all lanes, and "
        "warp_sum(weight) adds the tile's exponentials. Then the lanes become channels, and shfl_sync(ALL, weight, j) "
        "fetches the weight of key j.",
    ),
)
