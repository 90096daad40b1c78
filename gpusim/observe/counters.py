"""Counters: what every line, array, thread and warp read and wrote, in the hardware's own units.

Definitions are in the README of this folder. All totals come from one table with a row for every
pair of source place and array; totals, lines and arrays are sums over it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from gpusim.memory.access import per_lane
from gpusim.memory.buffer import SPACES, Array
from gpusim.observe.base import Access, Block, Observer, Site
from gpusim.observe.footprint import Footprint

if TYPE_CHECKING:
    from gpusim.simt.chunk import Chunk
    from gpusim.simt.launch import Launch
    from gpusim.simt.masks import Mask

COMMON = (
    "loads",
    "stores",
    "atomics",
    "load_bytes",
    "store_bytes",
    "load_requests",
    "store_requests",
    "atomic_requests",
)
GLOBAL = ("load_sectors", "store_sectors")
SHARED = ("load_wavefronts", "store_wavefronts", "load_bank_conflicts", "store_bank_conflicts")
WARP = (
    "branches",
    "divergent_branches",
    "loop_tests",
    "divergent_loop_tests",
    "instructions",
    "active_lanes",
)
KEYS: dict[str, tuple[str, ...]] = {
    "global": COMMON + GLOBAL,
    "shared": COMMON + SHARED,
    "local": COMMON,
    "constant": COMMON,
}


class Row:
    """Sums for one source place and one array."""

    __slots__ = ("accesses", "bytes", "ideal", "requests", "units")

    def __init__(self) -> None:
        self.accesses = 0
        self.bytes = 0
        self.requests = 0
        self.units = 0  # sectors of global memory, wavefronts of shared memory
        self.ideal = 0  # wavefronts without bank conflicts


class Counters(Observer):
    """Counts everything that DESIGN's counter definitions name."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, Site, Array], Row] = {}
        self.branches: dict[tuple[Site, bool], list[int]] = {}
        self.issued: dict[Block, list[int]] = {}
        self.barriers = 0
        self.threads: dict[tuple[str, str], np.ndarray] = {}
        self.footprint = Footprint()
        self._uniform: dict[tuple[str, str], int] = {}

    def begin(self, launch: Launch) -> None:
        self._shape = (launch.blocks, launch.threads_per_block)
        self.footprint.begin(launch.blocks)

    def begin_chunk(self, chunk: Chunk) -> None:
        self._first_thread = chunk.first_block * chunk.threads
        self._lanes = chunk.lanes
        self._uniform = {}
        self.footprint.begin_chunk(chunk.blocks)

    def access(self, access: Access) -> None:
        mask = access.mask
        key = (access.op, access.site, access.buffer.array)
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = Row()
        row.accesses += mask.lanes
        row.bytes += mask.lanes * access.itemsize
        row.requests += mask.warps
        space = access.buffer.space
        if space == "global":
            row.units += self.footprint.visit(access)
        elif space == "shared" and access.op != "atomic":
            waves, ideal = wavefronts(access)
            row.units += waves
            row.ideal += ideal
        thread_key = (space, access.op)
        if mask.full:
            self._uniform[thread_key] = self._uniform.get(thread_key, 0) + 1
        else:
            counts = self._threads(thread_key)
            counts += mask.bits

    def _threads(self, key: tuple[str, str]) -> np.ndarray:
        """The chunk's part of the per-thread counts."""
        counts = self.threads.get(key)
        if counts is None:
            counts = self.threads[key] = np.zeros(self._shape[0] * self._shape[1], dtype=np.uint32)
        return counts[self._first_thread : self._first_thread + self._lanes]

    def end_chunk(self, chunk: Chunk) -> None:
        for key, count in self._uniform.items():
            counts = self._threads(key)
            counts += np.uint32(count)

    def branch(self, site: Site, mask: Mask, taken: Mask | None, diverged: int, loop: bool) -> None:
        counts = self.branches.get((site, loop))
        if counts is None:
            counts = self.branches[site, loop] = [0, 0]
        counts[0] += mask.warps
        counts[1] += diverged

    def issue(self, block: Block, mask: Mask) -> None:
        counts = self.issued.get(block)
        if counts is None:
            counts = self.issued[block] = [0, 0]
        counts[0] += mask.warps
        counts[1] += mask.lanes

    def barrier(self, site: Site, mask: Mask, chunk: Chunk, blocks: int) -> None:
        self.barriers += blocks

    def end(self, launch: Launch) -> None:
        self.footprint.end()

    # Results

    def per_thread(self, space: str, counter: str) -> np.ndarray:
        """int64 (blocks, threads per block), x fastest; `counter` is loads, stores or atomics."""
        counts = self.threads.get((space, counter.removesuffix("s")))
        if counts is None:
            return np.zeros(self._shape, dtype=np.int64)
        return counts.astype(np.int64).reshape(self._shape)

    def totals(self) -> dict[str, dict[str, int]]:
        """`counts` without barriers: space -> counter -> number, and "warp"."""
        result = {space: dict.fromkeys(KEYS[space], 0) for space in SPACES}
        for (op, _, array), row in self.rows.items():
            add_row(result[array.space], op, row, array.space)
        warp = dict.fromkeys(WARP, 0)
        for (_, loop), (executed, diverged) in self.branches.items():
            warp["loop_tests" if loop else "branches"] += executed
            warp["divergent_loop_tests" if loop else "divergent_branches"] += diverged
        for block, (warps, lanes) in self.issued.items():
            for _, count in block.instructions:
                warp["instructions"] += count * warps
                warp["active_lanes"] += count * lanes
        return {**result, "warp": warp}

    def by_array(self) -> dict[Array, dict[str, int]]:
        """Array -> counter -> number."""
        result: dict[Array, dict[str, int]] = {}
        for (op, _, array), row in self.rows.items():
            add_row(result.setdefault(array, dict.fromkeys(KEYS[array.space], 0)), op, row, array.space)
        return result

    def by_line(self) -> dict[tuple[str, int], dict[str, int]]:
        """(file, line) -> "<space>_<counter>", branches, instructions, active lanes -> number; zeros left out."""
        result: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (op, site, array), row in self.rows.items():
            counts = dict.fromkeys(KEYS[array.space], 0)
            add_row(counts, op, row, array.space)
            for key, number in counts.items():
                if number:
                    result[site.file, site.line][f"{array.space}_{key}"] += number
        for (site, loop), (executed, diverged) in self.branches.items():
            result[site.file, site.line]["loop_tests" if loop else "branches"] += executed
            result[site.file, site.line]["divergent_loop_tests" if loop else "divergent_branches"] += diverged
        for block, (warps, lanes) in self.issued.items():
            for line, count in block.instructions:
                result[block.file, line]["instructions"] += count * warps
                result[block.file, line]["active_lanes"] += count * lanes
        return result


