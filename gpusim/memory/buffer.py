"""Buffers: the bytes behind arrays, in one of the four address spaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpusim.numeric.dtypes import kind

SPACES = ("global", "shared", "local", "constant")

_POISON_BYTE = 0xCD


@dataclass(frozen=True, eq=False)
class Array:
    """What reports call one array: a kernel parameter, or a shared, local or constant array of the kernel.

    It outlives the buffers of single chunks: every block has its own bytes, all have one `Array`. It begins so many
    bytes behind the start of its buffer, if it is a part of another array of the host's; `columns`: its first index is
    the one that moves fastest (Fortran's order).
    """

    name: str
    space: str
    dtype: np.dtype
    shape: tuple[int, ...]
    start: int = 0
    columns: bool = False


class Buffer:
    """Bytes of one address space.

    `storage` is a uint8 vector. Global and constant memory have one instance. Shared memory has one
    instance per block of the chunk and local memory one per lane, `instance_bytes` apart; that
    distance is a multiple of 128 for shared memory, so that `address % 128` gives the bank.
    Global storage starts at a 256-byte aligned device address, as cudaMalloc returns it, so that
    `address // 32` gives the sector. `written` says which bytes something has written (bool, one per
    byte); None for memory that is defined from the start.
    """

    __slots__ = ("_words", "array", "instance_bytes", "size", "space", "storage", "writable", "written")

    def __init__(
        self,
        array: Array,
        storage: np.ndarray,
        instance_bytes: int,
        size: int,
        writable: bool = True,
        written: np.ndarray | None = None,
    ) -> None:
        self.array = array
        self.space = array.space
        self.storage = storage
        self.instance_bytes = instance_bytes
        self.size = size
        self.writable = writable
        self.written = written
        self._words: dict[int, np.ndarray] = {}

    def words(self, itemsize: int) -> np.ndarray:
        """The storage as words of 1, 2, 4, 8 or 16 bytes."""
        words = self._words.get(itemsize)
        if words is None:
            whole = self.storage.shape[0] // itemsize * itemsize
            words = self.storage[:whole].view(WORDS[itemsize])
            self._words[itemsize] = words
        return words


# 16-byte words travel as complex128, the one 16-byte type that compiled code passes by value.
WORDS: dict[int, np.dtype] = {
    1: np.dtype(np.uint8),
    2: np.dtype(np.uint16),
    4: np.dtype(np.uint32),
    8: np.dtype(np.uint64),
    16: np.dtype(np.complex128),
}
SHIFTS = {1: 0, 2: 1, 4: 2, 8: 3, 16: 4}


def host_bytes(array: np.ndarray) -> np.ndarray:
    """The memory of a contiguous array (C or Fortran order) as a uint8 vector that shares it."""
    plain = np.asarray(array)  # Numba's mapped arrays have another `view`
    flat = plain if plain.flags.c_contiguous else plain.T
    return flat.reshape(-1).view(np.uint8)


def poisoned(size: int, dtype: np.dtype) -> np.ndarray:
    """`size` undefined bytes: NaN for floating-point elements, a conspicuous pattern for the rest."""
    return np.full(size, 0xFF if kind(dtype) in "fc" else _POISON_BYTE, dtype=np.uint8)
