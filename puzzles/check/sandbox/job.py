"""A job with kernels: a file's text and cases, and what came of them. The inner side of the wall knows no puzzle."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from puzzles.check.cases import Case
from puzzles.check.outcome import Outcome
from puzzles.check.sandbox import wire
from puzzles.check.sandbox.work import Work
from puzzles.limits import PARTS, THREAD, TOTALS, WARP
from puzzles.spec import Array, Launch

FILE = "puzzle.py"
"""The name of every learner's file here."""

FINDINGS = 20
TEXT = 2_000
"""Findings of a case, and characters of a message, that are reported."""

_OF_FINDING = ("tool", "kind", "severity", "message", "line")


@dataclass(frozen=True)
class Job(Work):
    """Kernels by name, their text, and cases. Seed, puzzle and reference stay outside, and so does the file's name."""

    kind = "kernels"
    overdue = "Is there a loop that never ends?"

    text: str
    kernels: tuple[str, ...]
    cases: tuple[Case, ...]
    on_gpu: bool = False

    def packed(self, seconds: float) -> bytes:
        cases = [
            {
                "names": list(case.arguments),
                "launches": list(map(asdict, case.launches)),
                "order": case.order,
                "resident": case.resident,
            }
            for case in self.cases
        ]
        arrays = [np.asarray(value) for case in self.cases for value in case.arguments.values()]
        value = {"text": self.text, "kernels": self.kernels, "cases": cases}
        return wire.pack({**value, **self.settings(seconds)}, arrays)

    @staticmethod
    def unpacked(value: Any, arrays: list[Array]) -> Job:
        """The job of a message, with arrays that its kernels can write to."""
        rest = iter(arrays)
        cases = []
        for case in value["cases"]:
            values = [array if array.shape else array[()] for array in islice(rest, len(case["names"]))]
            arguments = dict(zip(case["names"], values, strict=True))
            launches = tuple(_launch(launch) for launch in case["launches"])
            cases.append(Case({}, arguments, launches, case["order"], case["resident"]))
        return Job(value["text"], tuple(value["kernels"]), tuple(cases), value["on_gpu"])

    def do(self) -> bytes:
        """Build the kernels, run the cases, and pack what came of it."""
        from puzzles.check.build import build  # here and not above: the outer side of the wall builds nothing
        from puzzles.check.gate import Refused
        from puzzles.check.launch import outcomes

        try:
            kernels = build(self.text, FILE, self.kernels)
        except Refused as refusal:
            return wire.pack({"refused": str(refusal), "line": refusal.line})
        records: list[dict[str, Any]] = []
        arrays: list[Array] = []
        for outcome in outcomes(kernels, self.cases, self.on_gpu):
            records.append(
                {
                    "counters": outcome.counters,
                    "writes": outcome.writes,
                    "findings": [{key: finding[key] for key in _OF_FINDING} for finding in outcome.findings[:FINDINGS]],
                    "error": outcome.error[:TEXT],
                    "error_line": outcome.error_line,
                }
            )
            arrays += outcome.arrays.values()
        return wire.pack({"outcomes": records}, arrays)

    def outcome(self, value: Any, arrays: list[Array]) -> tuple[Outcome, ...]:
        """Outcomes of the cases that were run: arrays of the right shapes and dtypes, and every counter there is."""
        records = value.get("outcomes") if isinstance(value, dict) else None
        if not isinstance(records, list) or len(records) > len(self.cases):
            raise wire.BadMessage("outcomes of other cases")
        rest = iter(arrays)
        found = tuple(_outcome(record, case, rest) for record, case in zip(records, self.cases, strict=False))
        for outcome, case in zip(found, self.cases, strict=False):
            made = replace(case, launches=case.launches[: outcome.counters.get("launches", 0)])
            complete = _counted(made) <= outcome.counters.keys() and set(outcome.arrays) <= outcome.writes.keys()
            if not complete and not outcome.error and not self.on_gpu:
                raise wire.BadMessage("counters that are missing")
        return found


def _counted(case: Case) -> set[str]:
    """The counters that the simulator has for a case of these launches, at least."""
    parts = {name + part for name in PARTS for part in (THREAD, WARP)}
    passed = {name for launch in case.launches for name in launch.arguments or () if isinstance(name, str)}
    arrays = [name for name, value in case.arguments.items() if np.ndim(value) and name in passed]
    return {*TOTALS, *parts, *(f"global loads of {name}" for name in arrays)}


def _outcome(record: Any, case: Case, arrays: Any) -> Outcome:
    if not isinstance(record, dict):
        raise wire.BadMessage("an outcome that is none")
    found = {}
    for name, before in case.arguments.items():
        if np.ndim(before):
            after = next(arrays, None)
            if after is None or after.shape != before.shape or after.dtype != before.dtype:
                raise wire.BadMessage(f"an array {name!r} of another shape or type")
            found[name] = after
    line, findings = record.get("error_line"), record.get("findings")
    if not (line is None or type(line) is int) or not isinstance(findings, list) or len(findings) > FINDINGS:
        raise wire.BadMessage("findings that are none")
    return Outcome(
        found,
        _numbers(record.get("counters")),
        _numbers(record.get("writes")),
        [_finding(finding) for finding in findings],
        str(record.get("error"))[:TEXT],
        line,
    )


def _numbers(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or not all(type(count) is int and count >= 0 for count in value.values()):
        raise wire.BadMessage("counters that are none")
    return value


def _finding(value: Any) -> dict[str, Any]:
    texts = isinstance(value, dict) and all(isinstance(value.get(key), str) for key in _OF_FINDING[:-1])
    if not texts or type(value.get("line")) is not int:
        raise wire.BadMessage("a finding that is none")
    return {key: value[key] if key == "line" else value[key][:TEXT] for key in _OF_FINDING}


def _launch(launch: dict[str, Any]) -> Launch:
    grid, block = tuple(launch["grid"]), tuple(launch["block"])
    return Launch(grid, block, launch["shared"], launch["kernel"], tuple(launch["arguments"]))
