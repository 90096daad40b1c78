"""Compress a file with a language model and an arithmetic coder; `lm expand` restores it byte for byte."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from lm import corpus
from lm.checkpoint import DEFAULT
from lm.codes import coders
from lm.codes.archive import Coder, Recipe, pack
from lm.codes.arithmetic import Report
from lm.codes.sizes import others, xz
from lm.commands import DEVICES
from lm.errors import LMError
from lm.files import check_writable, write_file

ENDING = ".lmc"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="any file")
    parser.add_argument("--out", metavar="FILE", help=f"default: FILE{ENDING}")
    parser.add_argument("--force", action="store_true", help="replace --out if it is there")
    parser.add_argument(
        "--model",
        choices=("adaptive", "ngram", "transformer"),
        default="adaptive",
        help="learns from the file itself, or knows the training text (default: %(default)s)",
    )
    parser.add_argument("--order", type=int, default=5, help="of adaptive and ngram (default: %(default)s)")
    parser.add_argument("--unit", choices=("byte", "char", "bpe"), default="byte", help="of ngram (default: byte)")
    parser.add_argument("--smoothing", choices=("mkn", "add-k", "interp", "mle"), default="mkn", help="of ngram")
    parser.add_argument("--tokens", type=int, default=1000, help="of --unit bpe (default: %(default)s)")
    add_model_files(parser)


def add_model_files(parser: argparse.ArgumentParser) -> None:
    """Where the models come from: the same when compressing and when expanding."""
    parser.add_argument("--train", metavar="FILE", help="text of the n-gram model (default: pydoc_data.topics)")
    parser.add_argument("--checkpoint", metavar="FILE", help="of the transformer (default: the one in this package)")
    parser.add_argument("--device", choices=DEVICES, default="torch", help="of the transformer (default: torch)")


def run(options: argparse.Namespace) -> None:
    data = read(options.file)
    out = target(options.out or options.file + ENDING, options.force)
    recipe = {key: getattr(options, key) for key in ("model", "order", "unit", "smoothing", "tokens", "device")}
    coder = open_coder(recipe, options)
    start = time.perf_counter()
    packed = pack(data, coder, progress("compressing"))
    seconds = time.perf_counter() - start
    write_file(out, packed.content)
    model = model_size(recipe, options)
    size = len(packed.content)
    result: dict[str, Any] = {
        "file": options.file,
        "out": str(out),
        "model": coder.recipe,
        "bytes": len(data),
        "units": packed.units,
        "compressed": size,
        "code_bytes": packed.code,
        "cross_entropy_bytes": packed.bits / 8,
        "bits_per_byte": 8 * size / len(data) if data else None,
        "model_bytes": model,
        "with_model": size + model,
        **others(data),
        "seconds": seconds,
    }
    print(json.dumps(result, indent=2) if options.json else table(result))


def open_coder(recipe: Recipe, options: argparse.Namespace) -> Coder:
    """The model of a recipe, with the files that the options name."""
    if recipe["model"] == "adaptive":
        return coders.adaptive_coder(recipe["order"])
    if recipe["model"] == "ngram":
        tokens = recipe.get("tokens", 0)
        text = training_text(options)
        return coders.ngram_coder(text, recipe["unit"], recipe["order"], recipe["smoothing"], tokens)
    return coders.transformer_coder(options.checkpoint, recipe["device"])


def model_size(recipe: Recipe, options: argparse.Namespace) -> int:
    """Bytes that make the model again: the training text after xz, the checkpoint as it is, or none."""
    if recipe["model"] == "adaptive":
        return 0
    if recipe["model"] == "transformer":
        return Path(options.checkpoint or DEFAULT).stat().st_size
    return xz(training_text(options).encode())


def training_text(options: argparse.Namespace) -> str:
    """The text of the n-gram model."""
    return corpus.read_text(options.train) if options.train else corpus.builtin().train


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    size = result["bytes"]
    rows = [("original", size), ("this model", result["compressed"])]
    if result["model_bytes"]:
        rows.append(("with the model's own", result["with_model"]))
    rows += [(name, result[name]) for name in ("gzip", "xz", "zstd") if result[name] is not None]
    lines = [f"{result['file']} -> {result['out']}, {result['seconds']:.1f} s", ""]
    for name, count in rows:
        share = f"{8 * count / size:10.4f} bits a byte" if size else ""
        lines.append(f"{name:22}{count:>12,} bytes{share}")
    lines.append(f"{'code, no header':22}{result['code_bytes']:>12,} bytes")
    lines.append(f"{'cross-entropy':22}{result['cross_entropy_bytes']:>14,.1f}")
    return "\n".join(lines)


def progress(what: str) -> Report:
    """A line on stderr that counts up; nothing where stderr is no terminal."""
    start = time.perf_counter()

    def report(done: int, total: int) -> None:
        if sys.stderr.isatty() and total:
            left = (time.perf_counter() - start) / done * (total - done) if done else 0.0
            end = "\n" if done == total else ""
            print(f"\r{what}: {done / total:4.0%}, {left:.0f} s left  ", end=end, file=sys.stderr, flush=True)

    return report


def read(path: str) -> bytes:
    """The bytes of a file.  Raises LMError when there are none to be had."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise LMError(f"there is no file {path}: check the path") from None
    except OSError as error:
        raise LMError(f"{path} cannot be read: {error.strerror}") from None


def target(path: str, force: bool) -> Path:
    """Where the result goes.  Raises LMError where something would be lost."""
    out = Path(path)
    if out.is_file() and not force:
        raise LMError(f"{out} is there already: give another --out, or --force to replace it")
    check_writable(out)
    return out
