"""Five steps of training.

A small language model learns on your kernels: an embedding with positions, one head of causal attention, and the
embedding once more as the head. For characters c at positions i: x = token[c] + position[i]; q = x wq, k = x wk and
v = x wv; mixed = attention(q, k, v); h = x + mixed wo; logits = h token^T; and the loss is the mean cross-entropy of
the next characters. Every step takes other text, goes forward, backward through all of it, and ends with Adam. All
weights lie below each other in one matrix of width d: v rows of token, t of position, then d each of wq, wk, wv and wo;
gradients and Adam's two means likewise, so that one launch updates everything. A product gets the number of its first
row there. The five losses and all weights have to be what PyTorch's autograd and optimiser make of the same start. No
atomics: a gradient has one owner who adds in a fixed order, and a run can be repeated bit by bit.
"""

import math

from numba import cuda, float32

from puzzles.catalog.capstones.training_launches import READS, launches
from puzzles.catalog.capstones.training_reference import initial, told, trained
from puzzles.shipped import training_windows
from puzzles.spec import (
    Limit,
    Prediction,
    Puzzle,
    Tolerance,
    array,
    output,
    scratch,
    updated,
    zeros,
)

TILE = 8
LANES = 32
ROWS = 2
D = 16
ALL = 0xFFFFFFFF
LOWEST = -3.4e38
RATE = 0.03
BETA1 = 0.9
BETA2 = 0.99
EPS = 1e-5  # larger than usual: where a gradient is nearly 0, rounding shall not decide the direction of a step


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
def embed(x, h, text, weights, step, position):
    i = cuda.blockIdx.x
    j = cuda.threadIdx.x
    # HOLE: token row and position row, added up, into x and h.
    value = weights[text[step, i], j] + weights[position + i, j]
    x[i, j] = value
    h[i, j] = value
    # END HOLE


@cuda.jit
def times(out, a, weights, row, add):
    a_tile = cuda.shared.array((TILE, TILE), float32)
    b_tile = cuda.shared.array((TILE, TILE), float32)
    j, i = cuda.grid(2)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    m, n = out.shape
    depth = a.shape[1]
    total = float32(0)
    for first in range(0, depth, TILE):
        # HOLE: tiles of a and of the depth rows of weights from `row` on; their product.
        a_tile[y, x] = a[i, first + x] if i < m and first + x < depth else float32(0)
        b_tile[y, x] = weights[row + first + y, j] if first + y < depth and j < n else float32(0)
        cuda.syncthreads()
        for k in range(TILE):
            total += a_tile[y, k] * b_tile[k, x]
        cuda.syncthreads()
        # END HOLE
    if i < m and j < n:
        if add:
            out[i, j] += total
        else:
            out[i, j] = total


@cuda.jit
def times_transposed(out, a, weights, row, add):
    a_tile = cuda.shared.array((TILE, TILE), float32)
    b_tile = cuda.shared.array((TILE, TILE), float32)
    j, i = cuda.grid(2)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    m, n = out.shape
    depth = a.shape[1]
    column = cuda.blockIdx.x * TILE
    total = float32(0)
    for first in range(0, depth, TILE):
        # HOLE: the product of a and the transpose of the n rows of weights from `row` on.
        a_tile[y, x] = a[i, first + x] if i < m and first + x < depth else float32(0)
        inside = column + y < n and first + x < depth
        b_tile[y, x] = weights[row + column + y, first + x] if inside else float32(0)
        cuda.syncthreads()
        for k in range(TILE):
            total += a_tile[y, k] * b_tile[x, k]
        cuda.syncthreads()
        # END HOLE
    if i < m and j < n:
        if add:
            out[i, j] += total
        else:
            out[i, j] = total


@cuda.jit
def transposed_times(gradients, a, b, row):
    a_tile = cuda.shared.array((TILE, TILE), float32)
    b_tile = cuda.shared.array((TILE, TILE), float32)
    j, i = cuda.grid(2)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    m = a.shape[1]
    n = b.shape[1]
    depth = a.shape[0]
    top = cuda.blockIdx.y * TILE
    total = float32(0)
    for first in range(0, depth, TILE):
        # HOLE: the product of the transpose of a and b.
        a_tile[y, x] = a[first + y, top + x] if first + y < depth and top + x < m else float32(0)
        b_tile[y, x] = b[first + y, j] if first + y < depth and j < n else float32(0)
        cuda.syncthreads()
        for k in range(TILE):
            total += a_tile[k, y] * b_tile[k, x]
        cuda.syncthreads()
        # END HOLE
    if i < m and j < n:
        gradients[row + i, j] = total


