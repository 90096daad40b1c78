"""Votes, matches and shuffles against the pseudocode of the PTX manual, one lane at a time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import cuda

import gpusim

ALL = 0xFFFFFFFF


@cuda.jit
def shuffles(idx, up, down, xor, a, lane):
    i = cuda.grid(1)
    idx[i] = cuda.shfl_sync(ALL, a[i], lane[i])
    up[i] = cuda.shfl_up_sync(ALL, a[i], lane[i])
    down[i] = cuda.shfl_down_sync(ALL, a[i], lane[i])
    xor[i] = cuda.shfl_xor_sync(ALL, a[i], lane[i])


@cuda.jit
def uniform_shuffles(idx, up, down, xor, a, lane):
    i = cuda.grid(1)
    k = lane[0]
    idx[i] = cuda.shfl_sync(ALL, a[i], k)
    up[i] = cuda.shfl_up_sync(ALL, a[i], k)
    down[i] = cuda.shfl_down_sync(ALL, a[i], k)
    xor[i] = cuda.shfl_xor_sync(ALL, a[i], k)


def shuffled(mode: str, a: np.ndarray, argument: np.ndarray, block: int) -> list[float]:
    """PTX ISA, "shfl.sync", with c = 0x1f (0 for .up); None where the source lane does not exist."""
    result = []
    for i in range(a.size):
        lane = i % block % 32
        b = int(argument[i]) & 31
        j = {"idx": b, "up": lane - b, "down": lane + b, "xor": lane ^ b}[mode]
        if not 0 <= j < 32:
            j = lane
        exists = i % block - lane + j < block
        result.append(a[i - lane + j] if exists else None)
    return result


@settings(max_examples=40, deadline=None)
@given(
    block=st.sampled_from([32, 64, 40, 7]),
    lanes=st.lists(st.integers(-40, 70), min_size=1, max_size=8),
    dtype=st.sampled_from([np.int32, np.int64, np.float32, np.float64]),
    kernel=st.sampled_from([shuffles, uniform_shuffles]),
)
def test_shuffles(block, lanes, dtype, kernel):
    n = 2 * block
    a = np.arange(1, n + 1).astype(dtype)
    argument = np.resize(lanes, n)
    if kernel is uniform_shuffles:
        argument[:] = argument[0]
    outs = [np.zeros(n, dtype) for _ in range(4)]
    gpusim.simulate(kernel)[2, block](*outs, a, argument)
    for mode, out in zip(("idx", "up", "down", "xor"), outs, strict=True):
        for got, expected in zip(out, shuffled(mode, a, argument, block), strict=True):
            if expected is None:
                assert np.isnan(got) or (got != a).all()  # poison
            else:
                assert got == expected


@cuda.jit
def votes(ballot, some, every, equal, same, all_same, a, masks):
    i = cuda.grid(1)
    m = masks[i]
    ballot[i] = cuda.ballot_sync(m, a[i] > 0)
    some[i] = cuda.any_sync(m, a[i] > 0)
    every[i] = cuda.all_sync(m, a[i] > 0)
    equal[i] = cuda.eq_sync(m, a[i] > 0)
    same[i] = cuda.match_any_sync(m, a[i])
    found, agreed = cuda.match_all_sync(m, a[i])
    all_same[i] = found if agreed else 0


@settings(max_examples=40, deadline=None)
@given(
    block=st.sampled_from([32, 64, 41]),
    values=st.lists(st.integers(-1, 1), min_size=1, max_size=40),
    cuts=st.sets(st.integers(1, 31), max_size=3),
)
def test_votes_and_matches_of_groups_of_lanes(block, values, cuts):
    """Consecutive lanes between two cuts form a group with a mask of its own."""
    a = np.resize(np.array(values, np.int32), block)
    bounds = [0, *sorted(cuts), 32]
    groups = [range(low, high) for low, high in pairwise(bounds)]
    mask_of = {lane: sum(1 << member for member in group) for group in groups for lane in group}
    masks = np.array([mask_of[i % 32] for i in range(block)], np.int64)
    outs = [np.zeros(block, np.int64) for _ in range(6)]
    run = gpusim.simulate(votes)[1, block](*outs, a, masks)
    assert run.findings == []
    for i in range(block):
        members = [j for j in range(block) if j // 32 == i // 32 and masks[i] >> (j % 32) & 1]
        yes = [j for j in members if a[j] > 0]
        same = [j for j in members if a[j] == a[i]]
        assert outs[0][i] == np.int32(np.uint32(sum(1 << j % 32 for j in yes)))
        assert outs[1][i] == bool(yes)
        assert outs[2][i] == (len(yes) == len(members))
        assert outs[3][i] == (len(yes) in (0, len(members)))
        assert outs[4][i] == np.int32(np.uint32(sum(1 << j % 32 for j in same)))
        everyone = np.int32(np.uint32(sum(1 << j % 32 for j in members)))
        assert outs[5][i] == (everyone if len(same) == len(members) else 0)


def test_lane_masks():
    @cuda.jit
    def kernel(active, before):
        i = cuda.threadIdx.x
        if i % 2 == 0:
            active[i] = cuda.activemask()
        before[i] = cuda.lanemask_lt()

    active, before = np.zeros(40, np.int64), np.zeros(40, np.int64)
    gpusim.simulate(kernel)[1, 40](active, before)
    assert active[0] == 0x55555555 and active[32] == 0x55
    assert list(before) == [(1 << i % 32) - 1 for i in range(40)]


@pytest.mark.parametrize("dtype", [np.bool_, np.int8, np.uint32, np.float16])
def test_shuffles_take_the_types_that_numba_takes(dtype):
    @cuda.jit
    def kernel(out, a):
        i = cuda.threadIdx.x
        out[i] = cuda.shfl_sync(ALL, a[i], 0)

    with pytest.raises(gpusim.KernelError, match="int32, int64, float32 and float64"):
        gpusim.simulate(kernel)[1, 32](np.zeros(32, dtype), np.ones(32, dtype))


def test_member_masks_are_integers():
    @cuda.jit
    def kernel(out):
        out[cuda.threadIdx.x] = cuda.ballot_sync(1.5, True)

    with pytest.raises(gpusim.KernelError, match="member mask"):
        gpusim.simulate(kernel)[1, 32](np.zeros(32))


def test_votes_are_on_integers_and_bools():
    @cuda.jit
    def kernel(out):
        out[cuda.threadIdx.x] = cuda.any_sync(ALL, 1.5)

    with pytest.raises(gpusim.KernelError, match="votes on float64"):
        gpusim.simulate(kernel)[1, 32](np.zeros(32))
