"""Write a notebook that fits, reads and draws the measured law."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lm.errors import LMError
from lm.files import write_file
from lm.scaling.notebook import notebook

NAME = "notebook"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FILE", default="scaling.ipynb", help="default: %(default)s")
    parser.add_argument("--bootstrap", type=int, default=200, metavar="SAMPLES", help="default: %(default)s")
    parser.add_argument("--force", action="store_true", help="replace a file that is there")


def run(options: argparse.Namespace) -> tuple[dict, str]:
    path = Path(options.out)
    if path.exists() and not options.force:
        raise LMError(f"{path} is there already: give another --out, or --force to replace it")
    write_file(path, (json.dumps(notebook(options.bootstrap), indent=1) + "\n").encode())
    return {"file": options.out}, f"wrote {options.out}"
