"""Write the course as notebooks, one a chapter; a notebook that is there stays as it is.

CHAPTER is a chapter's name, "tour" for the tour's three parts, or "formulas" for the five formulas of language models.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from puzzles.notebook.files import named, write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CHAPTER", nargs="?", help="such as gemm (default: all chapters)")
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path("notebooks"), help="default: %(default)s")
    parser.add_argument("--force", action="store_true", help="replace notebooks that are there")
    parser.add_argument("--solutions", action="store_true", help="with the holes filled")


def run(options: argparse.Namespace) -> None:
    for path, written in write(options.out, named(options.chapter, options.solutions), options.force):
        print(f"{'wrote' if written else 'kept '}  {path}")
    print(f"Open them in an editor that knows notebooks, or: python -m puzzles lab {options.out}")
