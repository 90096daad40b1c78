"""A recording as bytes: columns, each byte of their elements for itself, compressed.

Layout (little-endian): the length of the header (uint32), the header (JSON, UTF-8), then the columns, one after the
other. Of a column of n elements of s bytes, all n first bytes come first, then all n second bytes, and so on: bytes
that mean the same stand together, and deflate finds what repeats. All of it is one zlib stream (RFC 1950).

Columns: `rows.*`, one element for each row of the log; `starts`, the row at which each step starts; `masks.length`
and `masks.runs`, of each mask the number of runs, and the runs themselves, pairs of first thread and length;
`addresses.length` and `addresses.steps`, of each vector its length, and the differences from one element to the
next; `values.type` and `values.length`, and `values.N`, the elements of N bytes of all of them; `contents.N` and
`known.N`, bytes of array number N at the start; `cells.N`, which elements of a large array are recorded.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpusim.findings import Finding
from gpusim.memory.buffer import Array
from gpusim.observe.recording.contents import Contents
from gpusim.observe.recording.log import ASSIGN, NOTHING, Log, Row
from gpusim.observe.recording.recorder import WHOLE_BYTES, Recorder, spread
from gpusim.observe.recording.spots import Spots

HARD_LIMIT = 2 << 20
"""Bytes that no recording exceeds."""

PICTURE_LIMIT = 256 << 10
"""Bytes for a launch of the size of a picture."""

VERSION = 1


@dataclass(frozen=True)
class Recording:
    """`data` is what the player reads; `header` the part of it that is JSON."""

    data: bytes
    header: dict[str, Any]

    @property
    def steps(self) -> int:
        return int(self.header["steps"])


def pack(recorder: Recorder, findings: Sequence[Finding], facts: dict[str, Any], limit: int = HARD_LIMIT) -> Recording:
    """The recording in at most `limit` bytes, with `facts` in its header.

    If it does not fit, float64 variables are rounded to float32, then blocks are left out (those of findings last),
    then the last steps. The header says what is not there: `blocks`, `complete`, `rounded`.
    """
    log, complete = recorder.log, recorder.complete
    rounded = False
    while True:
        recording = _packed(log, recorder, findings, {**facts, "complete": complete, "rounded": rounded})
        size = len(recording.data)
        if size <= limit:
            return recording
        if not rounded:
            rounded, log = True, _rounded(log)
        elif len(log.blocks) > 1:
            fits = max(1, min(len(log.blocks) - 1, int(len(log.blocks) * limit / size)))
            log = log.restricted(_chosen(log.blocks, fits, Spots(log, recorder.grid, recorder.block).blocks(findings)))
        else:
            complete = False
            log = log.cut(max(1, int(len(log.starts) * min(0.9, limit / size))))


def _chosen(blocks: list[int], count: int, wanted: list[int]) -> set[int]:
    """`count` of the blocks, the wanted ones first."""
    first = wanted[:count]
    others = [block for block in blocks if block not in first]
    return {*first, *spread(others, min(count - len(first), len(others)))}


def _rounded(log: Log) -> Log:
    """The log with variables of at most 32 bits: what a screen shows of a float64."""
    rows: list[Row] = []
    numbers: dict[int, int] = {}
    for row in log.rows:
        if row.kind == ASSIGN and log.vectors[row.value].dtype == np.float64:
            if row.value not in numbers:
                with np.errstate(over="ignore"):
                    numbers[row.value] = log.vectors.add(log.vectors[row.value].astype(np.float32))
            row = row._replace(value=numbers[row.value])
        rows.append(row)
    return Log(
        log.blocks, log.threads_per_block, rows, log.starts,
        log.masks, log.vectors, log.places, log.arrays, log.variables,
    )  # fmt: skip


class _Columns:
    """Columns by name, and the header's table of them."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.table: list[tuple[str, str, int]] = []

    def add(self, name: str, column: np.ndarray) -> None:
        column = np.ascontiguousarray(column)
        raw = column.view(np.uint8).reshape(-1, column.dtype.itemsize) if column.size else np.zeros((0, 1), np.uint8)
        self._parts.append(raw.T.tobytes())
        self.table.append((name, f"{column.dtype.kind}{column.dtype.itemsize}", int(column.shape[0])))

    def data(self, header: dict[str, Any]) -> bytes:
        text = json.dumps({**header, "columns": self.table}, separators=(",", ":")).encode()
        start = len(text).to_bytes(4, "little")
        return zlib.compress(b"".join((start, text, *self._parts)), 9)


