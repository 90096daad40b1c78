"""Inside one warp: missing `syncwarp`, wrong member masks, shuffles from lanes that are not there."""

from __future__ import annotations

import numpy as np
from numba import cuda, float32, int32
from support.pairs import Pair

ALL = 0xFFFFFFFF
N, TWICE = 32, 64


# Shared memory without syncwarp: right where a warp runs in step, wrong where its lanes run apart.


@cuda.jit
def neighbour_without_syncwarp(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    out[t] = tile[(t + 1) % N]  # <- racecheck warning


@cuda.jit
def neighbour_with_syncwarp(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncwarp()
    out[t] = tile[(t + 1) % N]


@cuda.jit
def neighbour_with_half_a_syncwarp(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    if t < 16:
        cuda.syncwarp(0xFFFF)
    else:
        cuda.syncwarp(0xFFFF0000)
    out[t] = tile[(t + 1) % N]  # <- racecheck warning


@cuda.jit
def volatile_style_reduction(out, a):
    part = cuda.shared.array(TWICE, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    part[t + N] = 0
    step = 16
    while step > 0:
        part[t] += part[t + step]  # <- racecheck warning
        step //= 2
    if t == 0:
        out[0] = part[0]


@cuda.jit
def reduction_with_syncwarp(out, a):
    part = cuda.shared.array(TWICE, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    part[t + N] = 0
    cuda.syncwarp()
    step = 16
    while step > 0:
        right = part[t + step]
        cuda.syncwarp()
        part[t] += right
        cuda.syncwarp()
        step //= 2
    if t == 0:
        out[0] = part[0]


@cuda.jit
def narrowing_masks_one_step_late(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    if t < 16:
        part[t] += part[t + 16]  # <- racecheck warning
        cuda.syncwarp(0xFFFF)
    if t < 8:
        part[t] += part[t + 8]
    if t == 0:
        for k in range(8):
            out[0] += part[k]  # <- racecheck warning


@cuda.jit
def narrowing_masks(out, a):
    part = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    part[t] = a[t]
    cuda.syncwarp()
    if t < 16:
        part[t] += part[t + 16]
        cuda.syncwarp(0xFFFF)
    if t < 8:
        part[t] += part[t + 8]
        cuda.syncwarp(0xFF)
    if t == 0:
        for k in range(8):
            out[0] += part[k]


@cuda.jit
def lanes_write_one_element(out, a):
    t = cuda.threadIdx.x
    out[t // 2] = a[t]  # <- racecheck


@cuda.jit
def even_lanes_write(out, a):
    t = cuda.threadIdx.x
    if t % 2 == 0:
        out[t // 2] = a[t]


# Member masks


@cuda.jit
def syncwarp_in_a_branch(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    value = float32(0)
    if t < 8:
        cuda.syncwarp()  # <- synccheck
        value = tile[t + 1]
    out[t] = value


@cuda.jit
def syncwarp_of_the_branch(out, a):
    tile = cuda.shared.array(N, float32)
    t = cuda.threadIdx.x
    tile[t] = a[t]
    cuda.syncwarp()
    value = float32(0)
    if t < 8:
        value = tile[t + 1]
        cuda.syncwarp(0xFF)
    out[t] = value


@cuda.jit
def shuffle_in_a_branch(out, a):
    t = cuda.threadIdx.x
    value = a[t]
    if t < 16:
        value += cuda.shfl_down_sync(ALL, value, 8)  # <- synccheck
    out[t] = value


@cuda.jit
def shuffle_before_the_branch(out, a):
    t = cuda.threadIdx.x
    value = a[t]
    other = cuda.shfl_down_sync(ALL, value, 8)
    if t < 16:
        value += other
    out[t] = value


@cuda.jit
def vote_in_a_branch(out, a):
    t = cuda.threadIdx.x
    out[t] = 0
    if a[t] > 4:
        out[t] = cuda.popc(cuda.ballot_sync(ALL, True))  # <- synccheck


@cuda.jit
def vote_of_all_lanes(out, a):
    t = cuda.threadIdx.x
    votes = cuda.popc(cuda.ballot_sync(ALL, a[t] > 4))
    out[t] = votes if a[t] > 4 else 0


@cuda.jit
def caller_left_out_of_the_mask(out, a):
    t = cuda.threadIdx.x
    out[t] = cuda.popc(cuda.ballot_sync(0xFFFF, a[t] > 4))  # <- synccheck


@cuda.jit
def callers_in_their_mask(out, a):
    t = cuda.threadIdx.x
    half = 0xFFFF if t < 16 else 0xFFFF0000
    out[t] = cuda.popc(cuda.ballot_sync(half, a[t] > 4))


@cuda.jit
def masks_that_disagree(out, a):
    t = cuda.threadIdx.x
    mask = ALL if t < 16 else 0xFFFF0000
    out[t] = cuda.popc(cuda.ballot_sync(mask, a[t] > 4))  # <- synccheck


# Shuffles


@cuda.jit
def shuffle_after_early_return(out, a):
    t = cuda.threadIdx.x
    if t >= a.size:
        return
    value = a[t]
    for step in (16, 8, 4, 2, 1):
        value += cuda.shfl_down_sync(ALL, value, step)  # <- synccheck
    if t == 0:
        out[0] = value


@cuda.jit
def shuffle_with_guarded_load(out, a):
    t = cuda.threadIdx.x
    value = float32(0)
    if t < a.size:
        value = a[t]
    for step in (16, 8, 4, 2, 1):
        value += cuda.shfl_down_sync(ALL, value, step)
    if t == 0:
        out[0] = value


@cuda.jit
def broadcast_from_a_lane_outside(out, a):
    t = cuda.threadIdx.x
    value = a[t]
    if t < 16:
        value = cuda.shfl_sync(0xFFFF, value, 16)  # <- synccheck
    out[t] = value


@cuda.jit
def broadcast_from_a_lane_inside(out, a):
    t = cuda.threadIdx.x
    value = a[t]
    if t < 16:
        value = cuda.shfl_sync(0xFFFF, value, 15)
    out[t] = value


@cuda.jit
def butterfly_over_half_a_warp(out, a):
    t = cuda.threadIdx.x
    value = a[t]
    for step in (16, 8, 4, 2, 1):
        value += cuda.shfl_xor_sync(ALL, value, step)  # <- synccheck
    if t % 32 == 0:
        cuda.atomic.add(out, 0, value)


@cuda.jit
def butterfly_over_whole_warps(out, a):
    t = cuda.threadIdx.x
    value = a[t] if t < a.size else float32(0)
    for step in (8, 4, 2, 1):
        value += cuda.shfl_xor_sync(ALL, value, step)
    if t % 16 == 0:
        cuda.atomic.add(out, 0, value)


@cuda.jit
def prefix_for_compaction_in_a_branch(out, a):
    t = cuda.threadIdx.x
    if a[t] > 4:
        chosen = cuda.match_any_sync(ALL, int32(1))  # <- synccheck
        out[cuda.popc(chosen & cuda.lanemask_lt())] = a[t]


@cuda.jit
def prefix_for_compaction(out, a):
    t = cuda.threadIdx.x
    chosen = cuda.ballot_sync(ALL, a[t] > 4)
    if a[t] > 4:
        out[cuda.popc(chosen & cuda.lanemask_lt())] = a[t]


def _values(n: int = N) -> np.ndarray:
    return np.random.default_rng(n).integers(1, 9, n).astype(np.float32)


def _in_and_out(outputs: int = N, inputs: int = N):
    return lambda: (np.zeros(outputs, np.float32), _values(inputs))


def _sum(out, a):
    return a.sum()


def _half_counts(out, a):
    return np.repeat((a > 4).reshape(2, 16).sum(axis=1), 16)


def _compacted(out, a):
    chosen = a[a > 4]
    return np.concatenate([chosen, np.zeros(N - chosen.size)])


PAIRS = [
    Pair(neighbour_without_syncwarp, neighbour_with_syncwarp, 1, N, _in_and_out(), lambda out, a: np.roll(a, -1)),
    Pair(neighbour_with_half_a_syncwarp, neighbour_with_syncwarp, 1, N, _in_and_out(), lambda out, a: np.roll(a, -1)),
    Pair(volatile_style_reduction, reduction_with_syncwarp, 1, N, _in_and_out(1), _sum),
    Pair(narrowing_masks_one_step_late, narrowing_masks, 1, N, _in_and_out(1), _sum),
    Pair(lanes_write_one_element, even_lanes_write, 1, N, _in_and_out(N // 2), lambda out, a: a[::2]),
    Pair(
        syncwarp_in_a_branch,
        syncwarp_of_the_branch,
        1,
        N,
        _in_and_out(),
        lambda out, a: np.where(np.arange(N) < 8, np.roll(a, -1), 0),
    ),
    Pair(
        shuffle_in_a_branch,
        shuffle_before_the_branch,
        1,
        N,
        _in_and_out(),
        lambda out, a: a + np.where(np.arange(N) < 16, np.roll(a, -8), 0),
    ),
    Pair(vote_in_a_branch, vote_of_all_lanes, 1, N, _in_and_out(), lambda out, a: (a > 4) * (a > 4).sum()),
    Pair(caller_left_out_of_the_mask, callers_in_their_mask, 1, N, _in_and_out(), _half_counts),
    Pair(masks_that_disagree, callers_in_their_mask, 1, N, _in_and_out(), _half_counts),
    Pair(shuffle_after_early_return, shuffle_with_guarded_load, 1, N, _in_and_out(1, 20), _sum),
    Pair(
        broadcast_from_a_lane_outside,
        broadcast_from_a_lane_inside,
        1,
        N,
        _in_and_out(),
        lambda out, a: np.where(np.arange(N) < 16, a[15], a),
    ),
    Pair(butterfly_over_half_a_warp, butterfly_over_whole_warps, 1, 48, _in_and_out(1, 48), _sum),
    Pair(prefix_for_compaction_in_a_branch, prefix_for_compaction, 1, N, _in_and_out(), _compacted),
]
