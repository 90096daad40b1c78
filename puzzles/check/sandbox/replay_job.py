"""A job that records the case that a kernel failed: its launches step by step, and the arrays that they left.

It comes after the verdict, so that it may know what was expected: the recording points at the first wrong element.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gpusim.observe.recording.packing import HARD_LIMIT, Recording
from puzzles.check.cases import Case
from puzzles.check.replay import Recorded, recorded
from puzzles.check.sandbox import wire
from puzzles.check.sandbox.job import FILE, Job
from puzzles.check.sandbox.work import Work
from puzzles.spec import Array, Tolerance


@dataclass(frozen=True)
class ReplayJob(Work):
    """Kernels by name, their text, a case, and what each of its outputs should be."""

    kind = "replay"

    text: str
    kernels: tuple[str, ...]
    case: Case
    expected: dict[str, Array]
    tolerance: Tolerance

    def packed(self, seconds: float) -> bytes:
        launches = Job(self.text, self.kernels, (self.case,)).packed(seconds)
        value = {"names": list(self.expected), "tolerance": asdict(self.tolerance)}
        arrays = [np.frombuffer(launches, dtype=np.uint8), *self.expected.values()]
        return wire.pack({**value, **self.settings(seconds)}, arrays)

    @staticmethod
    def unpacked(value: Any, arrays: list[Array]) -> ReplayJob:
        data = bytes(arrays[0])
        length, _ = wire.HEAD.unpack(data[: wire.HEAD.size])
        body = data[wire.HEAD.size :]
        job = Job.unpacked(*wire.unpack(body[:length], body[length:]))
        expected = dict(zip(value["names"], arrays[1:], strict=True))
        tolerance = Tolerance(**value["tolerance"])
        return ReplayJob(job.text, job.kernels, job.cases[0], expected, tolerance)

    def do(self) -> bytes:
        """Build the kernels, run the case, and pack recordings and arrays."""
        from puzzles.check.build import build  # here and not above: the outer side of the wall builds nothing

        kernels = build(self.text, FILE, self.kernels)
        found = recorded(kernels, self.case, self.expected, self.tolerance)
        outputs = [self.case.arguments[name] for name in self.expected]
        data = [np.frombuffer(recording.data, dtype=np.uint8) for recording in found.recordings]
        return wire.pack({"at_finding": found.at_finding}, [*outputs, *data])

    def outcome(self, value: Any, arrays: list[Array]) -> tuple[Recorded, dict[str, Array]]:
        """The recordings, and the outputs by name. Raises wire.BadMessage."""
        outputs, data = arrays[: len(self.expected)], arrays[len(self.expected) :]
        for name, found in zip(self.expected, outputs, strict=True):
            before = self.case.arguments[name]
            if found.shape != before.shape or found.dtype != before.dtype:
                raise wire.BadMessage(f"an array {name!r} of another shape or type")
        if len(data) > len(self.case.launches) + 1 or any(one.nbytes > HARD_LIMIT for one in data):
            raise wire.BadMessage("recordings of something else")
        recordings = tuple(Recording(one.tobytes(), {"kernel": self.kernels[0], "steps": 0}) for one in data)
        at_finding = isinstance(value, dict) and value.get("at_finding") is True
        return Recorded(recordings, at_finding), dict(zip(self.expected, outputs, strict=True))
