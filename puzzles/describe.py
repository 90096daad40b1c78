"""A puzzle in words, for the terminal, for the docstring of the learner's file, and as JSON."""

from __future__ import annotations

import textwrap
from functools import singledispatch
from itertools import groupby, islice
from typing import Any

from lm.rasp.language import text as symbol
from lm.rasp.selectors import Selector
from lm.rasp.source import FUNCTIONS, METHODS, VALUES
from puzzles.defect import QUESTION
from puzzles.exercise import Exercise
from puzzles.program import OUTPUT, ProgramPuzzle
from puzzles.spec import Launch, Limit, Par, Parameter, Prediction, Puzzle, Size

WIDTH = 100

LISTED = 16
"""Launches of one size that are listed one by one; of more there is a line for each kernel, and their order."""

ORDERED = 40
"""Launches whose order is told; those of a model repeat themselves."""

_LINES = (
    "Answer with the numbers of the lines as `start` wrote them, such as 31, 40, in the line PREDICTION below; then "
    "repair the file."
)

ROLES = {"in": "input", "out": "output", "inout": "input and output", "scratch": "scratch, undefined at first"}


def docstring(puzzle: Exercise, number: int) -> str:
    """The docstring that opens a learner's file, in its triple quotes."""
    commands = (
        "Check this file:  python -m puzzles check FILE",
        f"A hint:           python -m puzzles hint {puzzle.id}",
    )
    return '"""' + page(puzzle, number) + "\n\n" + "\n".join(commands) + '\n"""'


def page(puzzle: Exercise, number: int) -> str:
    """Title, task, what is declared besides, and the question, as plain text."""
    parts = [
        f"Puzzle {number}: {puzzle.title}",
        "\n\n".join(textwrap.fill(paragraph, WIDTH) for paragraph in puzzle.task.split("\n\n")),
        *sections(puzzle),
    ]
    if puzzle.defect:
        parts.append("\n".join(["Name the lines first", *_indented(f"{QUESTION} {_LINES}")]))
    elif puzzle.prediction:
        parts.append("\n".join(["Predict first", *_prediction(puzzle.prediction)]))
    return "\n\n".join(parts)


@singledispatch
def sections(puzzle: Exercise) -> list[str]:
    """What a kind of puzzles declares besides title, task and question."""
    raise TypeError(f"no words for a {type(puzzle).__name__}")


@sections.register
def _(puzzle: Puzzle) -> list[str]:
    found = [
        "\n".join([*_kernels(puzzle), *_parameters(puzzle)]),
        "\n".join(["Launches", *_launches(puzzle)]),
        "\n".join(["Limits", *_limits(puzzle)]),
    ]
    return [*found, "\n".join(["Par", *_par(puzzle, puzzle.par)])] if puzzle.par else found


@sections.register
def _(puzzle: ProgramPuzzle) -> list[str]:
    right = " ".join(map(symbol, puzzle.reference(list(puzzle.example))))
    program = (
        f"    tokens     {' '.join(puzzle.vocabulary)}",
        f"    an input   {' '.join(puzzle.example)}",
        f"    {OUTPUT:<8}   {right}",
    )
    compiled = f"a transformer for up to {puzzle.length} tokens"
    return [
        "\n".join(program),
        "\n".join(["Limits", f"    layers: at most {puzzle.most}   ({compiled})"]),
        "\n".join(["Par", f"    layers: {puzzle.par}"]),
        "\n".join(["Words", *_indented(", ".join(program_words()))]),
    ]


def program_words() -> tuple[str, ...]:
    """What a program may use: values, functions, and the methods of selectors."""
    return (*VALUES, *(f"{name}()" for name in FUNCTIONS), *(f".{name}()" for name in METHODS[Selector]))


def details(puzzle: Exercise) -> dict[str, Any]:
    """What the page says, JSON-ready; `declared` depends on the kind of puzzle."""
    asked = QUESTION if puzzle.defect else puzzle.prediction.question if puzzle.prediction else None
    head = {"id": puzzle.id, "title": puzzle.title, "task": puzzle.task}
    return {**head, **declared(puzzle), "prediction": asked, "hints": len(puzzle.hints)}


@singledispatch
def declared(puzzle: Exercise) -> dict[str, Any]:
    """What a kind of puzzles declares, JSON-ready."""
    raise TypeError(f"no words for a {type(puzzle).__name__}")


