"""synccheck inside warps: votes, shuffles, matches and `syncwarp` without some of their lanes.

The rules (CUDA C++ Programming Guide, "Warp Shuffle Functions" and "__syncwarp()"): a caller's mask
names the caller; callers that name each other pass the same mask; a lane that is named and has not
returned executes the same operation; what a lane reads from one that does not take part is undefined.
"""

from __future__ import annotations

import numpy as np

from gpusim.events.observer import Observer
from gpusim.events.warps import WarpCall
from gpusim.events.whereabouts import Whereabouts
from gpusim.findings import Finding
from gpusim.machine.chunk import Chunk
from gpusim.places import Place, Site

ONE = np.uint32(1)


class WarpOperations(Observer):
    """Finds warp operations that not all named lanes execute, and shuffles from lanes that do not take part."""

    def __init__(self) -> None:
        self._waiting: dict[int, dict[tuple[int, int], tuple[Site, int, int]]] = {}

    def begin_chunk(self, chunk: Chunk) -> None:
        self._waiting[chunk.first_block] = {}

    def end_chunk(self, chunk: Chunk) -> None:
        for (warp, named), (site, arrived, absent) in self._waiting.pop(chunk.first_block).items():
            self._absent(site, chunk, warp, named, arrived, absent, Whereabouts("unknown", "never comes to it"))

    def warp_call(self, call: WarpCall) -> None:
        site, chunk, active = call.site, call.chunk, call.mask.bits
        lane = chunk.geometry.lane_id.astype(np.uint32)
        outsiders = active & (call.named >> lane & ONE == 0)
        if outsiders.any():
            who = int(np.argmax(outsiders))
            self._note(
                site,
                "caller-not-in-mask",
                f"{_lane(chunk, who)} executes `{site.text}`, but its mask 0x{call.named[who]:x} does not name it; "
                "name every lane that executes the operation, and no other",
                chunk,
                who,
                count=int(outsiders.sum()),
            )
        if call.named.strides != (0,):
            self._compare_masks(site, call)
        absent = np.where(active, call.named & call.alive & ~call.present, np.uint32(0))
        if call.elsewhere:
            self._meet(site, chunk, active, call, absent)
        elif absent.any():
            who = int(np.argmax(absent != 0))
            warp, missing = int(chunk.geometry.warp[who]), int(absent[who])
            place = call.search(int(chunk.geometry.warp_starts[warp]) + _first(missing))
            self._absent(site, chunk, warp, int(call.named[who]), int(call.present[who]), missing, place)

    def _compare_masks(self, site: Site, call: WarpCall) -> None:
        """Lanes that name each other must pass the same mask."""
        chunk = call.chunk
        first = chunk.geometry.warp_starts[chunk.geometry.warp]
        for lane in range(32):
            other = np.minimum(first + lane, chunk.lanes - 1)
            both = call.mask.bits & ((call.named & call.present) >> np.uint32(lane) & ONE != 0)
            differ = both & (call.named[other] != call.named)
            if differ.any():
                who = int(np.argmax(differ))
                self._note(
                    site,
                    "different-masks",
                    f"{_lane(chunk, who)} passes mask 0x{call.named[who]:x} to `{site.text}`, but lane {lane}, which "
                    f"it names, passes 0x{call.named[other[who]]:x}; give all lanes of a group the same mask",
                    chunk,
                    who,
                    count=int(differ.sum()),
                )
                return

    def _meet(self, site: Site, chunk: Chunk, active: np.ndarray, call: WarpCall, absent: np.ndarray) -> None:
        """`syncwarp` in both branches of an `if` is fine: lanes wait until those that they name have come to one."""
        waiting = self._waiting[chunk.first_block]
        warps = {warp for warp, _ in waiting} | {int(warp) for warp in np.unique(chunk.geometry.warp[absent != 0])}
        for warp in warps:
            start = int(chunk.geometry.warp_starts[warp])
            lanes = np.flatnonzero(active[start : start + 32]) + start
            for named, who in {int(call.named[lane]): lane for lane in lanes}.items():
                first, arrived, _ = waiting.pop((warp, named), (site, 0, 0))
                arrived |= int(call.present[who])
                missing = named & int(call.alive[who]) & ~arrived
                if missing:
                    waiting[warp, named] = first, arrived, missing

    def _absent(
        self, site: Site, chunk: Chunk, warp: int, named: int, present: int, absent: int, place: Whereabouts
    ) -> None:
        """Some lanes that a mask names are not there."""
        start = int(chunk.geometry.warp_starts[warp])
        who = start + _first(present)
        block, thread = chunk.where(start + _first(absent))
        self._note(
            site,
            "absent-lanes",
            f"`{site.text}` names {_lanes(named)}, but in warp {who % chunk.threads // 32} of block {block} only "
            f"{_lanes(present)} execute it: lane {_first(absent)} {place.said}; "
            "move it to where all named lanes are, or name only those that are there",
            chunk,
            who,
            other=Place(Site(site.kernel, site.file, place.line or site.line, ""), block, thread),
        )

    def shuffle(self, call: WarpCall, source: np.ndarray, relative: bool) -> None:
        site, chunk = call.site, call.chunk
        bit = ONE << source.astype(np.uint32)
        # Lanes that are named and alive, but not present, have been reported as absent.
        undefined = call.mask.bits & (call.named & (call.present | call.alive) & bit == 0)
        asked = undefined & (call.named & bit != 0)
        returned = asked & (chunk.geometry.warp_lanes & bit != 0)
        # In a scan or reduction the last lanes reach past their group, and nobody uses what they get.
        served = call.mask.bits & ~undefined & (source != chunk.geometry.lane_id)
        served = np.bitwise_or.reduceat(served, chunk.geometry.warp_starts)[chunk.geometry.warp]
        wrong = undefined & (returned | ~served) if relative else undefined
        severity = "error" if wrong.any() else "note"
        lanes = wrong if wrong.any() else asked
        if not lanes.any():
            return
        who = int(np.argmax(lanes))
        what = "has returned" if returned[who] else "does not exist in this block" if asked[who] else "takes no part"
        self._note(
            site,
            "inactive-source",
            f"`{site.text}` reads from lane {source[who]} in {_lane(chunk, who)}, but that lane {what}, so that the "
            "value is undefined; let it take part, or do not use the value",
            chunk,
            who,
            severity,
            count=int(lanes.sum()),
        )

    def _note(
        self,
        site: Site,
        kind: str,
        message: str,
        chunk: Chunk,
        lane: int,
        severity: str = "error",
        other: Place | None = None,
        count: int = 1,
    ) -> None:
        place = chunk.place(site, lane)
        self.report(Finding.at(place, "synccheck", kind, severity, message, other=other, count=count))


def _lane(chunk: Chunk, lane: int) -> str:
    block, thread = chunk.where(lane)
    return f"lane {lane % chunk.threads % 32} (thread {thread} of block {block})"


def _first(lanes: int) -> int:
    """The lowest lane of a set."""
    return (lanes & -lanes).bit_length() - 1


def _lanes(mask: int) -> str:
    """A set of lanes in words: "lanes 0-15, 20"."""
    parts = []
    lane = 0
    while lane < 32:
        stop = lane
        while mask >> stop & 1:
            stop += 1
        if stop > lane:
            parts.append(str(lane) if stop == lane + 1 else f"{lane}-{stop - 1}")
        lane = stop + 1
    return f"lane{'s' * (mask.bit_count() > 1)} {', '.join(parts)}"
