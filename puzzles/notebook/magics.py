"""`%load_ext puzzles`: `%%puzzle ID` runs a cell and checks the kernels that it defines; `%puzzle ID` shows a task."""

from __future__ import annotations

from functools import partial
from typing import Any

from puzzles import catalog
from puzzles.errors import PuzzleError
from puzzles.exercise import Exercise
from puzzles.notebook.calls import checked, read
from puzzles.notebook.report import Report
from puzzles.spec import Puzzle


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext puzzles`"""
    shell.register_magic_function(partial(_puzzle, shell), "line_cell", "puzzle")


def _puzzle(shell: Any, line: str, cell: str | None = None) -> Exercise | Report | None:
    chosen = catalog.load(line.strip())
    if cell is None:
        return chosen
    if not isinstance(chosen, Puzzle):
        return read(chosen, cell)
    ran = shell.run_cell(f"# {chosen.id}\n{cell}")  # a line in place of `%%puzzle`: the others keep their numbers
    if not ran.success:
        return None
    missing = [name for name in chosen.kernels if name not in shell.user_ns]
    if missing:
        raise PuzzleError(f"the cell defines no {' and no '.join(missing)}, which {chosen.id} asks for.")
    return checked(chosen, {name: shell.user_ns[name] for name in chosen.kernels})