@declared.register
def _(puzzle: Puzzle) -> dict[str, Any]:
    return {
        "signatures": puzzle.signatures,
        "parameters": [
            {"name": p.name, "role": p.role, "dtype": p.dtype, "shape": list(p.shape)} for p in puzzle.parameters
        ],
        "launches": [
            {"size": size, "kernel": launch.kernel, "grid": launch.grid, "block": launch.block, "shared": launch.shared}
            for size in puzzle.sizes
            for launch in puzzle.launches(size)
        ],
        "fresh_sizes": {name: list(bounds) for name, bounds in puzzle.fresh.items()},
        "limits": [limit_text(limit) for limit in puzzle.limits],
    }


@declared.register
def _(puzzle: ProgramPuzzle) -> dict[str, Any]:
    return {
        "vocabulary": list(puzzle.vocabulary),
        "example": list(puzzle.example),
        "output": list(map(symbol, puzzle.reference(list(puzzle.example)))),
        "limits": [f"layers: at most {puzzle.most}"],
        "par": puzzle.par,
        "length": puzzle.length,
    }


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


def _kernels(puzzle: Puzzle) -> list[str]:
    """Each kernel's head. A puzzle for one kernel shows the parameters in it; others show what each launch passes."""
    if len(puzzle.kernels) == 1:
        (name,) = puzzle.kernels
        if all(launch.arguments is None for launch in puzzle.launches(puzzle.sizes[0])):
            return [f"    {name}({', '.join(p.name for p in puzzle.parameters)})"]
    return [f"    {name}" for name in puzzle.kernels]


def _launches(puzzle: Puzzle) -> list[str]:
    lines = []
    for size in puzzle.sizes:
        launches = puzzle.launches(size)
        if len(launches) == 1:
            lines.append(f"    {size_text(size)}: {launch_text(puzzle, launches[0])}")
        elif len(launches) <= LISTED:
            lines += [f"    {size_text(size)}", *(f"        {launch_text(puzzle, launch)}" for launch in launches)]
        else:
            lines.append(f"    {size_text(size)}: {len(launches)} launches")
            lines += _many(puzzle, launches) if size == puzzle.sizes[0] else []
    if puzzle.fresh:
        ranges = ", ".join(f"{name} from {low} to {high}" for name, (low, high) in puzzle.fresh.items())
        lines.append(f"    and sizes drawn anew at each check: {ranges}")
    return lines


def _many(puzzle: Puzzle, launches: tuple[Launch, ...]) -> list[str]:
    """The first launch of each kernel, and the order of all of them, or of as many as show how it goes on."""
    lines = []
    for kernel in puzzle.kernels:
        first, *others = (launch for launch in launches if launch.kernel == kernel)
        text = launch_text(puzzle, first)
        lines.append(f"        {text}; {len(others)} more" if others else f"        {text}")
    runs = [(name, len(list(run))) for name, run in groupby(islice(launches, ORDERED), key=lambda one: one.kernel)]
    order = "in order: " + ", ".join(name if count == 1 else f"{count} {name}" for name, count in runs)
    if len(launches) > ORDERED:
        order += " and so on"
    return lines + textwrap.wrap(order, WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8)


def launch_text(puzzle: Puzzle, launch: Launch) -> str:
    """A launch in words: `grid (2,), block (64,)`, the call where arguments are chosen, and dynamic shared memory."""
    text = f"grid {launch.grid}, block {launch.block}"
    if launch.shared:
        text += f", {launch.shared} bytes of dynamic shared memory"
    if launch.arguments is not None:
        text = f"{launch.kernel}({', '.join(map(str, launch.arguments))}): {text}"
    return text


def _limits(puzzle: Puzzle) -> list[str]:
    size = puzzle.sizes[0]
    return [f"    {limit_text(limit)}   ({limit.bound(size)} for {size_text(size)})" for limit in puzzle.limits]


def _par(puzzle: Puzzle, par: Par) -> list[str]:
    naive, goal = par.values(puzzle.sizes[0])
    return [f"    {par.counter} for {size_text(puzzle.sizes[0])}: naive {naive}, par {goal}"]


def _prediction(prediction: Prediction) -> list[str]:
    return _indented(f"{prediction.question} Answer with {prediction.form}, in the line PREDICTION below.")


def _indented(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ")
