"""The compiled access path: from index vectors to addresses to values.

Everything here works on vectors with one element per lane and knows element sizes, never element
types, so that a handful of functions, compiled once and cached on disk, serve every kernel.
Where a parameter may be the same for all lanes, a vector of one element stands for it. Per-lane
indices are int32 or int64; extents and strides are scalars. The common cases have loops of their
own, without branches, which compile to vector code.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from gpusim.native import native

INT32 = np.dtype(np.int32)
INT64 = np.dtype(np.int64)

LANES, ROWS, RUNS = range(3)
"""How a pattern can be moved: lane by lane, in rows of 16 bytes, or a word for each run of 16 lanes."""

ROW_BYTES = RUN_LANES = 16


@native
def lay(base: Any, index: Any, stride: Any, out: Any) -> Any:
    """out = base + index * stride; returns the lowest and the highest index of all lanes."""
    low = high = np.int64(index[0])
    if base.shape[0] == 1:
        start = base[0]
        for lane in range(out.shape[0]):
            k = np.int64(index[lane])
            low = min(low, k)
            high = max(high, k)
            out[lane] = start + k * stride
    else:
        for lane in range(out.shape[0]):
            k = np.int64(index[lane])
            low = min(low, k)
            high = max(high, k)
            out[lane] = base[lane] + k * stride
    return low, high


@native
def lay2(base: Any, index0: Any, stride0: Any, index1: Any, stride1: Any, out: Any) -> Any:
    """As `lay` for two per-lane indices at once."""
    low0 = high0 = np.int64(index0[0])
    low1 = high1 = np.int64(index1[0])
    b = 1 if base.shape[0] > 1 else 0
    for lane in range(out.shape[0]):
        k0 = np.int64(index0[lane])
        k1 = np.int64(index1[lane])
        low0 = min(low0, k0)
        high0 = max(high0, k0)
        low1 = min(low1, k1)
        high1 = max(high1, k1)
        out[lane] = base[lane * b] + k0 * stride0 + k1 * stride1
    return low0, high0, low1, high1


@native
def wrap(bits: Any, index: Any, extent: Any, out: Any) -> Any:
    """out = index, counted from the end where it is negative; returns (an active lane is outside, one is negative).

    Lanes that are outside get index 0, so that whatever they go on to read exists. `extent` may differ between lanes.
    """
    e = 1 if extent.shape[0] > 1 else 0
    i = 1 if index.shape[0] > 1 else 0
    outside: bool | np.bool_ = False
    negative: bool | np.bool_ = False
    for lane in range(bits.shape[0]):
        k = np.int64(index[lane * i])
        size = extent[lane * e]
        below = k < 0
        k += size if below else 0
        beyond = (k < 0) | (k >= size)
        outside |= bits[lane] & beyond
        negative |= bits[lane] & below
        out[lane] = 0 if beyond else k
    return outside, negative


@native
def inside(bits: Any, index: Any, extent: Any) -> Any:
    """Are the indices of all active lanes at least 0 and below `extent`?"""
    outside: bool | np.bool_ = False
    for lane in range(bits.shape[0]):
        k = np.int64(index[lane])
        outside |= bits[lane] & ((k < 0) | (k >= extent))
    return not outside


@native
def distance(old: Any, new: Any) -> Any:
    """(is `new` just `old` plus a distance?, the distance)"""
    lanes = old.shape[0]
    if new.shape[0] != lanes:
        return False, np.int64(0)
    apart = np.int64(new[0]) - np.int64(old[0])
    if np.int64(new[lanes - 1]) - np.int64(old[lanes - 1]) != apart:
        return False, apart
    for start in range(0, lanes, 1024):
        here, there = old[start : start + 1024], new[start : start + 1024]
        gaps = np.int64(0)
        for lane in range(here.shape[0]):
            gaps |= (np.int64(there[lane]) - np.int64(here[lane])) ^ apart
        if gaps:
            return False, apart
    return True, apart


@native
def extremes(vector: Any) -> Any:
    """The lowest and the highest element."""
    low = high = vector[0]
    for lane in range(vector.shape[0]):
        low = min(low, vector[lane])
        high = max(high, vector[lane])
    return low, high


@native
def form(addresses: Any, size: Any) -> Any:
    """How elements of `size` bytes at these addresses can be moved: LANES, ROWS or RUNS."""
    lanes = addresses.shape[0]
    if lanes % RUN_LANES or size >= ROW_BYTES:
        return LANES
    gap = addresses[1] - addresses[0]
    breaks = np.int64(0)
    if gap == size:
        last_of_row = ROW_BYTES // size - 1
        breaks = addresses[0] & (ROW_BYTES - 1)
        for lane in range(lanes - 1):
            step = addresses[lane + 1] - addresses[lane]
            breaks |= addresses[lane + 1] & (ROW_BYTES - 1) if lane & last_of_row == last_of_row else step ^ size
        return LANES if breaks else ROWS
    if gap == 0:
        for lane in range(lanes - 1):
            step = addresses[lane + 1] - addresses[lane]
            breaks |= 0 if lane & (RUN_LANES - 1) == RUN_LANES - 1 else step
        return LANES if breaks else RUNS
    return LANES


@native
def gather(words: Any, log2: Any, addresses: Any, shift: Any, out: Any) -> Any:
    """out[lane] = the word at addresses[lane] + shift. `words` is the buffer as 2**log2-byte words."""
    distance = shift >> log2
    for lane in range(out.shape[0]):
        out[lane] = words[np.uint64((addresses[lane] >> log2) + distance)]


@native
def gather_runs(words: Any, log2: Any, starts: Any, shift: Any, out: Any) -> Any:
    """As `gather` where each of `starts` is the address of RUN_LANES lanes."""
    runs = out.reshape(starts.shape[0], RUN_LANES)
    for run in range(starts.shape[0]):
        word = words[np.uint64((starts[run] + shift) >> log2)]
        for lane in range(RUN_LANES):
            runs[run, lane] = word


@native
def gather_active(words: Any, log2: Any, bits: Any, addresses: Any, shift: Any, out: Any) -> Any:
    """As `gather` for the lanes of `bits`; 0 for the others, whose addresses may be anywhere."""
    for lane in range(out.shape[0]):
        if bits[lane]:
            out[lane] = words[(addresses[lane] + shift) >> log2]
        else:
            out[lane] = 0


@native
def scatter(words: Any, log2: Any, bits: Any, full: Any, addresses: Any, shift: Any, values: Any) -> Any:
    """The word at addresses[lane] + shift = values[lane] for active lanes; of those with one address the last wins."""
    v = 1 if values.shape[0] > 1 else 0
    for lane in range(addresses.shape[0]):
        if full or bits[lane]:
            words[np.uint64((addresses[lane] + shift) >> log2)] = values[lane * v]


@native
def gather_bytes(storage: Any, bits: Any, full: Any, addresses: Any, out: Any) -> Any:
    """As `gather_active` for elements of any size at any alignment; `out` is uint8 (lanes, element size)."""
    for lane in range(out.shape[0]):
        if full or bits[lane]:
            for byte in range(out.shape[1]):
                out[lane, byte] = storage[addresses[lane] + byte]


@native
def scatter_bytes(storage: Any, bits: Any, full: Any, addresses: Any, values: Any) -> Any:
    """As `scatter` for elements of any size at any alignment; `values` is uint8 (lanes or 1, element size)."""
    v = 1 if values.shape[0] > 1 else 0
    for lane in range(addresses.shape[0]):
        if full or bits[lane]:
            for byte in range(values.shape[1]):
                storage[addresses[lane] + byte] = values[lane * v, byte]


def per_lane(value: np.ndarray | np.generic | int) -> np.ndarray:
    """An offset, extent or index as an int64 vector of one element, or one per lane."""
    if isinstance(value, np.ndarray):
        return value if value.dtype is INT64 else value.astype(INT64)
    return _single(int(value))


@lru_cache(maxsize=1 << 12)
def _single(value: int) -> np.ndarray:
    return np.array([value], dtype=INT64)


def index_vector(index: np.ndarray) -> np.ndarray:
    """A per-lane index in one of the two widths that the address functions are compiled for."""
    return index if index.dtype is INT64 or index.dtype is INT32 else index.astype(INT64)
