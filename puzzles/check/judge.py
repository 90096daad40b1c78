"""From what a launch left behind to reasons for rejecting it, in sentences that teach.

The judge sees arrays and counts, never the learner's code. It draws the arguments anew from the seed,
so results are compared with what the kernel was really given.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from puzzles.check import advice
from puzzles.check.cases import Case
from puzzles.check.compare import close
from puzzles.check.outcome import SERIOUS, Outcome
from puzzles.spec import Array, Parameter, Puzzle
from puzzles.verdict import Launched, Measure, Reason


def judge(puzzle: Puzzle, case: Case, outcome: Outcome) -> tuple[Launched, list[Reason]]:
    """All that is wrong with one case; limits are looked at once the result is right."""
    if outcome.error:
        reason = Reason("launch", outcome.error, line=outcome.error_line, size=case.size)
        return Launched(case.size, (), False), [reason]
    reasons = [*_findings(case, outcome), *_inputs(puzzle, case, outcome)]
    made = outcome.counters.get("launches", len(case.launches))
    if made < len(case.launches):
        if not reasons:
            reasons = [Reason("launch", f"Only {made} of {len(case.launches)} launches were made.", size=case.size)]
        return Launched(case.size, (), False), reasons
    reasons += _outputs(puzzle, case, outcome)
    if not outcome.counters:  # of a GPU, where nothing counts
        return Launched(case.size, (), not reasons), reasons
    measures = _measures(puzzle, case, outcome)
    if not reasons:
        reasons = (
            _footprint(puzzle, case, outcome) or _limits(puzzle, case, measures) or _atomics(puzzle, case, outcome)
        )
    return Launched(case.size, tuple(measures), not reasons), reasons


def notes(outcome: Outcome) -> list[str]:
    """Findings that do not reject a kernel but deserve a look."""
    return [f"line {f['line']}: {f['message']}" for f in outcome.findings if f["severity"] == "note"]


def _findings(case: Case, outcome: Outcome) -> list[Reason]:
    """Serious ones: a race within a warp is no better than another."""
    return [
        Reason("finding", finding["message"], line=finding["line"], size=case.size)
        for finding in outcome.findings
        if finding["severity"] in SERIOUS
    ]


def _inputs(puzzle: Puzzle, case: Case, outcome: Outcome) -> list[Reason]:
    """Arrays that the kernel was to read only, and that it wrote to."""
    reasons = []
    for parameter in puzzle.parameters:
        if parameter.is_written or not parameter.shape:
            continue
        name = parameter.name
        before, after = case.arguments[name], outcome.arrays[name]
        changed = np.argwhere(_changed(before, after))
        message = ""
        if len(changed):
            at = tuple(changed[0])
            element = _element(parameter, at)
            message = f"{element} was {_number(before[at])} and is now {_number(after[at])}, but {name} is an input."
        elif outcome.writes.get(name):
            message = f"The kernel stores into {name}, {outcome.writes[name]} bytes, but {name} is an input."
        if message:
            reasons.append(Reason("input", message, advice.changed_input(puzzle), size=case.size))
    return reasons


def _outputs(puzzle: Puzzle, case: Case, outcome: Outcome) -> list[Reason]:
    """At most one reason for each array that the kernel was to write."""
    expected = puzzle.expected(case.arguments)
    reasons = []
    for parameter in puzzle.outputs:
        name = parameter.name
        changed = int(_changed(case.arguments[name], outcome.arrays[name]).sum())
        if outcome.counters and changed * outcome.arrays[name].itemsize > outcome.writes[name]:
            message = (
                f"{changed} elements of {name} changed, but the kernel's threads stored only "
                f"{outcome.writes[name]} bytes: the work was not done by the kernel."
            )
            reasons.append(Reason("host", message, advice.HOST, size=case.size))
        else:
            reasons += _result(puzzle, case, parameter, outcome.arrays[name], expected[name])
    return reasons


def _result(puzzle: Puzzle, case: Case, parameter: Parameter, result: Array, expected: Array) -> list[Reason]:
    name, tolerance = parameter.name, puzzle.tolerance
    wrong = ~close(result, expected, tolerance)
    unwritten = ~_changed(case.arguments[name], result) & wrong & (parameter.role == "out")
    if unwritten.any():
        first = _element(parameter, tuple(np.argwhere(unwritten)[0]))
        message = (
            f"{first} was never written: {unwritten.sum()} of {result.size} elements of {name} still hold "
            "the poison that was there before the launch."
        )
        fix = advice.unwritten(puzzle.launches(case.size)[-1], unwritten)
        return [Reason("unwritten", message, fix, size=case.size)]
    if wrong.any():
        at = tuple(np.argwhere(wrong)[0])
        message = (
            f"{_element(parameter, at)} should be {_number(expected[at])} but is {_number(result[at])}; "
            f"{wrong.sum()} of {result.size} elements of {name} are wrong."
        )
        return [Reason("result", message, advice.wrong(result, expected, tolerance), size=case.size)]
    return []


def _footprint(puzzle: Puzzle, case: Case, outcome: Outcome) -> list[Reason]:
    """Less read than any right kernel reads: what it computed with, it did not read.

    In bytes, since a wide load reads several elements; an atomic reads its element, too.
    """
    needed = puzzle.footprint(case.size)
    element = min(np.dtype(p.dtype).itemsize for p in puzzle.parameters if p.is_drawn and p.shape)
    wide = max(np.dtype(p.dtype).itemsize for p in puzzle.parameters)
    read = outcome.counters["global load bytes"] + outcome.counters["global atomics"] * wide
    if read >= needed * element:
        return []
    message = (
        f"The result is right after reading {read} bytes of global memory, but it depends on {needed} elements of the "
        f"inputs, {needed * element} bytes: the kernel has numbers that it did not read."
    )
    return [Reason("footprint", message, size=case.size)]


def _measures(puzzle: Puzzle, case: Case, outcome: Outcome) -> list[Measure]:
    measures = []
    for limit in puzzle.limits:
        measured = limit.measured(outcome.counters)
        bound, kept = limit.bound(case.size), limit.allows(measured, case.size)
        measures.append(Measure(limit.counter, limit.sense, bound, measured, kept))
    return measures


def _limits(puzzle: Puzzle, case: Case, measures: list[Measure]) -> list[Reason]:
    return [
        Reason(
            "limit",
            f"{measure.counter}: {measure.measured}, but the limit is {measure.sense} {limit.formula} = "
            f"{measure.bound}.",
            limit.why,
            size=case.size,
        )
        for limit, measure in zip(puzzle.limits, measures, strict=True)
        if not measure.kept
    ]


def _atomics(puzzle: Puzzle, case: Case, outcome: Outcome) -> list[Reason]:
    """Atomics where nobody else writes, which read and write and count as neither a load nor two accesses."""
    used = outcome.counters["global atomics"]
    if not used or any("global atomics" in limit.counter for limit in puzzle.limits):
        return []
    message = f"global atomics: {used}, but no two threads have to update the same element here."
    return [Reason("limit", message, "A plain load or store does it.", size=case.size)]


def _changed(before: Array, after: Array) -> Array:
    """Where two arrays of one shape differ, bit by bit: NaN equals itself, and 0.0 differs from -0.0."""
    bits = f"uint{8 * before.dtype.itemsize}"
    changed: Array = before.view(bits) != after.view(bits)
    return changed


def _element(parameter: Parameter, index: tuple[Any, ...]) -> str:
    return f"{parameter.name}[{', '.join(str(int(i)) for i in index)}]"


def _number(value: Any) -> str:
    return f"{value:.6g}" if np.issubdtype(type(value), np.floating) else str(value)
