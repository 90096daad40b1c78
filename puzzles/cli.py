"""The command line: `python -m puzzles list | start | show | hint | check | solution | tour`.

Every command returns the exit status: 0, or 1 when a kernel is rejected or the input makes no sense;
then one sentence on standard error says what to do.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gpusim.cli import printable
from puzzles import catalog
from puzzles.describe import limit_text, page
from puzzles.source import file_name, skeleton, solution
from puzzles.spec import Puzzle


class CommandError(Exception):
    """A command cannot be carried out; the message is one sentence for the person who typed it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. `arguments` default to those of the process."""
    printable()
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except (CommandError, catalog.UnknownPuzzle) as error:
        print(f"puzzles: {error}", file=sys.stderr)
        return 1
    return status


def list_puzzles(options: argparse.Namespace) -> int:
    """Number, id and title of every puzzle."""
    puzzles = catalog.puzzles()
    if options.json:
        _print_json([_summary(number, puzzle) for number, puzzle in enumerate(puzzles, 1)])
        return 0
    width = max(len(puzzle.id) for puzzle in puzzles)
    for number, puzzle in enumerate(puzzles, 1):
        print(f"{number:3}  {puzzle.id:{width}}  {puzzle.title}")
    return 0


def start(options: argparse.Namespace) -> int:
    """Write a file with a hole for every puzzle; files that exist stay as they are."""
    folder: Path = options.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, puzzle in enumerate(catalog.puzzles(), 1):
            path = folder / file_name(puzzle, number)
            try:
                with path.open("x", encoding="utf-8") as file:
                    file.write(skeleton(puzzle, number))
                print(f"wrote  {path}")
            except FileExistsError:
                print(f"kept   {path}")
    except OSError as error:
        raise CommandError(f"cannot write to {error.filename or folder}: {error.strerror}.") from None
    print(f"Fill the holes in an editor, then: python -m puzzles check {folder}")
    return 0


def show(options: argparse.Namespace) -> int:
    """The task of one puzzle, and its picture as SVG if asked for."""
    puzzle = catalog.load(options.id)
    number = catalog.number(puzzle)
    if options.json:
        _print_json(_details(number, puzzle))
    else:
        print(page(puzzle, number))
    if options.svg:
        _write_picture(puzzle, options.svg)
    return 0


def hint(options: argparse.Namespace) -> int:
    """The first hints of a puzzle, one unless a number is given."""
    puzzle = catalog.load(options.id)
    if not 1 <= options.count <= len(puzzle.hints):
        raise CommandError(f"{puzzle.id} has {len(puzzle.hints)} hints, so ask for 1 to {len(puzzle.hints)} of them.")
    for number, text in enumerate(puzzle.hints[: options.count], 1):
        print(f"{number}. {text}")
    if options.count < len(puzzle.hints):
        print(f"(There are {len(puzzle.hints)}: python -m puzzles hint {puzzle.id} {options.count + 1})")
    return 0


def check(options: argparse.Namespace) -> int:
    """Check one file, or all puzzle files of a folder."""
    from puzzles.check import check_file, check_folder

    path: Path = options.path
    if path.is_dir():
        verdicts = check_folder(path, options.seed, options.time_limit)
        if not verdicts:
            raise CommandError(
                f"no file in {path} has a line PUZZLE = ...; `python -m puzzles start {path}` writes some."
            )
    elif path.exists():
        verdicts = [check_file(path, options.seed, options.time_limit)]
    else:
        raise CommandError(f"there is no file or folder {path}.")
    if options.json:
        _print_json({"schema": 1, "verdicts": [verdict.to_dict() for verdict in verdicts]})
    else:
        for verdict in verdicts:
            print(verdict)
        if len(verdicts) > 1:
            print(f"{sum(verdict.passed for verdict in verdicts)} of {len(verdicts)} passed")
    return 0 if all(verdict.passed for verdict in verdicts) else 1


def show_solution(options: argparse.Namespace) -> int:
    """The complete file that solves a puzzle."""
    puzzle = catalog.load(options.id)
    print(solution(puzzle, catalog.number(puzzle)), end="")
    return 0


def tour(options: argparse.Namespace) -> int:
    """The guided tour, written as one page."""
    from puzzles.tour import main as run_tour

    return int(run_tour(options.out))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m puzzles", description="A course of GPU kernels with holes in them."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, action: Any, help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=action.__doc__)
        added.set_defaults(command=action)
        return added

    listing = command("list", list_puzzles, "all puzzles in order")
    starting = command("start", start, "write the files to fill in; never overwrites one")
    showing = command("show", show, "a puzzle's task")
    hinting = command("hint", hint, "a puzzle's hints, one by one")
    checking = command("check", check, "check a file or a folder of files")
    solving = command("solution", show_solution, "a puzzle's solution")
    touring = command("tour", tour, "the guided tour through GEMM, attention and a language model")

    for parser_with_id in (showing, hinting, solving):
        parser_with_id.add_argument("id", metavar="ID", help="a puzzle's id or number")
    for parser_with_json in (listing, showing, checking):
        parser_with_json.add_argument("--json", action="store_true", help="print JSON")
    starting.add_argument("folder", metavar="DIR", type=Path, help="where to write the files")
    showing.add_argument("--svg", metavar="FILE", type=Path, help="write the puzzle's picture")
    hinting.add_argument("count", metavar="N", type=int, nargs="?", default=1, help="how many hints to show")
    checking.add_argument("path", metavar="PATH", type=Path, help="a file, or a folder of files")
    checking.add_argument("--seed", type=_seed, help="repeat an earlier check's random inputs")
    checking.add_argument("--time-limit", type=_seconds, default=60.0, metavar="SECONDS", help="for each file")
    touring.add_argument("--out", type=Path, default=Path("out/tour.html"), help="the page to write")
    return parser


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 on, not {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"a time limit is a number of seconds above 0, not {text!r}")
    return seconds


def _summary(number: int, puzzle: Puzzle) -> dict[str, Any]:
    return {"number": number, "id": puzzle.id, "title": puzzle.title}


def _details(number: int, puzzle: Puzzle) -> dict[str, Any]:
    """A puzzle as JSON: what the page says."""
    return {
        **_summary(number, puzzle),
        "task": puzzle.task,
        "signature": puzzle.signature,
        "parameters": [
            {"name": p.name, "role": p.role, "dtype": p.dtype, "shape": list(p.shape)} for p in puzzle.parameters
        ],
        "launches": [
            {"size": size, "grid": puzzle.launch(size).grid, "block": puzzle.launch(size).block}
            for size in puzzle.sizes
        ],
        "fresh_sizes": {name: list(bounds) for name, bounds in puzzle.fresh.items()},
        "limits": [limit_text(limit) for limit in puzzle.limits],
        "hints": len(puzzle.hints),
    }


def _write_picture(puzzle: Puzzle, path: Path) -> None:
    from gpusim.errors import GpusimError
    from puzzles.picture import picture

    try:
        svg = picture(puzzle)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg, encoding="utf-8")
    except GpusimError as error:
        raise CommandError(f"no picture of {puzzle.id}: {error}.") from None
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}.") from None
    print(f"wrote {path}", file=sys.stderr)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2))
