"""The compiled access path: from index vectors to addresses to values.

Everything here works on vectors with one element per lane and knows element sizes, never element
types, so that a handful of functions, compiled once and cached on disk, serve every kernel.
Where a parameter may be the same for all lanes, a vector of one element stands for it. Per-lane
indices are int32 or int64; extents and strides are scalars.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba import njit

INT32 = np.dtype(np.int32)
INT64 = np.dtype(np.int64)


@njit(cache=True, nogil=True)
def address1(bits, full, base, constant, index, extent, stride, out):
    """out = base + constant + index * stride; returns (an active lane is outside, an active index is negative)."""
    outside: bool | np.bool_ = False
    negative: bool | np.bool_ = False
    if full and base.shape[0] == 1:  # the common cases have loops of their own, which compile to vector code
        start = base[0] + constant
        for lane in range(out.shape[0]):
            k = np.int64(index[lane])
            below = k < 0
            k += extent if below else 0
            outside |= (k < 0) | (k >= extent)
            negative |= below
            out[lane] = start + k * stride
    elif full:
        for lane in range(out.shape[0]):
            k = np.int64(index[lane])
            below = k < 0
            k += extent if below else 0
            outside |= (k < 0) | (k >= extent)
            negative |= below
            out[lane] = base[lane] + constant + k * stride
    else:
        b = 1 if base.shape[0] > 1 else 0
        for lane in range(out.shape[0]):
            k = np.int64(index[lane])
            below = k < 0
            k += extent if below else 0
            outside |= bits[lane] & ((k < 0) | (k >= extent))
            negative |= bits[lane] & below
            out[lane] = base[lane * b] + constant + k * stride
    return outside, negative


@njit(cache=True, nogil=True)
def address2(bits, full, base, index0, extent0, stride0, index1, extent1, stride1, out):
    """As `address1` for two per-lane indices at once."""
    outside: bool | np.bool_ = False
    negative: bool | np.bool_ = False
    b = 1 if base.shape[0] > 1 else 0
    if full and b == 0:
        start = base[0]
        for lane in range(out.shape[0]):
            k0 = np.int64(index0[lane])
            below0 = k0 < 0
            k0 += extent0 if below0 else 0
            k1 = np.int64(index1[lane])
            below1 = k1 < 0
            k1 += extent1 if below1 else 0
            outside |= (k0 < 0) | (k0 >= extent0) | (k1 < 0) | (k1 >= extent1)
            negative |= below0 | below1
            out[lane] = start + k0 * stride0 + k1 * stride1
    else:
        for lane in range(out.shape[0]):
            active = full or bits[lane]
            k0 = np.int64(index0[lane])
            below0 = k0 < 0
            k0 += extent0 if below0 else 0
            k1 = np.int64(index1[lane])
            below1 = k1 < 0
            k1 += extent1 if below1 else 0
            outside |= active & ((k0 < 0) | (k0 >= extent0) | (k1 < 0) | (k1 >= extent1))
            negative |= active & (below0 | below1)
            out[lane] = base[lane * b] + k0 * stride0 + k1 * stride1
    return outside, negative


@njit(cache=True, nogil=True)
def address_ragged(bits, base, index, extent, stride, out):
    """As `address1` where every lane has an extent of its own, as slices with per-lane bounds have."""
    b = 1 if base.shape[0] > 1 else 0
    i = 1 if index.shape[0] > 1 else 0
    outside: bool | np.bool_ = False
    negative: bool | np.bool_ = False
    for lane in range(out.shape[0]):
        k = np.int64(index[lane * i])
        below = k < 0
        k += extent[lane] if below else 0
        outside |= bits[lane] & ((k < 0) | (k >= extent[lane]))
        negative |= bits[lane] & below
        out[lane] = base[lane * b] + k * stride
    return outside, negative


@njit(cache=True, nogil=True)
def gather(words, shift, bits, full, addresses, out):
    """out[lane] = the word at addresses[lane]; 0 for inactive lanes. `words` is the buffer as 2**shift-byte words."""
    if full:
        for lane in range(out.shape[0]):
            out[lane] = words[addresses[lane] >> shift]
    else:
        for lane in range(out.shape[0]):
            if bits[lane]:
                out[lane] = words[addresses[lane] >> shift]
            else:
                out[lane] = 0


@njit(cache=True, nogil=True)
def scatter(words, shift, bits, full, addresses, values):
    """The word at addresses[lane] = values[lane] for active lanes; of lanes with one address the last one wins."""
    v = 1 if values.shape[0] > 1 else 0
    for lane in range(addresses.shape[0]):
        if full or bits[lane]:
            words[addresses[lane] >> shift] = values[lane * v]


@njit(cache=True, nogil=True)
def gather_bytes(storage, bits, full, addresses, out):
    """As `gather` for elements of any size at any alignment; `out` is uint8 (lanes, element size)."""
    for lane in range(out.shape[0]):
        if full or bits[lane]:
            for byte in range(out.shape[1]):
                out[lane, byte] = storage[addresses[lane] + byte]


@njit(cache=True, nogil=True)
def scatter_bytes(storage, bits, full, addresses, values):
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
