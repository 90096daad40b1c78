"""A puzzle in words, for the terminal and for the docstring of the learner's file."""

from __future__ import annotations

import textwrap

from puzzles.spec import Limit, Parameter, Puzzle, Size

WIDTH = 100

ROLES = {"in": "input", "out": "output", "inout": "input and output"}


def docstring(puzzle: Puzzle, number: int) -> str:
    """The docstring that opens a learner's file, in its triple quotes."""
    commands = (
        "Check this file:  python -m puzzles check FILE",
        f"A hint:           python -m puzzles hint {puzzle.id}",
    )
    return '"""' + page(puzzle, number) + "\n\n" + "\n".join(commands) + '\n"""'


def page(puzzle: Puzzle, number: int) -> str:
    """Title, task, parameters, launches and limits as plain text."""
    sections = [
        f"Puzzle {number}: {puzzle.title}",
        "\n\n".join(textwrap.fill(paragraph, WIDTH) for paragraph in puzzle.task.split("\n\n")),
        "\n".join([f"    kernel({', '.join(p.name for p in puzzle.parameters)})", *_parameters(puzzle)]),
        "\n".join(["Launches", *_launches(puzzle)]),
        "\n".join(["Limits", *_limits(puzzle)]),
    ]
    return "\n\n".join(sections)


def size_text(size: Size) -> str:
    """A size in words, such as `m=5, k=7, n=3`."""
    return ", ".join(f"{name}={value}" for name, value in size.items())


def limit_text(limit: Limit) -> str:
    """A limit in words, such as `global loads: at most 2 * n**3`."""
    return f"{limit.counter}: {limit.sense} {limit.formula}"


def shape_text(parameter: Parameter) -> str:
    """A parameter's type in words, such as `float32 (m, k)`."""
    if not parameter.shape:
        return parameter.dtype
    return f"{parameter.dtype} ({', '.join(parameter.shape)}{',' if len(parameter.shape) == 1 else ''})"


def _parameters(puzzle: Puzzle) -> list[str]:
    name = max(len(p.name) for p in puzzle.parameters)
    role = max(len(ROLES[p.role]) for p in puzzle.parameters)
    return [f"        {p.name:{name}}  {ROLES[p.role]:{role}}  {shape_text(p)}" for p in puzzle.parameters]


def _launches(puzzle: Puzzle) -> list[str]:
    lines = []
    for size in puzzle.sizes:
        launch = puzzle.launch(size)
        lines.append(f"    {size_text(size)}: grid {launch.grid}, block {launch.block}")
    if puzzle.fresh:
        ranges = ", ".join(f"{name} from {low} to {high}" for name, (low, high) in puzzle.fresh.items())
        lines.append(f"    and sizes drawn anew at each check: {ranges}")
    return lines


def _limits(puzzle: Puzzle) -> list[str]:
    size = puzzle.sizes[0]
    return [f"    {limit_text(limit)}   ({limit.bound(size)} for {size_text(size)})" for limit in puzzle.limits]
