"""A second reader of recordings: their layout as gpusim/observe/recording/packing.py describes it, in NumPy."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

KINDS = ("statement", "load", "store", "atomic", "assign", "branch", "barrier", "meeting", "wait", "others")


@dataclass
class Event:
    """One row: `threads` are (block, thread) linear ids; `element` and `value` one for each of them."""

    kind: str
    line: int
    threads: list[tuple[int, int]]
    what: str = ""
    element: list[int] = field(default_factory=list)
    value: list[Any] = field(default_factory=list)


class Played:
    """A recording, carried out: `steps` are lists of events, loads with the values that memory holds by then."""

    def __init__(self, data: bytes) -> None:
        raw = zlib.decompress(data)
        size = int.from_bytes(raw[:4], "little")
        self.header = json.loads(raw[4 : 4 + size])
        self.columns: dict[str, np.ndarray] = {}
        at = 4 + size
        for name, kind, count in self.header["columns"]:
            width = int(kind[1:])
            planes = np.frombuffer(raw, np.uint8, count * width, at).reshape(width, count)
            column = np.ascontiguousarray(planes.T).reshape(-1)
            self.columns[name] = column.view(np.int32) if kind == "i4" else column
            at += count * width
        assert at == len(raw)
        self.memory: dict[tuple[int, int], np.ndarray] = {}
        self.undefined = 0
        self.steps = self._steps()

    def _split(self, lengths: str, column: np.ndarray) -> list[np.ndarray]:
        return np.split(column, np.cumsum(self.columns[lengths])[:-1]) if len(self.columns[lengths]) else []

    def _steps(self) -> list[list[Event]]:
        runs = self.columns["masks.runs"].reshape(-1, 2)
        masks = [
            np.concatenate([np.arange(first, first + n) for first, n in part])
            for part in self._split("masks.length", runs)
        ]
        distances = [np.cumsum(part) for part in self._split("addresses.length", self.columns["addresses.steps"])]
        values = self._values()
        names = ("kind", "place", "mask", "what", "base", "addresses", "value", "after")
        rows = [self.columns[f"rows.{name}"].tolist() for name in names]
        events = []
        for kind, place, mask, what, base, addresses, value, after in zip(*rows, strict=True):
            threads = [self._where(number) for number in masks[mask].tolist()]
            event = Event(KINDS[kind], self.header["places"][place][2], threads)
            count = len(threads)
            if value >= 0:
                event.value = np.broadcast_to(values[value], count).tolist()
            if event.kind == "assign":
                event.what = self.header["variables"][what][1]
            elif event.kind in ("load", "store", "atomic", "others"):
                array = self.header["arrays"][what]
                event.what = array["name"]
                at = np.broadcast_to(distances[addresses], count) + base
                event.element = self._elements(what, at)
                wide = values[after if event.kind == "atomic" else value]
                event.value = self._carry_out(event, what, array, masks[mask], at, wide) or event.value
            events.append(event)
        starts = self.columns["starts"].tolist()
        return [events[a:b] for a, b in zip(starts, [*starts[1:], len(events)], strict=True)]

    def _values(self) -> list[np.ndarray]:
        used: dict[int, int] = {}
        values = []
        for number, length in zip(self.columns["values.type"].tolist(), self.columns["values.length"], strict=True):
            kind, size, name = self.header["types"][number][:3]
            start = used.get(size, 0)
            used[size] = start + size * int(length)
            raw = self.columns[f"values.{size}"][start : used[size]]
            values.append(np.ascontiguousarray(raw).view(np.dtype(name) if kind in "biufc" else f"V{size}"))
        return values

    def _where(self, number: int) -> tuple[int, int]:
        block, thread = divmod(number, self.header["threads"])
        return self.header["blocks"][block], thread

    def _elements(self, what: int, addresses: np.ndarray) -> list[int]:
        places = addresses // self.header["arrays"][what]["type"][1]
        cells = self.columns.get(f"cells.{what}")
        return (places if cells is None else cells[places]).tolist()

    def _carry_out(
        self, event: Event, what: int, array: dict[str, Any], members: np.ndarray, at: np.ndarray, values: np.ndarray
    ) -> list[Any]:
        """Move memory on; the values that a load finds there."""
        size = values.dtype.itemsize
        shared = {"shared": self.header["threads"], "local": 1}.get(array["space"])
        found = []
        for i, (number, address) in enumerate(zip(members.tolist(), at.tolist(), strict=True)):
            memory = self._instance(what, 0 if shared is None else number // shared, address + size)
            if event.kind == "load":
                found.append(memory[address : address + size].view(values.dtype)[0].item())
            else:
                memory[address : address + size].view(values.dtype)[0] = values[0 if len(values) == 1 else i]
        return found

    def _instance(self, what: int, number: int, end: int) -> np.ndarray:
        memory = self.memory.get((what, number))
        if memory is None:
            first = self.columns.get(f"contents.{what}")
            memory = self.memory[what, number] = np.zeros(1 << 18, np.uint8)
            if first is not None:
                memory[: len(first)] = first
        assert end <= len(memory)
        return memory

    def array(self, name: str) -> np.ndarray:
        """A small global array as it is at the end."""
        number = [array["name"] for array in self.header["arrays"]].index(name)
        array = self.header["arrays"][number]
        size = int(np.prod(array["shape"])) * array["type"][1]
        return self._instance(number, 0, size)[:size].view(array["type"][2]).reshape(array["shape"])
