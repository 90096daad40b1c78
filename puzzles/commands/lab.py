"""Write the notebooks that are missing, and open JupyterLab on them."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from puzzles.errors import PuzzleError
from puzzles.notebook.files import named, write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, nargs="?", default=Path("notebooks"), help="%(default)s")
    parser.add_argument("--no-browser", action="store_true", help="print the address, and open nothing")


def run(options: argparse.Namespace) -> int:
    if find_spec("jupyterlab") is None:
        raise PuzzleError("JupyterLab is not installed: pip install 'gpusim[notebook]'")
    for path, written in write(options.folder, [*named(None), *named("tour"), *named("formulas")]):
        if written:
            print(f"wrote  {path}")
    place = f"--ServerApp.root_dir={options.folder.resolve()}"
    flags = ["--no-browser"] if options.no_browser else []
    return subprocess.call([sys.executable, "-m", "jupyterlab", place, *flags])
