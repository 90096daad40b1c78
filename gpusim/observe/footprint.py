"""Footprint: which 32-byte sectors of global memory a launch touches, and who comes back to them.

What a cache can save follows from it, for any size of cache: `loaded_by` says how many blocks read the
same sectors (one fetch serves the blocks of one multiprocessor), `reuse` how much of the launch lies
between two visits (little enough, and the second one finds the sector in the L2 cache).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gpusim.events.access import Access
from gpusim.memory.buffer import Buffer
from gpusim.memory.loops import per_lane
from gpusim.native import native

SECTOR_BYTES = 32

SEGMENTS = 128
"""The launch is divided into up to this many segments: runs of consecutive chunks, and so of blocks."""

_GROUPS = 256  # blocks of a chunk that can be told apart
_KINDS = {"load": 0, "store": 1, "atomic": 2}

# What is known of a sector, as one int64. From the lowest bit: how many blocks have loaded it; the first group of
# blocks that loaded it in the chunk of its last use, plus 1, and whether it was not the only one; whether something
# has written it; and that chunk.
_LOADERS = (1 << 29) - 1
_GROUP_BITS, _GROUP = 29, (1 << 9) - 1
_SEVERAL = 1 << 38
_STORED = 1 << 39
_CHUNK_BITS = 40


class Footprint:
    """Sectors of global memory, by who loads them and when they are used again.

    `loaded_by[m]`: sectors that m different blocks load, m >= 1 (at least m, if chunks have more than 256
    blocks). `reuse[e + 1, s]`: sectors whose first use in segment s is a load or an atomic and whose last
    use before it was in segment e; `reuse[0, s]`: those that nothing used before. `stored`: sectors that
    are written. All numbers are final once every chunk has run.
    """

    def __init__(self) -> None:
        self.loaded_by = np.zeros(1, dtype=np.int64)
        self.reuse = np.zeros((1, 0), dtype=np.int64)
        self.stored = 0
        self._blocks = 0
        self._chunk = self._shift = self._rows = 0
        self._sectors: dict[Buffer, _Sectors] = {}

    def begin(self, blocks: int) -> None:
        """A launch of this many blocks starts."""
        self._blocks = blocks
        self.loaded_by = np.zeros(blocks + 1, dtype=np.int64)

    def begin_chunk(self, blocks: int) -> None:
        """The next so many blocks start."""
        if self._chunk == 0:
            chunks = -(-self._blocks // blocks)
            while chunks > SEGMENTS << self._shift:
                self._shift += 1
            segments = ((chunks - 1) >> self._shift) + 1
            self.reuse = np.zeros((segments + 1, segments), dtype=np.int64)
            self._rows = -(-min(blocks, _GROUPS) // 32)
        self._chunk += 1

    def visit(self, access: Access) -> int:
        """Note an access to global memory; returns its distinct sectors, summed over its warps."""
        buffer = access.buffer
        sectors = self._sectors.get(buffer)
        if sectors is None:
            sectors = self._sectors[buffer] = _Sectors(buffer)
        whole, rest = divmod(access.shift, SECTOR_BYTES)
        touched, visits, groups = _touched(access, rest)
        done = 0
        while True:
            done, stored = _visit(
                sectors.uses,
                sectors.loaders,
                self.loaded_by,
                self.reuse,
                self._chunk,
                self._shift,
                visits,
                groups,
                whole,
                _KINDS[access.op],
                done,
            )
            self.stored += stored
            if done == visits.shape[0]:
                break
            sectors.loaders = np.zeros((self._rows, sectors.uses.shape[0]), dtype=np.int64)
        return touched

    def end(self) -> None:
        """The launch is done: forget the sectors, keep the numbers."""
        self._sectors.clear()


class _Sectors:
    """What is known of the sectors of one buffer: see `_visit`. `loaders` is made when it is needed."""

    def __init__(self, buffer: Buffer) -> None:
        self.uses = np.zeros(buffer.storage.shape[0] // SECTOR_BYTES + 1, dtype=np.int64)
        self.loaders = np.zeros((0, 0), dtype=np.int64)


def _touched(access: Access, rest: int) -> tuple[int, np.ndarray, np.ndarray]:
    """(distinct sectors summed over warps, sectors, the group of blocks that visits each) at distance `rest`.

    Sectors are int64, counted from the pattern's; they are the same for all distances that differ by whole sectors.
    """
    facts = access.pattern.facts(access.mask)
    known = facts.get(("sectors", rest))
    if known is None:
        pattern, mask, size = access.pattern, access.mask, access.itemsize
        threads, warp = mask.threads_per_block, 32
        addresses = per_lane(pattern.at(rest))
        if mask.full and not pattern.uniform:
            units, lanes, bytes_ = pattern.units(size, rest)
            if threads % lanes == 0:
                addresses, size, threads, warp = units, bytes_, threads // lanes, warp // lanes
        most = mask.warps * warp * (size // SECTOR_BYTES + 2)
        sectors, groups = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
        blocks = mask.bits.shape[0] // mask.threads_per_block
        of_warp = np.empty(warp * (size // SECTOR_BYTES + 2), dtype=np.int64)
        touched, visits = _list(addresses, size, mask.bits, mask.full, blocks, threads, warp, sectors, groups, of_warp)
        known = facts["sectors", rest] = int(touched), sectors[:visits].copy(), groups[:visits].copy()
    return known


@native
def _list(
    addresses: Any,
    itemsize: Any,
    bits: Any,
    full: Any,
    blocks: Any,
    threads: Any,
    warp: Any,
    sectors: Any,
    groups: Any,
    of_warp: Any,
) -> Any:
    """(distinct sectors summed over warps, visits listed): which sectors each group of blocks visits.

    A block has so many `threads`, or larger units of `itemsize` bytes, of which so many make up a `warp`. A
    group's visits to the sectors that it has just been to are left out; they would change nothing. `of_warp` has
    room for the sectors of one warp.
    """
    touched = 0
    visits = 0
    per_group = (blocks + _GROUPS - 1) // _GROUPS
    for block in range(blocks):
        group = block // per_group
        end = (block + 1) * threads
        for start in range(block * threads, end, warp):
            count = _distinct(addresses, itemsize, bits, full, start, min(start + warp, end), of_warp)
            touched += count
            before = visits - count
            for k in range(count):
                if before + k >= 0 and sectors[before + k] == of_warp[k] and groups[before + k] == group:
                    continue
                sectors[visits] = of_warp[k]
                groups[visits] = group
                visits += 1
    return touched, visits


@native
def _visit(
    uses: Any,
    loaders: Any,
    loaded_by: Any,
    reuse: Any,
    chunk: Any,
    shift: Any,
    visited: Any,
    groups: Any,
    whole: Any,
    kind: Any,
    done: Any,
) -> Any:
    """Enter visits to the sectors `visited` + `whole`, but for the first `done`.

    Returns how many are done, fewer than all if `loaders` is needed and empty, and how many sectors were written for
    the first time. `kind` is 0 for loads, 1 for stores, 2 for atomics. Only if several groups of blocks load a sector
    in one chunk, row r of `loaders` says which of the groups 32 * r to 32 * r + 31 they are, one bit each, and in
    which chunk << 32.
    """
    stored = 0
    segment = (chunk - 1) >> shift
    for k in range(done, visited.shape[0]):
        sector = visited[k] + whole
        word = uses[sector]
        before = word >> _CHUNK_BITS
        if before != chunk:
            if kind != 1:
                reuse[((before - 1) >> shift) + 1, segment] += 1
            word = word & (_LOADERS | _STORED) | np.int64(chunk) << _CHUNK_BITS
        if kind == 0:
            group = groups[k]
            first = (word >> _GROUP_BITS & _GROUP) - 1
            if first != group:
                new = first < 0
                if new:
                    word |= (group + 1) << _GROUP_BITS
                else:
                    if loaders.shape[0] == 0:
                        return k, stored
                    if not word & _SEVERAL:
                        word |= _SEVERAL
                        _is_new(loaders, sector, first, chunk)
                    new = _is_new(loaders, sector, group, chunk)
                if new:
                    loaded_by[word & _LOADERS] -= 1
                    word += 1
                    loaded_by[word & _LOADERS] += 1
        elif not word & _STORED:
            word |= _STORED
            stored += 1
        uses[sector] = word
    return visited.shape[0], stored


@native
def _is_new(loaders: Any, sector: Any, group: Any, chunk: Any) -> Any:
    """Add a group to the loaders of a sector; True if it was not one of them."""
    row, bit = group >> 5, np.int64(1) << (group & 31)
    known = loaders[row, sector]
    if known >> 32 != chunk:
        known = np.int64(chunk) << 32
    loaders[row, sector] = known | bit
    return not known & bit


@native
def _distinct(addresses: Any, itemsize: Any, bits: Any, full: Any, start: Any, stop: Any, out: Any) -> Any:
    """The distinct sectors of one warp's request, lanes `start` to `stop`: their number; `out` receives them."""
    active = stop - start
    if not full:
        active = 0
        for lane in range(start, stop):
            active += bits[lane]
    if active == 0:
        return 0
    if addresses.shape[0] == 1:
        low = addresses[0] >> 5
        count = ((addresses[0] + itemsize - 1) >> 5) - low + 1
        for k in range(count):
            out[k] = low + k
        return count
    if active == stop - start:
        # Slices, because only their loops become vector code.
        here, after = addresses[start:stop], addresses[start + 1 : stop]
        gaps = np.int64(0)
        changes = 0
        irregular = 32 - itemsize - (here[0] & 31)
        for k in range(after.shape[0]):
            gaps |= (after[k] - here[k]) ^ itemsize
            step = (after[k] >> 5) - (here[k] >> 5)
            irregular |= step | (32 - itemsize - (after[k] & 31))
            changes += step != 0
        low = here[0] >> 5
        if gaps == 0:  # one element after the other
            count = ((here[-1] + itemsize - 1) >> 5) - low + 1
            for k in range(count):
                out[k] = low + k
            return count
        if irregular >= 0:  # upwards, no element in two sectors: each change of sector is a new one
            out[0] = low
            count = 1
            for k in range(here.shape[0]):
                if count > changes:
                    break
                sector = here[k] >> 5
                if sector != out[count - 1]:
                    out[count] = sector
                    count += 1
            return count
    count = 0
    last = highest = -1
    for lane in range(start, stop):
        if full or bits[lane]:
            for sector in range(addresses[lane] >> 5, ((addresses[lane] + itemsize - 1) >> 5) + 1):
                if sector == last:
                    continue
                last = sector
                known = False
                if sector <= highest:
                    for k in range(count):
                        if out[k] == sector:
                            known = True
                            break
                if not known:
                    out[count] = sector
                    count += 1
                    highest = max(highest, sector)
    return count
