"""The compiled access path: from index vectors to addresses to values.

Everything here works on vectors with one element per lane and knows element sizes, never element
types, so that a handful of functions, compiled once and cached on disk, serve every kernel.
Per-lane inputs may also be vectors of one element, which then stands for all lanes.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def address1(bits, full, base, index, extent, stride, out):
    """Addresses of `a[index]`; returns (an active lane is outside, an active index is negative)."""
    b = 1 if base.shape[0] > 1 else 0
    i = 1 if index.shape[0] > 1 else 0
    n = 1 if extent.shape[0] > 1 else 0
    outside = False
    negative = False
    for lane in range(out.shape[0]):
        active = full or bits[lane]
        k = index[lane * i]
        size = extent[lane * n]
        below = k < 0
        k += size if below else 0
        outside |= active & ((k < 0) | (k >= size))
        negative |= active & below
        out[lane] = base[lane * b] + k * stride
    return outside, negative


@njit(cache=True, nogil=True)
def address2(bits, full, base, index0, extent0, stride0, index1, extent1, stride1, out):
    """Addresses of `a[index0, index1]`, as `address1`."""
    b = 1 if base.shape[0] > 1 else 0
    i0 = 1 if index0.shape[0] > 1 else 0
    n0 = 1 if extent0.shape[0] > 1 else 0
    i1 = 1 if index1.shape[0] > 1 else 0
    n1 = 1 if extent1.shape[0] > 1 else 0
    outside = False
    negative = False
    for lane in range(out.shape[0]):
        active = full or bits[lane]
        k0 = index0[lane * i0]
        size0 = extent0[lane * n0]
        below0 = k0 < 0
        k0 += size0 if below0 else 0
        k1 = index1[lane * i1]
        size1 = extent1[lane * n1]
        below1 = k1 < 0
        k1 += size1 if below1 else 0
        outside |= active & ((k0 < 0) | (k0 >= size0) | (k1 < 0) | (k1 >= size1))
        negative |= active & (below0 | below1)
        out[lane] = base[lane * b] + k0 * stride0 + k1 * stride1
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
    """An index, extent or offset as the int64 vector (one element, or one per lane) that this module takes."""
    if isinstance(value, np.ndarray):
        return value if value.dtype == np.int64 else value.astype(np.int64)
    return np.array([value], dtype=np.int64)
