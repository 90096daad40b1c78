"""Counters: what every line, array, thread and warp read and wrote, in the hardware's own units.

Definitions are in the README of this folder. All totals come from one table with a row for every
pair of source place and array; totals, lines and arrays are sums over it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from gpusim.events.access import Access
from gpusim.events.launch import Launched
from gpusim.events.observer import Observer
from gpusim.events.statements import Block
from gpusim.machine.chunk import Chunk
from gpusim.machine.masks import Mask
from gpusim.memory.buffer import SPACES, Array
from gpusim.memory.loops import per_lane
from gpusim.memory.pattern import Pattern
from gpusim.native import native
from gpusim.observe.footprint import Footprint
from gpusim.places import Site

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


_WORD_BYTES = 4
"""Shared memory has 32 banks, whose words of this size follow one another."""


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
    """Counts everything that gpusim/observe/README.md defines."""

    whole_warps = True

    def __init__(self) -> None:
        self.rows: dict[tuple[str, Site, Array], Row] = {}
        self.branches: dict[tuple[Site, bool], list[int]] = {}
        self.issued: dict[Block, list[int]] = {}
        self.barriers = 0
        self.footprint = Footprint()
        # Accesses of threads by (space, op): of all threads of a chunk together, and of some of them.
        self._chunks: list[tuple[slice, dict[tuple[str, str], int]]] = []
        self._by_all: dict[tuple[str, str], int] = {}
        self._by_some: dict[tuple[str, str], np.ndarray] = {}
        self._waiting: dict[tuple[str, str], tuple[Mask, int]] = {}

    def begin(self, launch: Launched) -> None:
        self._shape = (launch.blocks, launch.threads_per_block)
        self.footprint.begin(launch.blocks)

    def begin_chunk(self, chunk: Chunk) -> None:
        first = chunk.first_block * chunk.threads
        self._chunk = slice(first, first + chunk.lanes)
        self._by_all = {}
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
            self._by_all[thread_key] = self._by_all.get(thread_key, 0) + 1
        else:
            self._add(thread_key, mask)

    def _add(self, key: tuple[str, str], mask: Mask) -> None:
        """Count an access of some threads: with the next ones of the same threads, as long as they come."""
        waiting = self._waiting.get(key)
        if waiting is None:
            self._waiting[key] = mask, 1
        elif waiting[0] is mask:
            self._waiting[key] = mask, waiting[1] + 1
        else:
            self._enter(key, *waiting)
            self._waiting[key] = mask, 1

    def _enter(self, key: tuple[str, str], mask: Mask, times: int) -> None:
        counts = self._by_some.get(key)
        if counts is None:
            counts = self._by_some[key] = np.zeros(self._shape[0] * self._shape[1], dtype=np.uint32)
        _add_times(counts[self._chunk], mask.bits, times)

    def end_chunk(self, chunk: Chunk) -> None:
        for key, waiting in self._waiting.items():
            self._enter(key, *waiting)
        self._waiting = {}
        self._chunks.append((self._chunk, self._by_all))

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

    def end(self, launch: Launched) -> None:
        self.footprint.end()

    # Results

    def per_thread(self, space: str, counter: str) -> np.ndarray:
        """int64 (blocks, threads per block), x fastest; `counter` is loads, stores or atomics."""
        key = space, counter.removesuffix("s")
        counts = np.zeros(self._shape[0] * self._shape[1], dtype=np.int64)
        for threads, by_all in self._chunks:
            counts[threads] += by_all.get(key, 0)
        if key in self._by_some:
            counts += self._by_some[key]
        return counts.reshape(self._shape)

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
    pattern, mask, size = access.pattern, access.mask, max(access.itemsize, 1)
    # Whole words further on, every word lies in the next bank, and as many of them meet in one bank as before.
    rest = access.shift % _WORD_BYTES
    key = "wavefronts", rest
    if pattern.uniform and size <= _WORD_BYTES:
        return mask.warps, mask.warps
    if not pattern.uniform and (mask.full or size <= _WORD_BYTES):
        everyone: tuple[int, int] | None = pattern.lasting.get(key)
        if everyone is None:
            everyone = pattern.lasting[key] = _of_everyone(pattern, rest, size, mask)
        if mask.full:
            return everyone
        if everyone[0] == everyone[1]:  # no warp has conflicts, and none gets them by having fewer lanes
            return mask.warps, mask.warps
    facts = pattern.facts(mask)
    known: tuple[int, int] | None = facts.get(key)
    if known is None:
        known = facts[key] = _of_lanes(per_lane(pattern.at(rest)), mask, mask.full, 1, size)
    return known


def _of_everyone(pattern: Pattern, shift: int, size: int, mask: Mask) -> tuple[int, int]:
    """Wavefronts of all lanes, for which it is enough to look at larger units."""
    addresses, lanes, bytes_ = pattern.units(size, shift)
    if mask.threads_per_block % lanes:
        return _of_lanes(per_lane(pattern.at(shift)), mask, True, 1, size)
    return _of_lanes(addresses, mask, True, lanes, size, bytes_)


def _of_lanes(
    addresses: np.ndarray, mask: Mask, full: bool, lanes: int, size: int, bytes_: int | None = None
) -> tuple[int, int]:
    """Lanes are served in groups, one after the other: a warp, a half or a quarter for up to 4, 8 or 16 bytes.

    Each address is that of `lanes` lanes, which ask for `bytes_` bytes together.
    """
    group = max(32 if size <= _WORD_BYTES else 128 // size, 1)
    words = max(1, (bytes_ or size) // _WORD_BYTES)
    threads = mask.threads_per_block // lanes
    waves, ideal = _wavefronts(
        addresses, mask.bits, full, mask.bits.shape[0] // lanes, threads, max(group // lanes, 1), words
    )
    return int(waves), int(ideal)


@native
def _add_times(counts: Any, bits: Any, times: Any) -> Any:
    for lane in range(bits.shape[0]):
        counts[lane] += times * bits[lane]


@native
def _wavefronts(addresses: Any, bits: Any, full: Any, lanes: Any, threads: Any, group: Any, words: Any) -> Any:
    """(wavefronts, groups with an active lane) of groups of lanes that access `words` words each."""
    waves = 0
    ideal = 0
    asked = np.empty((32, group * words), dtype=np.int64)
    in_bank = np.zeros(32, dtype=np.int64)
    a = 1 if addresses.shape[0] > 1 else 0
    nowhere = np.int64(1) << 62
    for first in range(0, lanes, threads):
        for start in range(first, first + threads, group):
            stop = min(start + group, first + threads)
            lowest, highest = nowhere, -nowhere
            if a == 0:
                for lane in range(start, stop):
                    if full or bits[lane]:
                        lowest = highest = addresses[0]
                        break
            elif full:
                for address in addresses[start:stop]:
                    lowest = min(lowest, address)
                    highest = max(highest, address)
            else:
                here, active = addresses[start:stop], bits[start:stop]
                for lane in range(here.shape[0]):
                    lowest = min(lowest, here[lane] if active[lane] else nowhere)
                    highest = max(highest, here[lane] if active[lane] else -nowhere)
            if highest < lowest:
                continue
            ideal += 1
            if (highest >> 2) + words - 1 - (lowest >> 2) < 32:
                waves += 1  # words this close together lie in different banks
                continue
            most = 0
            in_bank[:] = 0
            for lane in range(start, stop):
                if full or bits[lane]:
                    word = addresses[lane * a] >> 2
                    for k in range(word, word + words):
                        bank = k & 31
                        known = False
                        for other in asked[bank, : in_bank[bank]]:
                            if other == k:
                                known = True
                                break
                        if not known:
                            asked[bank, in_bank[bank]] = k
                            in_bank[bank] += 1
                            most = max(most, in_bank[bank])
            waves += most
    return waves, ideal
