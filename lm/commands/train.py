"""Train a character-level transformer and write it as safetensors."""

from __future__ import annotations

import argparse
import json
import platform
import shlex
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lm.checkpoint import Checkpoint, save_checkpoint
from lm.commands import seed
from lm.config import SETTINGS, parameter_count
from lm.errors import LMError
from lm.files import check_writable
from lm.ngram import count_bigrams
from lm.training.options import Options

if TYPE_CHECKING:
    from lm.config import Config
    from lm.training.loop import Trained
    from lm.training.options import Options
    from lm.training.processes import Processes
    from lm.training.text import Text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", metavar="FILE", help="UTF-8 text to learn (default: pydoc_data.topics)")
    parser.add_argument("--out", metavar="FILE", default="out/lm.safetensors", help="default: %(default)s")
    parser.add_argument("--resume", action="store_true", help="go on with the run that was to write --out")
    shape = parser.add_argument_group("the model")
    shape.add_argument("--setting", choices=("modern", "gpt2"), default="modern", help="default: %(default)s")
    shape.add_argument("--context", type=int, default=128, help="characters it sees (default: %(default)s)")
    shape.add_argument("--width", type=int, default=96, help="default: %(default)s")
    shape.add_argument("--layers", type=int, default=4, help="default: %(default)s")
    shape.add_argument("--heads", type=int, default=4, help="default: %(default)s")
    shape.add_argument("--kv-heads", type=int, default=0, help="heads of keys and values (default: all)")
    shape.add_argument("--hidden", type=int, default=0, help="width of the MLP (default: 4 times the width)")
    shape.add_argument("--ngrams", type=int, default=0, help="highest order of hashed n-gram tables (default: none)")
    shape.add_argument("--ngram-rows", type=int, default=0, help="rows of each of those tables")
    course = parser.add_argument_group("its training")
    course.add_argument("--steps", type=int, default=4500, help="default: %(default)s")
    course.add_argument("--batch", type=int, default=16, help="windows per step (default: %(default)s)")
    course.add_argument("--accumulate", type=int, default=1, help="parts that a batch is computed in (default: 1)")
    course.add_argument("--optimizer", choices=("muon", "adamw"), default="muon", help="default: %(default)s")
    course.add_argument("--rate", type=float, default=3e-3, help="AdamW's highest rate (default: %(default)s)")
    course.add_argument("--muon-rate", type=float, default=0.02, help="Muon's highest rate (default: %(default)s)")
    course.add_argument("--table-rate", type=float, default=0.01, help="of n-gram tables (default: %(default)s)")
    course.add_argument("--schedule", choices=("stable", "cosine"), default="stable", help="default: %(default)s")
    course.add_argument("--dropout", type=float, default=0.15, help="default: %(default)s")
    course.add_argument("--table-dropout", type=float, default=0.0, help="of whole n-gram vectors (default: none)")
    course.add_argument(
        "--precision",
        choices=("auto", "float32", "bfloat16"),
        default="float32",
        help="of matrix products; auto: bfloat16 where it measures faster (default: %(default)s)",
    )
    course.add_argument("--seed", type=seed, default=0, help="default: %(default)s")
    course.add_argument("--report", type=int, default=100, help="steps between measurements (default: %(default)s)")
    course.add_argument("--threads", type=int, default=1, help="of the CPU; changes the bits (default: 1)")


def run(options: argparse.Namespace) -> None:
    check_writable(Path(options.out))
    if options.threads < 1:
        raise LMError(f"--threads must be at least 1, got {options.threads}")
    from lm.training import processes
    from lm.training.text import builtin, memory_mapped

    with processes.started() as group, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        text = memory_mapped(options.text, Path(folder)) if options.text else builtin()
        config, course = config_of(options, len(text.vocabulary)), course_of(options)
        trained, facts = fit(options, text, config, course, group)
        if group.first:
            write(options, text, config, trained, facts)


def config_of(options: argparse.Namespace, vocabulary: int) -> Config:
    """The model that the options ask for.  Raises LMError for an impossible one."""
    names = ("context", "width", "layers", "heads", "kv_heads", "hidden", "ngrams", "ngram_rows")
    return SETTINGS[options.setting](vocabulary, **{name: getattr(options, name) for name in names})


def course_of(options: argparse.Namespace) -> Options:
    """The training that the options ask for.  Raises LMError for an impossible one."""
    from lm.training.precision import fastest

    names = (
        "steps", "batch", "accumulate", "optimizer", "rate", "muon_rate", "table_rate", "schedule", "dropout",
        "table_dropout", "seed", "report",
    )  # fmt: skip
    precision = fastest() if options.precision == "auto" else options.precision
    return Options(precision=precision, **{name: getattr(options, name) for name in names})


def fit(
    options: argparse.Namespace, text: Text, config: Config, course: Options, group: Processes
) -> tuple[Trained, dict[str, Any]]:
    """Train, with the state saved again and again; the result, and facts about the run for its checkpoint."""
    import torch

    from lm.training.display import Display
    from lm.training.loop import Progress, Run, reproducible, train
    from lm.training.state import EVERY, load_state, save_state, state_path

    path = state_path(options.out)
    what = {"text": text.sha256, "config": asdict(config), "options": asdict(course), "threads": options.threads}
    state = load_state(path, what) if options.resume else None
    if group.first:
        if state is None and path.exists():
            raise LMError(f"{path} is of a training that was interrupted: give --resume, or delete it to start anew")
        print(
            f"{parameter_count(config):,} parameters, {len(text.train):,} characters of {text.source}, "
            f"{len(text.vocabulary)} different",
            file=sys.stderr,
        )
    saved = time.monotonic()

    def after_step(run: Run, loss: float, measured: Progress | None) -> None:
        nonlocal saved
        if not group.first:
            return
        display.show(run, loss, measured)
        if time.monotonic() - saved > EVERY:
            save_state({"run": what} | run.state(), path)
            saved = time.monotonic()

    with reproducible(options.threads), Display(course.steps, state["done"] if state else 0) as display:
        trained = train(text, config, course, group, after_step, state)
    facts = {
        "command": shlex.join(["python", "-m", "lm", *options.argv]),
        "source": text.source,
        "train_sha256": text.sha256,
        "train_characters": len(text.train),
        "options": asdict(course),
        "threads": options.threads,
        "processes": group.count,
        "best_step": trained.best.step,
        "train_loss": trained.best.train_loss,
        "validation_loss": trained.best.validation_loss,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    return trained, facts


def write(options: argparse.Namespace, text: Text, config: Config, trained: Trained, facts: dict[str, Any]) -> None:
    """The checkpoint; the state of the run, which is then finished, goes away."""
    from lm.training.state import state_path

    bigrams = count_bigrams(text.train, len(text.vocabulary))
    save_checkpoint(Checkpoint(config, text.vocabulary, trained.parameters, bigrams, facts), options.out)
    state_path(options.out).unlink(missing_ok=True)
    result = {"checkpoint": options.out, "parameters": parameter_count(config), "training": facts}
    if options.json:
        print(json.dumps(result | {"history": [asdict(p) for p in trained.history]}, indent=2))
    else:
        best = trained.best
        print(f"wrote {options.out}: step {best.step}, validation loss {best.validation_loss:.4f}")
