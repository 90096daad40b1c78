"""How a puzzle for a program is checked: hidden inputs, compared with plain Python, and the layers of a transformer."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from itertools import product

from lm.rasp.language import Expression, text
from lm.rasp.source import Misread
from lm.rasp.source import program as read
from puzzles.check import gate
from puzzles.check.sandbox.program_job import ProgramJob, Ran
from puzzles.program import ProgramPuzzle
from puzzles.verdict import Launched, Measure, Reason, Score, Verdict

SHORT, LONGEST = 4, 12
"""Tokens up to which all inputs are tried, of three different tokens; and of random ones at most."""

RANDOM, DRAWN = 60, 240
"""Random inputs; and inputs of a puzzle that draws its own."""

SHOWN = 300
"""Characters of what is wrong with a program's text."""


def inspect(puzzle: ProgramPuzzle, tree: ast.Module) -> None:
    """Raises Refused for what is no program. Reading one executes nothing and computes nothing."""
    try:
        read(gate.program(tree))
    except Misread as error:
        raise gate.Refused(f"{error.why[:SHOWN].rstrip('.')}.", error.line) from None


def job(puzzle: ProgramPuzzle, text: str, seed: int, on_gpu: bool) -> ProgramJob:
    """What the sandbox has to do; a program runs nowhere else."""
    return ProgramJob(text, tuple(inputs(puzzle, seed)), tuple(puzzle.vocabulary), puzzle.length)


def check(output: Expression, puzzle: ProgramPuzzle, seed: int) -> Verdict:
    """The verdict on a program that is already at hand, in this process."""
    return judged(puzzle, seed, job(puzzle, "", seed, on_gpu=False).ran(output))


def judged(puzzle: ProgramPuzzle, seed: int, ran: Ran) -> Verdict:
    """The outputs one by one, up to the first wrong one; then the layers."""
    tried = tuple(inputs(puzzle, seed))
    reason = _wrong(puzzle, tried, ran) or _layers(puzzle, ran)
    measures = () if ran.layers is None else (Measure("layers", "at most", puzzle.most, ran.layers, not reason),)
    launched = (Launched({"tokens": puzzle.length}, measures, not reason),)
    if reason:
        return Verdict(puzzle.id, "", seed, (reason,), launches=launched)
    assert ran.layers is not None
    score = Score("layers", {"tokens": puzzle.length}, None, puzzle.par, ran.layers)
    summary = f"{len(tried)} inputs; layers {ran.layers} (at most {puzzle.most})"
    return Verdict(puzzle.id, "", seed, (), launches=launched, score=score, summary=summary)


def inputs(puzzle: ProgramPuzzle, seed: int) -> Iterator[tuple[str, ...]]:
    """What a program is tried on: all short inputs of three tokens and random longer ones, or drawn ones."""
    rng = random.Random(seed)
    if puzzle.draw is not None:
        yield from (tuple(puzzle.draw(rng)) for _ in range(DRAWN))
        return
    for length in range(1, SHORT + 1):
        yield from product(puzzle.vocabulary[:3], repeat=length)
    for _ in range(RANDOM):
        yield tuple(rng.choices(puzzle.vocabulary, k=rng.randint(SHORT + 1, LONGEST)))


def _wrong(puzzle: ProgramPuzzle, tried: tuple[tuple[str, ...], ...], ran: Ran) -> Reason | None:
    for tokens, found in zip(tried, ran.outputs, strict=False):
        expected = list(map(text, puzzle.reference(list(tokens))))
        wrong = [position for position, right in enumerate(expected) if found[position] != right]
        if wrong:
            at = wrong[0]
            message = (
                f"for {' '.join(tokens)} position {at} should be {expected[at]} but is {found[at]}; "
                f"{len(wrong)} of {len(tokens)} positions are wrong."
            )
            return Reason("result", message, f"The output: {' '.join(found)}\n    expected:   {' '.join(expected)}")
    if ran.error:
        return Reason("result", f"for {' '.join(tried[len(ran.outputs)])} there is no result: {ran.error}.")
    return None


def _layers(puzzle: ProgramPuzzle, ran: Ran) -> Reason | None:
    if ran.layers is None:
        return Reason("limit", f"The program is right, but no transformer computes it: {ran.uncompiled}.")
    if ran.layers <= puzzle.most:
        return None
    message = f"layers: {ran.layers}, but the limit is at most {puzzle.most}; par is {puzzle.par}."
    why = "A layer looks once and computes once: heads that do not need each other's results share one."
    return Reason("limit", message, why)
