"""A puzzle's statement in Markdown: what notebooks hold as text, and what becomes HTML for a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import singledispatch

from lm.rasp.language import text as symbol
from puzzles.describe import ROLES, launch_text, program_words, shape_text, size_text
from puzzles.exercise import Exercise
from puzzles.program import ProgramPuzzle
from puzzles.spec import Puzzle

_SPECIAL = re.compile(r"[*_$~#]")
_CODE = re.compile(r"(`[^`]*`)")


def statement(puzzle: Exercise, number: int) -> str:
    """Title, task, parameters, launches, limits and par."""
    parts = [f"## {number}. {prose(puzzle.title)}", *paragraphs(puzzle.task), *facts(puzzle)]
    return "\n\n".join(parts)


@singledispatch
def facts(puzzle: Exercise) -> list[str]:
    """What a kind of puzzles declares besides the task: tables."""
    raise TypeError(f"no words for a {type(puzzle).__name__}")


@facts.register
def _(puzzle: Puzzle) -> list[str]:
    size = puzzle.sizes[0]
    parameters = [(f"`{p.name}`", ROLES[p.role], f"`{shape_text(p)}`") for p in puzzle.parameters]
    limits = [
        (prose(limit.counter), limit.sense, f"`{limit.formula}`", str(limit.bound(size))) for limit in puzzle.limits
    ]
    parts = [
        table(("parameter", "role", "type"), parameters),
        _launches(puzzle),
        table(("limit on", "", "formula", f"for {size_text(size)}"), limits),
    ]
    if puzzle.par:
        naive, par = puzzle.par.values(size)
        parts.append(f"Par: {puzzle.par.counter} for {size_text(size)}: naive {naive}, par **{par}**.")
    return parts


@facts.register
def _(puzzle: ProgramPuzzle) -> list[str]:
    right = " ".join(map(symbol, puzzle.reference(list(puzzle.example))))
    rows = [
        ("tokens", f"`{' '.join(puzzle.vocabulary)}`"),
        ("an input", f"`{' '.join(puzzle.example)}`"),
        ("its output", f"`{right}`"),
    ]
    return [
        table(("of this puzzle", ""), rows),
        f"Layers: at most {puzzle.most}, for inputs of up to {puzzle.length} tokens; par **{puzzle.par}**.",
        "Words: " + ", ".join(f"`{word}`" for word in program_words()) + ".",
    ]


def _launches(puzzle: Puzzle) -> str:
    rows = []
    for size in puzzle.sizes:
        rows += [(size_text(size), prose(launch_text(puzzle, launch))) for launch in puzzle.launches(size)]
    shown = table(("size", "launch"), rows)
    if not puzzle.fresh:
        return shown
    ranges = ", ".join(f"{name} from {low} to {high}" for name, (low, high) in puzzle.fresh.items())
    return f"{shown}\n\nand sizes drawn anew at each check: {ranges}."


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a docstring, each on a line, with `code` and nothing else that means something in Markdown."""
    return [prose(" ".join(paragraph.split())) for paragraph in text.split("\n\n") if paragraph.strip()]


def prose(text: str) -> str:
    """Text in which only `code` keeps a meaning."""
    parts = _CODE.split(text)
    return "".join(part if i % 2 else _SPECIAL.sub(r"\\\g<0>", _escaped(part)) for i, part in enumerate(parts))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
