"""Check a file again whenever it is saved; Ctrl-C ends it."""

from __future__ import annotations

import argparse
from pathlib import Path

from gpusim.places import shown_paths
from puzzles.commands.arguments import add_checking, service_for
from puzzles.commands.check import note
from puzzles.errors import PuzzleError
from puzzles.text_file import claims_a_puzzle


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, help="a folder of files, or one file")
    add_checking(parser)


def run(options: argparse.Namespace) -> int:
    from watchfiles import Change, watch  # optional, with a compiled part

    folder: Path = options.folder
    if not folder.exists():
        raise PuzzleError(f"there is no file or folder {folder}.")
    with service_for(options) as checking:
        print(shown_paths(f"watching {folder}: save a file to check it; Ctrl-C ends it"), flush=True)
        for changes in watch(folder, debounce=200, step=20, recursive=False, raise_interrupt=True):
            saved = {Path(path) for change, path in changes if change is not Change.deleted}
            for path in sorted(saved):
                if path.suffix == ".py" and path.is_file() and claims_a_puzzle(path):
                    verdict = checking.check_file(path, options.seed, options.time_limit)
                    print(verdict, *note(path.parent, verdict), "", sep="\n", flush=True)
    return 0