class _Renumbered:
    """Numbers in order of first use, for the vectors that are used."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self._new: dict[int, int] = {NOTHING: NOTHING}

    def __call__(self, number: int) -> int:
        if number not in self._new:
            self._new[number] = len(self.order)
            self.order.append(number)
        return self._new[number]


def _packed(log: Log, recorder: Recorder, findings: Sequence[Finding], facts: dict[str, Any]) -> Recording:
    contents = Contents(log, recorder.contents, recorder.written)
    columns = _Columns()
    arrays = list(log.arrays)
    rows, cells = _without_gaps(log, contents.rows, arrays)
    masks, addresses, values = _Renumbered(), _Renumbered(), _Renumbered()
    fields: dict[str, list[int]] = {name: [] for name in Row._fields}
    for row in rows:
        for name, number in (
            ("kind", row.kind), ("place", row.place), ("mask", masks(row.mask)), ("what", row.what), ("base", row.base),
            ("addresses", addresses(row.addresses)), ("value", values(row.value)), ("after", values(row.after)),
        ):  # fmt: skip
            fields[name].append(number)
    for name, numbers in fields.items():
        columns.add(f"rows.{name}", np.array(numbers, dtype=np.uint8 if name == "kind" else np.int32))
    columns.add("starts", np.array(contents.starts, dtype=np.int32))
    _add_masks(columns, [log.masks[number] for number in masks.order])
    _add_addresses(columns, [log.vectors[number] for number in addresses.order])
    types = _add_values(columns, [log.vectors[number] for number in values.order])
    described = []
    for number, array in enumerate(arrays):
        described.append(_described(array, array in recorder.turned))
        if number in cells:
            columns.add(f"cells.{number}", cells[number].astype(np.int32))
        if array in contents.first:
            _add_contents(columns, number, array, contents.first[array], cells.get(number))
    header = {
        "version": VERSION,
        **facts,
        "grid": list(recorder.grid),
        "block": list(recorder.block),
        "blocks": log.blocks,
        "threads": log.threads_per_block,
        "steps": len(contents.starts),
        "places": [list(place) for place in log.places],
        "variables": [list(variable) for variable in log.variables],
        "arrays": described,
        "types": types,
        "spots": Spots(log, recorder.grid, recorder.block).of(findings),
    }
    return Recording(columns.data(header), header)


def _without_gaps(log: Log, rows: list[Row], arrays: list[Array]) -> tuple[list[Row], dict[int, np.ndarray]]:
    """Of large arrays only the elements that threads touch: rows with addresses among these, and which they are."""
    large = {
        number for number, array in enumerate(arrays)
        if array.space in ("global", "constant") and _bytes(array) > WHOLE_BYTES
    }  # fmt: skip
    if not large:
        return rows, {}
    touched: dict[int, list[np.ndarray]] = {number: [] for number in large}
    for row in rows:
        if row.addresses != NOTHING and row.what in large:
            size, own = arrays[row.what].dtype.itemsize, log.vectors[row.value].dtype.itemsize
            first = log.addresses(row) // size
            touched[row.what] += [first + k for k in range(-(-own // size))]
    cells = {number: np.unique(np.concatenate(parts or [np.zeros(0, np.int64)])) for number, parts in touched.items()}
    moved = []
    for row in rows:
        if row.addresses != NOTHING and row.what in large:
            size, there = arrays[row.what].dtype.itemsize, log.addresses(row)
            base, distances = log.distances(np.searchsorted(cells[row.what], there // size) * size + there % size)
            row = row._replace(base=base, addresses=distances)
        moved.append(row)
    return moved, cells


def _add_masks(columns: _Columns, masks: list[np.ndarray]) -> None:
    lengths, runs = [], []
    for threads in masks:
        breaks = np.flatnonzero(np.diff(threads) != 1) + 1
        firsts = threads[np.concatenate(([0], breaks))]
        ends = threads[np.concatenate((breaks - 1, [threads.shape[0] - 1]))] + 1
        lengths.append(firsts.shape[0])
        runs.append(np.stack((firsts, ends - firsts), axis=1).reshape(-1))
    columns.add("masks.length", np.array(lengths, dtype=np.int32))
    columns.add("masks.runs", np.concatenate(runs or [np.zeros(0)]).astype(np.int32))


def _add_addresses(columns: _Columns, vectors: list[np.ndarray]) -> None:
    columns.add("addresses.length", np.array([vector.shape[0] for vector in vectors], dtype=np.int32))
    steps = [np.diff(vector, prepend=np.int32(0)) for vector in vectors]
    columns.add("addresses.steps", np.concatenate(steps or [np.zeros(0)]).astype(np.int32))


def _add_values(columns: _Columns, vectors: list[np.ndarray]) -> list[Any]:
    """Add the vectors of values; returns the types that they have."""
    types: dict[np.dtype, int] = {}
    numbers = [types.setdefault(vector.dtype, len(types)) for vector in vectors]
    columns.add("values.type", np.array(numbers, dtype=np.uint8))
    columns.add("values.length", np.array([vector.shape[0] for vector in vectors], dtype=np.int32))
    for size in sorted({dtype.itemsize for dtype in types}):
        raw = [np.ascontiguousarray(vector).view(f"V{size}") for vector in vectors if vector.dtype.itemsize == size]
        columns.add(f"values.{size}", np.concatenate(raw))
    return [type_words(dtype) for dtype in types]


def _add_contents(
    columns: _Columns, number: int, array: Array, first: tuple[np.ndarray, np.ndarray], cells: np.ndarray | None
) -> None:
    memory, known = first
    if cells is not None:
        places = (cells[:, None] * array.dtype.itemsize + np.arange(array.dtype.itemsize)).reshape(-1)
        places = places[places < memory.shape[0]]
        memory, known = memory[places], known[places]
    size = array.dtype.itemsize if memory.shape[0] % max(array.dtype.itemsize, 1) == 0 else 1
    columns.add(f"contents.{number}", np.where(known, memory, 0).astype(np.uint8).view(f"V{size}"))
    columns.add(f"known.{number}", np.packbits(known, bitorder="little"))


def _described(array: Array, turned: bool) -> dict[str, Any]:
    shape = [int(extent) for extent in array.shape]
    return {"name": array.name, "space": array.space, "shape": shape, "type": type_words(array.dtype), "turned": turned}


def _bytes(array: Array) -> int:
    return int(np.prod(array.shape)) * array.dtype.itemsize


def type_words(dtype: np.dtype) -> Any:
    """A type as the player knows it: [kind, bytes, name], and of a record its fields as [name, offset, type]."""
    fields = [[name, int(offset), type_words(part)] for name, (part, offset, *_) in (dtype.fields or {}).items()]
    kind = "bf" if dtype.name == "bfloat16" else dtype.kind
    return [kind, dtype.itemsize, dtype.name, *([fields] if fields else [])]
