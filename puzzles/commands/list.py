"""All puzzles in order, by chapter, and how far you have come."""

from __future__ import annotations

import argparse

from puzzles import catalog
from puzzles.commands.arguments import add_folder, add_json, print_json
from puzzles.exercise import Exercise
from puzzles.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_folder(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> None:
    progress = Progress.of(options.folder)
    puzzles = catalog.puzzles()
    if options.json:
        print_json([_summary(number, puzzle, progress) for number, puzzle in enumerate(puzzles, 1)])
        return
    width = max(len(puzzle.id) for puzzle in puzzles)
    numbered = dict(zip(catalog.ids(), enumerate(puzzles, 1), strict=True))
    for chapter in catalog.chapters():
        print(f"     {chapter.title}")
        for module in chapter.modules:
            number, puzzle = numbered[module.replace("_", "-")]
            said = f"{_mark(puzzle, progress)}  {puzzle.title}{_best(puzzle, progress)}"
            print(f"{number:3}  {puzzle.id:{width}}  {said}")
    if progress.passed:
        print(f"{len(progress.passed)} of {len(puzzles)} passed")


def _mark(puzzle: Exercise, progress: Progress) -> str:
    if puzzle.id in progress.passed:
        return "passed "
    return "skipped" if puzzle.id in progress.skipped else "       "


def _best(puzzle: Exercise, progress: Progress) -> str:
    """The best score of an optimisation puzzle."""
    best = progress.passed.get(puzzle.id)
    return "" if best is None else f"  (best so far: {best})"


def _summary(number: int, puzzle: Exercise, progress: Progress) -> dict[str, object]:
    return {
        "number": number,
        "id": puzzle.id,
        "title": puzzle.title,
        "chapter": catalog.chapter(puzzle).title,
        "passed": puzzle.id in progress.passed,
        "skipped": puzzle.id in progress.skipped,
        "best": progress.passed.get(puzzle.id),
    }
