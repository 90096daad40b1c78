"""One job: a file's text and cases, and what came of them. The inner side of the wall, which knows no puzzle."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import numpy as np

from puzzles.check.cases import Case
from puzzles.check.outcome import Outcome
from puzzles.check.sandbox import wire
from puzzles.spec import Array, Launch

FINDINGS = 20
TEXT = 2_000
"""Findings of a case, and characters of a message, that are reported."""

_OF_FINDING = ("tool", "kind", "severity", "message", "line")


@dataclass(frozen=True)
class Job:
    """Kernels by name, their text, and cases; `file` is for messages. Seed, puzzle and reference stay outside."""

    text: str
    file: str
    kernels: tuple[str, ...]
    cases: tuple[Case, ...]


def pack_job(job: Job, seconds: float) -> bytes:
    """The message that asks a worker to do a job within some seconds."""
    cases = [
        {"names": list(case.arguments), "order": case.order, "launches": list(map(asdict, case.launches))}
        for case in job.cases
    ]
    arrays = [np.asarray(value) for case in job.cases for value in case.arguments.values()]
    value = {"text": job.text, "file": job.file, "kernels": job.kernels, "cases": cases, "seconds": seconds}
    return wire.pack(value, arrays)


def unpack_job(value: Any, arrays: list[Array]) -> Job:
    """The job of a message, with arrays that its kernels can write to."""
    rest = iter(arrays)
    cases = []
    for case in value["cases"]:
        values = [array if array.shape else array[()] for array in islice(rest, len(case["names"]))]
        arguments = dict(zip(case["names"], values, strict=True))
        launches = tuple(_launch(launch) for launch in case["launches"])
        cases.append(Case({}, arguments, launches, case["order"]))
    return Job(value["text"], value["file"], tuple(value["kernels"]), tuple(cases))


def do(job: Job) -> bytes:
    """Build the kernels, run the cases, and pack what came of it."""
    from puzzles.check.build import build  # here and not above: the outer side of the wall builds nothing
    from puzzles.check.gate import Refused
    from puzzles.check.launch import outcomes

    try:
        kernels = build(job.text, job.file, job.kernels)
    except Refused as refusal:
        return wire.pack({"refused": str(refusal), "line": refusal.line})
    records: list[dict[str, Any]] = []
    arrays: list[Array] = []
    for outcome in outcomes(kernels, job.cases):
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


def unpack_outcomes(value: Any, arrays: list[Array], cases: tuple[Case, ...]) -> tuple[Outcome, ...]:
    """Outcomes of the cases that were run, with arrays of the right shapes and dtypes. Raises wire.BadMessage."""
    records = value.get("outcomes") if isinstance(value, dict) else None
    if not isinstance(records, list) or len(records) > len(cases):
        raise wire.BadMessage("outcomes of other cases")
    rest = iter(arrays)
    return tuple(_outcome(record, case, rest) for record, case in zip(records, cases, strict=False))


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