def add_row(counts: dict[str, int], op: str, row: Row, space: str) -> None:
    """Add one row of the table to counters of its space."""
    counts[f"{op}s"] += row.accesses
    counts[f"{op}_requests"] += row.requests
    if op == "atomic":
        return
    counts[f"{op}_bytes"] += row.bytes
    if space == "global":
        counts[f"{op}_sectors"] += row.units
    elif space == "shared":
        counts[f"{op}_wavefronts"] += row.units
        counts[f"{op}_bank_conflicts"] += row.units - row.ideal


def wavefronts(access: Access) -> tuple[int, int]:
    """(wavefronts, wavefronts without conflicts), summed over the warps of the request."""
    mask = access.mask
    waves, ideal = _wavefronts(
        per_lane(access.addresses), mask.bits, mask.full, access.chunk.threads, max(access.itemsize, 1)
    )
    return int(waves), int(ideal)


@njit(cache=True, nogil=True)
def _wavefronts(addresses, bits, full, threads, itemsize):
    """Groups of lanes are served one after the other: a warp, a half or a quarter for up to 4, 8 or 16 bytes."""
    a = 1 if addresses.shape[0] > 1 else 0
    group = 32 if itemsize <= 4 else 128 // itemsize
    group = max(group, 1)
    words = max(1, itemsize // 4)
    waves = 0
    ideal = 0
    asked = np.empty(32 * words, dtype=np.int64)
    banks = np.zeros(32, dtype=np.int64)
    for block in range(bits.shape[0] // threads):
        first = block * threads
        for start in range(first, first + threads, group):
            stop = min(start + group, first + threads)
            lowest = np.int64(1) << 62
            highest = np.int64(-1)
            for lane in range(start, stop):
                if full or bits[lane]:
                    word = addresses[lane * a] >> 2
                    lowest = min(lowest, word)
                    highest = max(highest, word + words - 1)
            if highest < 0:
                continue
            ideal += 1
            if highest - lowest < 32:
                waves += 1  # words this close together lie in different banks
                continue
            count = 0
            most = 0
            banks[:] = 0
            for lane in range(start, stop):
                if full or bits[lane]:
                    for word in range(addresses[lane * a] >> 2, (addresses[lane * a] >> 2) + words):
                        known = False
                        for k in range(count):
                            if asked[k] == word:
                                known = True
                                break
                        if not known:
                            asked[count] = word
                            count += 1
                            banks[word & 31] += 1
                            most = max(most, banks[word & 31])
            waves += most
    return waves, ideal
