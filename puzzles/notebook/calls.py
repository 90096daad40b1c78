"""What cells of a notebook call. Nothing here needs ipywidgets."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gpusim.errors import GpusimError
from gpusim.kernel.source import Kernel
from puzzles import catalog
from puzzles.check import Reason, Verdict, check_kernel
from puzzles.check.replay import Replay, replay
from puzzles.errors import PuzzleError
from puzzles.exercise import Exercise
from puzzles.notebook import board, hole, question
from puzzles.notebook.report import Report
from puzzles.notebook.shown import Live, Shown
from puzzles.picture import picture as svg_of
from puzzles.progress import Progress
from puzzles.service import TIME_LIMIT, service
from puzzles.source import same_program, skeleton
from puzzles.spec import Puzzle
from puzzles.view.puzzle import hints_body
from puzzles.view.style import sheet


def puzzle(name: str | int) -> Exercise:
    """The puzzle with this id or number, which a notebook shows: task, picture, question, hints. Raises PuzzleError."""
    return catalog.load(str(name))


def picture(name: str | int) -> Shown:
    """What the solution does: who reads what, between which barriers. Raises PuzzleError, GpusimError."""
    chosen = catalog.load(str(name))
    return Shown(sheet(f'<div class="scroll">{svg_of(chosen)}</div>'), f"the picture of {chosen.id}")


def hints(name: str | int) -> Shown:
    """The puzzle's hints, each behind a button. Raises PuzzleError."""
    chosen = catalog.load(str(name))
    words = "\n".join(f"{number}. {hint}" for number, hint in enumerate(chosen.hints, 1))
    return Shown(sheet(hints_body(chosen.hints)), words)


def predict(name: str | int, answer: object = None) -> Shown:
    """The puzzle's question, or whether `answer` is right: a number, cells (`((0, 1), (2, 0))`) or a choice.

    Raises PuzzleError for a puzzle without a question.
    """
    chosen = catalog.load(str(name))
    asked = hole.question(chosen)
    if asked is None:
        raise PuzzleError(f"{chosen.id} has no question.")
    return question.ask(chosen, asked) if answer is None else question.mark(chosen, asked, str(answer))


def progress(chapter: str | None = None) -> Live:
    """How far you are, in all chapters or in one, by its name. Raises PuzzleError."""
    named = catalog.named_chapters()
    if chapter is not None and chapter not in named:
        raise PuzzleError(f"there is no chapter {chapter!r}; choose from {', '.join(named)}.")
    return board.board(list(named.values()) if chapter is None else [named[chapter]])


def check(*kernels: Any, puzzle: str | int | Exercise | None = None, seed: int | None = None) -> Report:
    """Check a kernel, or all kernels of a puzzle that asks for several, and note what has passed.

    The puzzle is that of the line PUZZLE beside the kernel, or `puzzle`. `seed` repeats an earlier check's inputs.
    Raises PuzzleError where it cannot be known what is to be checked.
    """
    if not kernels:
        raise PuzzleError("nothing to check: check(kernel)")
    chosen = _chosen(kernels[0], puzzle)
    return checked(chosen, _by_name(chosen, kernels), seed)


def checked(chosen: Puzzle, kernels: Mapping[str, Any], seed: int | None = None) -> Report:
    """The report on the kernels of a puzzle by name."""
    progress = Progress.of(Path())
    if all(map(_is_skeleton, [chosen] * len(kernels), kernels.values())):
        return _open(chosen, progress)
    verdict = check_kernel(kernels, chosen, seed)
    if chosen.defect and verdict.passed and chosen.id not in progress.predicted:
        told = f'the kernel is right again; now name the lines that made it wrong: predict("{chosen.id}", "3, 7")'
        verdict = replace(verdict, reasons=(Reason("prediction", told),))
    return noted(verdict, progress, None if verdict.passed else replay(kernels, chosen, verdict))


def read(chosen: Exercise, text: str) -> Report:
    """The report on the text of a cell that is a program: it is read, and not executed."""
    progress = Progress.of(Path())
    if _is_empty(chosen, text):
        return _open(chosen, progress)
    with service() as checking:
        verdict = checking.check_text(f'PUZZLE = "{chosen.id}"\n{text}', "the cell", None, TIME_LIMIT)
    return noted(verdict, progress, None)


def noted(verdict: Verdict, progress: Progress, shown: Replay | None) -> Report:
    """The report, after taking note of a verdict."""
    if progress.note(verdict):
        progress.save()
        board.refresh()
    return Report(verdict, shown, progress)


def _open(chosen: Exercise, progress: Progress) -> Report:
    """The report on a cell that nobody has touched."""
    reason = Reason("untouched", "the defect is still there." if chosen.defect else "the hole is still empty.")
    return Report(Verdict(chosen.id, "", 0, (reason,)), None, progress)


def _chosen(kernel: Any, name: str | int | Exercise | None) -> Puzzle:
    if isinstance(name, Exercise):
        return _for_kernels(name)
    if name is None:
        first = next(iter(kernel.values()), None) if isinstance(kernel, Mapping) else kernel
        function = getattr(first, "py_func", first)
        name = getattr(function, "__globals__", {}).get("PUZZLE")
        if name is None:
            raise PuzzleError(
                'which puzzle is this for? Put PUZZLE = "map" above the kernel, or call check(kernel, puzzle="map").'
            )
    return _for_kernels(catalog.load(str(name)))


def _for_kernels(chosen: Exercise) -> Puzzle:
    if not isinstance(chosen, Puzzle):
        raise PuzzleError(f"{chosen.id} asks for a program, not for a kernel: begin its cell with %%puzzle {chosen.id}")
    return chosen


def _by_name(chosen: Puzzle, kernels: tuple[Any, ...]) -> Mapping[str, Any]:
    """The kernels by the names that the puzzle's launches use. Raises PuzzleError if one is missing."""
    names = list(chosen.kernels)
    if isinstance(kernels[0], Mapping):
        found = dict(kernels[0])
    elif len(names) == 1 == len(kernels):
        return {names[0]: kernels[0]}
    else:
        found = {getattr(getattr(kernel, "py_func", kernel), "__name__", ""): kernel for kernel in kernels}
    missing = [name for name in names if name not in found]
    if missing:
        raise PuzzleError(f"{chosen.id} asks for {' and '.join(names)}; missing: {', '.join(missing)}.")
    return {name: found[name] for name in names}


def _is_empty(chosen: Exercise, text: str) -> bool:
    """Whether a program's cell is as it was."""
    try:
        return same_program(text, hole.hole(chosen).partition("\n")[2])
    except SyntaxError:
        return False


def _is_skeleton(chosen: Puzzle, kernel: Any) -> bool:
    """Whether the functions around a kernel are those of the skeleton, hole and all."""
    try:
        file = Kernel.of(kernel).file
        tree = ast.parse("".join(linecache.getlines(file)))
    except (GpusimError, SyntaxError):
        return False
    return _functions(ast.parse(skeleton(chosen, catalog.number(chosen)))) <= _functions(tree)


def _functions(tree: ast.Module) -> set[str]:
    return {ast.dump(node) for node in tree.body if isinstance(node, ast.FunctionDef)}
