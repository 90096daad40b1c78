"""One access of one warp: its lanes against the 32-byte sectors of global memory, or the 32 banks of shared memory."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import chalk
import numpy as np
from chalk.types import Diagram

from gpusim.errors import GpusimError
from gpusim.view.palette import color
from gpusim.view.picture import Picture
from gpusim.view.shapes import box, label, text_width
from gpusim.view.svg import render

LANES = 32
LANE = 18.0
LEFT, MARGIN = 84.0, 24.0
DROP = 76.0
"""Distance between the row of lanes and what they ask for."""

SECTOR_BYTES = 32
WORD_BYTES = 4
BANKS = 32
MOST_SECTORS = 32

_ROLES = {"load": "read", "store": "write", "atomic": "atomic"}
_VERBS = {"load": "read", "store": "write", "atomic": "update"}


def draw_access(
    run: Any, line: int, array: str | None = None, visit: int = 1, block: int = 0, warp: int = 0
) -> Picture:
    """The access of a warp in `line` of a traced `run`, the `visit`th time that it comes there.

    `array` chooses one where a line uses several. Raises `GpusimError` when the launch was not traced, or the warp
    of that block makes no such access of global or shared memory.
    """
    event, lanes, elements = _find(run, line, array, visit, block, warp)
    size = run.arrays[event.array]["dtype"].itemsize
    addresses = elements * size
    if event.space == "shared":
        parts, below, says = _banks(event.op, lanes, addresses, size)
    else:
        parts, below, says = _sectors(event.op, lanes, addresses, size)
    title = f"{event.array}, line {line}"
    subtitle = f"{len(lanes)} lanes of warp {warp} {_VERBS[event.op]} {event.space} memory: {says}"
    parts += [
        label(title, 16, "start", bold=True, mono=True).translate(MARGIN, MARGIN + 8),
        label(subtitle, 12, "start", role="muted").translate(MARGIN, MARGIN + 30),
        label("lanes", 12, "end", role="muted").translate(LEFT - 12, _TOP + LANE / 2),
        *(_lane(lane, event.op if lane in lanes else "") for lane in range(LANES)),
    ]
    width = max(LEFT + LANES * LANE, MARGIN + text_width(subtitle, 12)) + MARGIN
    return Picture(render(chalk.concat(parts), width, below + MARGIN, f"{title}: {subtitle}"))


_TOP = MARGIN + 54


def _find(
    run: Any, line: int, array: str | None, visit: int, block: int, warp: int
) -> tuple[Any, list[int], np.ndarray]:
    """The event, its lanes in the warp, and their elements."""
    if run.trace is None:
        raise GpusimError(f"the launch of {run.kernel} was not traced: run it with simulate({run.kernel}, trace=True)")
    left = visit
    for event in run.trace:
        if event.line != line or event.space not in ("global", "shared") or array not in (None, event.array):
            continue
        mine = (event.block == block) & (event.thread // LANES == warp)
        left -= bool(mine.any())
        if mine.any() and left == 0:
            return event, (event.thread[mine] % LANES).tolist(), event.element[mine]
    what = "global or shared memory" if array is None else f"'{array}'"
    raise GpusimError(f"warp {warp} of block {block} does not access {what} in line {line} {visit} times")


def _lane(lane: int, op: str) -> Diagram:
    x, y = LEFT + (lane + 0.5) * LANE, _TOP + LANE / 2
    square = box(LANE - 2, LANE - 2, radius=3).fill_color(color(_ROLES.get(op, "cell")))
    square = square.line_color(color("line")).line_width_local(0 if op else 1)
    return chalk.concat([square, label(str(lane), 8.5, role="paper" if op else "muted")]).translate(x, y)


def _wire(lane: int, x: float, y: float, role: str) -> Diagram:
    """A line from a lane to what it asks for."""
    start = LEFT + (lane + 0.5) * LANE
    path = chalk.Path.from_list_of_tuples([(start, _TOP + LANE), (start, _TOP + LANE + 6), (x, y - 6), (x, y)])
    return path.stroke().line_color(color(role)).line_width_local(1.1)


def _sectors(op: str, lanes: list[int], addresses: np.ndarray, size: int) -> tuple[list[Diagram], float, str]:
    first, last = addresses // SECTOR_BYTES, (addresses + size - 1) // SECTOR_BYTES
    sectors = sorted({int(s) for pair in zip(first, last, strict=True) for s in range(pair[0], pair[1] + 1)})
    shown = sectors[:MOST_SECTORS]
    room = min(LANES * LANE / max(len(shown), 8), 76.0)
    y = _TOP + LANE + DROP
    parts: list[Diagram] = [label("sectors", 12, "end", role="muted").translate(LEFT - 12, y + 9)]
    used: dict[int, set[int]] = defaultdict(set)
    for lane, address in zip(lanes, addresses.tolist(), strict=True):
        for byte in range(address, address + size):
            used[byte // SECTOR_BYTES].add(byte % SECTOR_BYTES)
        if address // SECTOR_BYTES in shown:
            left = LEFT + shown.index(address // SECTOR_BYTES) * room + 1
            inside = (address % SECTOR_BYTES + size / 2) / SECTOR_BYTES
            parts.append(_wire(lane, left + inside * (room - 2), y, _ROLES[op]))
    for i, sector in enumerate(shown):
        left = LEFT + i * room + 1
        frame = box(room - 2, 18).fill_color(color("cell")).line_color(color("muted")).line_width_local(1)
        parts.append(frame.translate(left + room / 2 - 1, y + 9))
        width = (room - 2) / SECTOR_BYTES
        for start, stop in _runs(sorted(used[sector])):
            bar = box((stop - start) * width, 16).fill_color(color(_ROLES[op])).line_width(0)
            parts.append(bar.translate(left + (start + stop) / 2 * width, y + 9))
    least = -(-len(set(addresses.tolist())) * size // SECTOR_BYTES)
    says = f"{len(sectors)} sectors of 32 bytes travel"
    says += " (as few as can be)" if len(sectors) <= least else f" ({least} would do)"
    return parts, y + 18, says


def _banks(op: str, lanes: list[int], addresses: np.ndarray, size: int) -> tuple[list[Diagram], float, str]:
    words: list[dict[int, list[int]]] = [defaultdict(list) for _ in range(BANKS)]
    for lane, address in zip(lanes, addresses.tolist(), strict=True):
        for word in range(address // WORD_BYTES, (address + size - 1) // WORD_BYTES + 1):
            words[word % BANKS][word].append(lane)
    deepest = max(map(len, words))
    high = max(5.0, min(16.0, 200 / deepest))
    y = _TOP + LANE + DROP
    parts: list[Diagram] = [label("banks", 12, "end", role="muted").translate(LEFT - 12, y + 8)]
    for bank, asked in enumerate(words):
        x = LEFT + (bank + 0.5) * LANE
        if not asked:
            empty = box(LANE - 3, 14).fill_color(color("cell")).line_color(color("line")).line_width_local(1)
            parts.append(empty.translate(x, y + 8))
        for depth, users in enumerate(asked.values()):
            role = "fault" if depth else _ROLES[op]
            parts.append(_wire(users[0], x, y + depth * high, role))
            parts.append(box(LANE - 3, high - 1.5, radius=2).fill_color(color(role)).line_width(0).translate(
                x, y + (depth + 0.5) * high
            ))  # fmt: skip
    groups = 4 if size > 8 else 2 if size > 4 else 1
    says = "one wavefront" if deepest == 1 else f"up to {deepest} words of one bank"
    if groups > 1:
        says += f", {groups} groups of lanes one after the other"
    elif deepest > 1:
        says += f": {deepest} wavefronts, {deepest - 1} bank conflict{'s' * (deepest > 2)}"
    return parts, y + max(deepest * high, 16), says


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Runs of consecutive numbers, as (first, one behind the last)."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1] = runs[-1][0], number + 1
        else:
            runs.append((number, number + 1))
    return runs