@cuda.jit
def attend(mixed, lse, q, k, v):
    query = cuda.local.array(D, float32)
    sums = cuda.local.array(D, float32)
    i = cuda.grid(1)
    t, d = q.shape
    scale = float32(1) / math.sqrt(float32(d))
    if i < t:
        for e in range(d):
            query[e] = q[i, e] * scale
            sums[e] = float32(0)
        largest = float32(LOWEST)
        total = float32(0)
        # HOLE: the online softmax over the keys up to i.
        for j in range(i + 1):
            score = float32(0)
            for e in range(d):
                score += query[e] * k[j, e]
            before = largest
            largest = max(largest, score)
            shrink = math.exp(before - largest)
            weight = math.exp(score - largest)
            total = total * shrink + weight
            for e in range(d):
                sums[e] = sums[e] * shrink + weight * v[j, e]
        # END HOLE
        # HOLE: row i of mixed, and what the backward pass needs of the scores.
        for e in range(d):
            mixed[i, e] = sums[e] / total
        lse[i] = largest + math.log(total)
        # END HOLE


@cuda.jit
def cross_entropy(dlogits, each, logits, text, step):
    lane = cuda.threadIdx.x
    i = cuda.blockIdx.x * ROWS + cuda.threadIdx.y
    t, n = logits.shape
    if i < t:
        # HOLE: a warp for a row: its loss into each[i], and the gradient of the mean loss into dlogits.
        largest = float32(LOWEST)
        total = float32(0)
        for j in range(lane, n, LANES):
            logit = logits[i, j]
            before = largest
            largest = max(largest, logit)
            total = total * math.exp(before - largest) + math.exp(logit - largest)
        highest = warp_max(largest)
        total = warp_sum(total * math.exp(largest - highest))
        target = text[step, i + 1]
        for j in range(lane, n, LANES):
            logit = logits[i, j]
            probability = math.exp(logit - highest) / total
            if j == target:
                each[i] = math.log(total) + (highest - logit)
                probability -= float32(1)
            dlogits[i, j] = probability / float32(t)
        # END HOLE


@cuda.jit
def mean_loss(losses, each, step):
    lane = cuda.threadIdx.x
    t = each.shape[0]
    # HOLE: one warp for losses[step].
    total = float32(0)
    for i in range(lane, t, LANES):
        total += each[i]
    total = warp_sum(total)
    if lane == 0:
        losses[step] = total / float32(t)
    # END HOLE


@cuda.jit
def attend_queries(dq, delta, q, k, v, mixed, dmixed, lse):
    query = cuda.local.array(D, float32)
    gradient = cuda.local.array(D, float32)
    sums = cuda.local.array(D, float32)
    i = cuda.grid(1)
    t, d = q.shape
    scale = float32(1) / math.sqrt(float32(d))
    if i < t:
        # HOLE: delta[i], then dq[i] from the keys up to i.
        own = float32(0)
        for e in range(d):
            query[e] = q[i, e] * scale
            gradient[e] = dmixed[i, e]
            sums[e] = float32(0)
            own += gradient[e] * mixed[i, e]
        delta[i] = own
        shift = lse[i]
        for j in range(i + 1):
            score = float32(0)
            dp = float32(0)
            for e in range(d):
                score += query[e] * k[j, e]
                dp += gradient[e] * v[j, e]
            ds = math.exp(score - shift) * (dp - own)
            for e in range(d):
                sums[e] += ds * k[j, e]
        for e in range(d):
            dq[i, e] = sums[e] * scale
        # END HOLE


@cuda.jit
def attend_keys(dk, dv, delta, q, k, v, dmixed, lse):
    key = cuda.local.array(D, float32)
    value = cuda.local.array(D, float32)
    key_sums = cuda.local.array(D, float32)
    value_sums = cuda.local.array(D, float32)
    j = cuda.grid(1)
    t, d = q.shape
    scale = float32(1) / math.sqrt(float32(d))
    if j < t:
        # HOLE: dk[j] and dv[j] from the queries that see key j.
        for e in range(d):
            key[e] = k[j, e] * scale
            value[e] = v[j, e]
            key_sums[e] = float32(0)
            value_sums[e] = float32(0)
        for i in range(j, t):
            score = float32(0)
            dp = float32(0)
            for e in range(d):
                score += q[i, e] * key[e]
                dp += dmixed[i, e] * value[e]
            p = math.exp(score - lse[i])
            ds = p * (dp - delta[i])
            for e in range(d):
                key_sums[e] += ds * q[i, e]
                value_sums[e] += p * dmixed[i, e]
        for e in range(d):
            dk[j, e] = key_sums[e] * scale
            dv[j, e] = value_sums[e]
        # END HOLE


