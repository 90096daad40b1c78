"""Races in words: how severe a conflict is, what it is called, what usually fixes it.

Severity: an error, except that a warning is enough for concurrent writes of the same value, and for
hazards between instructions of one warp, which come out right on GPUs that run the warp in step. Two
lanes that write different values in one instruction, or that update an element by reading and then
writing it, are wrong on every GPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gpusim.events.access import Access
from gpusim.findings.collection import Findings, Key
from gpusim.findings.finding import Finding
from gpusim.machine.chunk import Dim, coordinates
from gpusim.observe.element import element_of, position_of
from gpusim.observe.race.shadow import ACROSS_BLOCKS, INSIDE_WARP, READ, RIVAL, UPDATED, WROTE
from gpusim.places import Place, Site

_DOES = {"load": "reads", "store": "writes", "atomic": "atomically updates"}
_NOW = {"load": "read", "store": "write", "atomic": "atomic"}


class Races:
    """The races of a launch, each pair of places in the source once. `sites[time]` is where an access stands."""

    def __init__(self, grid: Dim, block: Dim, sites: list[Site | None]) -> None:
        self._grid = grid
        self._block = block
        self._sites = sites
        self._threads = block[0] * block[1] * block[2]
        self.findings = Findings()
        self._known: dict[tuple[Any, ...], Key] = {}  # findings by what they are about
        self._settled: dict[tuple[Any, ...], Key] = {}  # errors, by what is known before judging

    def add(self, access: Access, conflicts: np.ndarray) -> None:
        """Judge conflicts of one access: int64 (3, n) of lane, earlier stamp, relation * 16 + role."""
        conflicts = self._unsettled(access, conflicts)
        if conflicts.shape[1] == 0:
            return
        lanes, stamps, kinds = conflicts
        times, roles, relations = stamps >> 32, kinds & 15, kinds >> 4
        now = len(self._sites) - 1
        inside = relations == INSIDE_WARP
        same = np.zeros(lanes.shape[0], dtype=np.bool_)
        lost = self._lost_updates(access, lanes, times, roles, inside, now)
        together = times == now
        if access.op == "store":
            wrote = roles <= RIVAL
            same[wrote] = self._same_value(access, lanes[wrote], stamps[wrote], together[wrote])
            # A store that changes nothing cannot disturb lanes of its own warp that have read the element.
            silent = inside & ~wrote & (roles < UPDATED) & ~lost
            silent[silent] = self._leaves_unchanged(access, lanes[silent])
        else:
            silent = np.zeros_like(same)
        mild = ~lost & (same | (inside & ~together))
        order = np.lexsort((roles, ~lost, mild, lanes))
        order = order[~silent[order]]
        worst = order[np.unique(lanes[order], return_index=True)[1]]
        rows = np.stack([times, kinds, mild * 4 + lost * 2 + same], axis=1)[worst].tolist()
        groups: dict[tuple[int, ...], list[int]] = {}
        for k, row in zip(worst.tolist(), rows, strict=True):
            groups.setdefault(tuple(row), []).append(k)
        for (time, kind, flag), members in groups.items():
            k = members[0]
            self._note(access, int(lanes[k]), int(stamps[k]), time, kind, flag, len(members))

    def _unsettled(self, access: Access, conflicts: np.ndarray) -> np.ndarray:
        """Conflicts of lanes that have none of a kind known to be an error; the others are only counted."""
        if not self._settled:
            return conflicts
        lanes, stamps, kinds = conflicts
        classes, members = np.unique(stamps >> 32 << 8 | kinds, return_inverse=True)
        known: dict[int, Key] = {}
        for k, number in enumerate(classes.tolist()):
            finding = self._settled.get((access.site, access.buffer.array, self._sites[number >> 8], number & 255))
            if finding is not None:
                known[k] = finding
        rows = np.flatnonzero(np.isin(members, list(known)))
        settled, first = np.unique(lanes[rows], return_index=True)
        counts = np.bincount(members[rows[first]], minlength=classes.shape[0])
        for k, finding in known.items():
            self.findings.repeat(finding, int(counts[k]))
        return conflicts[:, ~np.isin(lanes, settled)]

    def _lost_updates(
        self, access: Access, lanes: np.ndarray, times: np.ndarray, roles: np.ndarray, inside: np.ndarray, now: int
    ) -> np.ndarray:
        """Conflicts of `a[i] = a[i] + x` with itself in another thread, bool."""
        sites = self._sites
        rereads = {time for time in np.unique(times).tolist() if _same_place(access.site, sites[time])}
        if not rereads or access.op == "atomic":
            return np.zeros(lanes.shape[0], dtype=np.bool_)
        own = np.isin(times, list(rereads))
        if access.op == "load":
            return own & (roles <= RIVAL) & ~inside
        reads = own & (roles >= READ) & (roles < UPDATED)
        if not reads.any():
            return reads
        # In one warp, only lanes that store to one element in the same instruction lose updates for certain.
        addresses = np.broadcast_to(access.addresses, access.chunk.lanes)
        twice = np.isin(addresses[lanes], addresses[lanes[(roles == WROTE) & (times == now)]])
        return (reads & (~inside | twice)) | (own & (roles == WROTE) & (times == now) & np.isin(lanes, lanes[reads]))

    @staticmethod
    def _same_value(access: Access, lanes: np.ndarray, stamps: np.ndarray, together: np.ndarray) -> np.ndarray:
        """For which pairs of stores do both write the same bytes? `together`: in the same instruction."""
        first = access.chunk.first_block * access.chunk.threads
        addresses = np.broadcast_to(access.addresses, access.chunk.lanes)
        values = _bytes_of(access)
        same = (_memory(access, lanes) == values[lanes]).all(axis=1)
        others = np.where(together, (stamps & 0xFFFFFFFF) - first, lanes)
        at_once = (values[others] == values[lanes]).all(axis=1) & (addresses[others] == addresses[lanes])
        return np.where(together, at_once, same)

    @staticmethod
    def _leaves_unchanged(access: Access, lanes: np.ndarray) -> np.ndarray:
        return (_memory(access, lanes) == _bytes_of(access)[lanes]).all(axis=1)

    def _note(self, access: Access, lane: int, stamp: int, time: int, kind: int, flag: int, count: int) -> None:
        relation, role = kind >> 4, kind & 15
        mild, lost, same = bool(flag & 4), bool(flag & 2), bool(flag & 1)
        other = self._sites[time]
        assert other is not None
        site = access.site
        name = "lost-update" if lost else f"{_NOW[access.op]}-after-{_before(role)}"
        severity = "warning" if mild else "error"
        key = (name, severity, site, other, access.buffer.array)
        known = self._known.get(key)
        if known is not None:
            if not mild:
                self._settled[site, access.buffer.array, other, kind] = known
            self.findings.repeat(known, count)
            return
        array = access.buffer.array
        place = self._place(site, access.chunk.first_block * access.chunk.threads + lane)
        rival = self._place(other, stamp & 0xFFFFFFFF)
        here = f"thread {place.thread} of block {place.block}"
        there = f"thread {rival.thread} of {'the same block' if rival.block == place.block else f'block {rival.block}'}"
        what = f"race on {array.space} array '{array.name}' at {element_of(access, lane)}: "
        if lost:
            what += f"{here} and {there} both read, change and write it, so that one of the updates can be lost"
        elif time == len(self._sites) - 1:
            what += f"{here} and {there} write it in the same instruction, {_outcome(same)}"
        else:
            what += (
                f"{here} {_DOES[access.op]} it here, {there} {_did(role)} it in line {other.line}, "
                f"{_missing(relation, same)}"
            )
        message = f"{what}; {_fix(relation, role, access, lost, time == len(self._sites) - 1)}"
        finding = Finding.at(
            place, "racecheck", name, severity, message, array, rival, count, position_of(access, lane)
        )
        self._known[key] = self.findings.add(finding)
        if not mild:
            self._settled[site, access.buffer.array, other, kind] = self._known[key]

    def _place(self, site: Site, thread: int) -> Place:
        block, within = divmod(thread, self._threads)
        return Place(site, coordinates(block, self._grid), coordinates(within, self._block))


def _same_place(a: Site, b: Site | None) -> bool:
    return b is not None and (a is b or (a.file, a.line, a.text) == (b.file, b.line, b.text))


def _bytes_of(access: Access) -> np.ndarray:
    """What a store writes, uint8 (lanes, element size)."""
    values = np.broadcast_to(access.values, access.chunk.lanes)
    return np.ascontiguousarray(values).view(np.uint8).reshape(-1, access.itemsize)


def _memory(access: Access, lanes: np.ndarray) -> np.ndarray:
    """What memory holds where `lanes` access it, uint8 (n, element size)."""
    addresses = np.broadcast_to(access.addresses, access.chunk.lanes)[lanes]
    return access.buffer.storage[addresses[:, None] + np.arange(access.itemsize)]


def _before(role: int) -> str:
    return "write" if role <= RIVAL else "read" if role < UPDATED else "atomic"


def _did(role: int) -> str:
    return {"write": "writes", "read": "reads", "atomic": "atomically updates"}[_before(role)]


def _outcome(same: bool) -> str:
    return "both with the same value" if same else "with different values, and either may stay"


def _missing(relation: int, same: bool) -> str:
    if relation == ACROSS_BLOCKS:
        missing = "and blocks run in any order"
    elif relation == INSIDE_WARP:
        missing = "in the same warp, and no cuda.syncwarp() lies between"
    else:
        missing = "and no barrier lies between"
    return missing + " (both write the same value)" * same


def _fix(relation: int, role: int, access: Access, lost: bool, together: bool) -> str:
    if lost:
        return "use cuda.atomic.add, or another atomic operation"
    if together:
        return "let one thread write it (`if cuda.threadIdx.x == 0:`), or give each thread its own element"
    atomic = role >= UPDATED or access.op == "atomic"
    if relation == ACROSS_BLOCKS:
        first = "use an atomic for both" if atomic else "give each block its own elements, use cuda.atomic"
        flag = "order the two by an atomic flag, with cuda.threadfence() before it is set and after it is read"
        return f"{first}, split the kernel into two launches, or {flag}"
    first = "use an atomic for both, or " if atomic else ""
    if relation == INSIDE_WARP:
        return f"{first}put cuda.syncwarp() or cuda.syncthreads() between the two"
    return f"{first}put cuda.syncthreads() between the two{'' if atomic else ', or give each thread its own element'}"
