"""Restore a file that `lm compress` made, byte for byte, with the same model."""

from __future__ import annotations

import argparse
import json
import time

from lm.codes.archive import recipe_of, unpack
from lm.commands.compress import ENDING, add_model_files, open_coder, progress, read, target
from lm.errors import LMError
from lm.files import write_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="made by `lm compress`")
    parser.add_argument("--out", metavar="FILE", help=f"default: FILE without {ENDING}")
    parser.add_argument("--force", action="store_true", help="replace --out if it is there")
    add_model_files(parser)


def run(options: argparse.Namespace) -> None:
    content = read(options.file)
    recipe = recipe_of(content, options.file)
    if not options.out and not options.file.endswith(ENDING):
        raise LMError(f"{options.file} does not end with {ENDING}: name the file to write with --out")
    out = target(options.out or options.file.removesuffix(ENDING), options.force)
    start = time.perf_counter()
    data = unpack(content, open_coder(recipe, options), options.file, progress("expanding"))
    write_file(out, data)
    result = {"file": options.file, "out": str(out), "bytes": len(data), "seconds": time.perf_counter() - start}
    print(json.dumps(result, indent=2) if options.json else f"wrote {out}: {len(data):,} bytes")