@cuda.jit
def embed_backward(gradients, dh, text, step, position):
    row = cuda.blockIdx.x
    j = cuda.threadIdx.x
    t = dh.shape[0]
    # HOLE: a token's row gathers from all positions that have it, on top of the head's part; a position has its own.
    if row < position:
        total = gradients[row, j]
        for i in range(t):
            if text[step, i] == row:
                total += dh[i, j]
        gradients[row, j] = total
    else:
        gradients[row, j] = dh[row - position, j]
    # END HOLE


@cuda.jit
def adam(weights, means, squares, gradients, step):
    j = cuda.threadIdx.x
    i = cuda.blockIdx.x
    # HOLE: step number `step`, from 0, of one weight.
    gradient = gradients[i, j]
    mean = float32(BETA1) * means[i, j] + float32(1 - BETA1) * gradient
    square = float32(BETA2) * squares[i, j] + float32(1 - BETA2) * gradient * gradient
    means[i, j] = mean
    squares[i, j] = square
    mean /= float32(1) - math.pow(float32(BETA1), float32(step + 1))
    square /= float32(1) - math.pow(float32(BETA2), float32(step + 1))
    weights[i, j] -= float32(RATE) * mean / (math.sqrt(square) + float32(EPS))
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("losses", "steps"),
        updated("weights", "v+t+4*d d", draw=initial),
        updated("means", "v+t+4*d d", draw=zeros),
        updated("squares", "v+t+4*d d", draw=zeros),
        array("text", "steps t+1", dtype="int32", draw=training_windows),
        scratch("gradients", "v+t+4*d d"),
        *(scratch(name, "t d") for name in ("x", "h", "q", "k", "v", "mixed", "dh", "dq", "dk", "dv", "dmixed")),
        *(scratch(name, "t v") for name in ("logits", "dlogits")),
        *(scratch(name, "t") for name in ("lse", "delta", "each")),
    ),
    sizes=(
        {"steps": 5, "t": 32, "v": 96, "d": 16},
        {"steps": 1, "t": 1, "v": 2, "d": 1},
        {"steps": 2, "t": 33, "v": 5, "d": 9},
    ),
    launch=lambda size: launches(size, TILE, LANES, ROWS),
    reference=trained,
    tolerance=Tolerance(relative=1e-5, absolute=5e-5),
    rounds=1,
    one_by_one={"steps": 1, "t": 3, "v": 3, "d": 2},
    report=told,
    limits=(
        Limit("global loads", f"steps * ({READS})", why="Products go through tiles; no score is ever stored."),
        Limit(
            "global stores",
            "steps * (16 * t * d + 3 * t + 2 * t * v + 1 + 2 * v * d + 4 * d * d + 3 * (v + t + 4 * d) * d)",
            why="Every element of every array once a launch.",
        ),
        Limit("global atomics", "0", why="Every gradient has one owner, and training can be repeated bit by bit."),
    ),
    prediction=Prediction(
        "There are (96 + 32 + 4 * 16) * 16 = 3072 weights. How many stores into `gradients` do five steps make?",
        23_040,
        "A row of the embedding is stored twice, since the model uses it twice: first the head's part, then the sum "
        "with what comes back to the input. 3072 + 96 * 16 = 4608 a step.",
        measured="global stores of gradients",
    ),
    hints=(
        "Forward it is embedding, product, attention, cross-entropy; backward it is the chapter on learning. Only "
        "`row` is new: row + k is the row of weights where the factor's row k lies.",
        "Which side is transposed decides what a tile holds. times: weights[row + first + y, j]. times_transposed: "
        "weights[row + column + y, first + x], read as b_tile[x, k]. transposed_times: a[first + y, top + x], read as "
        "a_tile[k, y].",
        "embed_backward: row r of the token table adds dh[i, j] for every i with text[step, i] == r, one thread a "
        "column, so nobody else writes there. The gradient of the mean loss is (p - [j = target]) / t.",
    ),
)
