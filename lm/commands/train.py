"""Train a character-level transformer and write it as safetensors."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import shlex
import sys
import time
from dataclasses import asdict
from pathlib import Path

from lm.errors import LMError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", metavar="FILE", help="UTF-8 text to learn (default: pydoc_data.topics)")
    parser.add_argument("--out", metavar="FILE", default="out/lm.safetensors", help="default: %(default)s")
    shape = parser.add_argument_group("the model")
    shape.add_argument("--context", type=int, default=128, help="characters it sees (default: %(default)s)")
    shape.add_argument("--width", type=int, default=96, help="default: %(default)s")
    shape.add_argument("--layers", type=int, default=4, help="default: %(default)s")
    shape.add_argument("--heads", type=int, default=4, help="default: %(default)s")
    course = parser.add_argument_group("its training")
    course.add_argument("--steps", type=int, default=4500, help="default: %(default)s")
    course.add_argument("--batch", type=int, default=16, help="windows per step (default: %(default)s)")
    course.add_argument("--rate", type=float, default=2e-3, help="highest rate (default: %(default)s)")
    course.add_argument("--dropout", type=float, default=0.15, help="default: %(default)s")
    course.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    course.add_argument("--threads", type=int, default=1, help="of the CPU; changes the bits (default: 1)")


def run(options: argparse.Namespace) -> None:
    from lm import corpus
    from lm.checkpoint import Checkpoint, save_checkpoint
    from lm.config import Config, parameter_count
    from lm.ngram import count_bigrams
    from lm.tokens import Vocabulary

    if Path(options.out).is_dir():
        raise LMError(f"{options.out} is a directory: give --out a file name")
    if options.threads < 1:
        raise LMError(f"--threads must be at least 1, got {options.threads}")
    split = corpus.from_file(options.text) if options.text else corpus.builtin()
    whole = split.train + split.validation + split.held_out
    vocabulary = Vocabulary.of(whole) if options.text else Vocabulary(corpus.ALPHABET)
    config = Config(len(vocabulary), options.context, options.width, options.layers, options.heads)
    numbers, check = vocabulary.encode(split.train), vocabulary.encode(split.validation)

    import torch  # slow to import: after everything that can be wrong with the input

    from lm.training import Options, Progress, reproducible, train

    course = Options(options.steps, options.batch, options.rate, dropout=options.dropout, seed=options.seed)
    start = time.perf_counter()

    def show(now: Progress) -> None:
        seconds = time.perf_counter() - start
        left = seconds / now.step * (course.steps - now.step)
        print(
            f"step {now.step:6d}/{course.steps}  train {now.train_loss:.4f}  "
            f"validation {now.validation_loss:.4f}  {seconds:6.0f} s, {left:.0f} s left",
            file=sys.stderr,
            flush=True,
        )

    print(
        f"{parameter_count(config):,} parameters, {len(split.train):,} characters of {split.source}, "
        f"{len(vocabulary)} different",
        file=sys.stderr,
    )
    with reproducible(options.threads):
        trained = train(numbers, check, config, course, show)
    facts = {
        "command": shlex.join(["python", "-m", "lm", *options.argv]),
        "source": split.source,
        "train_sha256": hashlib.sha256(split.train.encode()).hexdigest(),
        "train_characters": len(split.train),
        "options": asdict(course),
        "threads": options.threads,
        "best_step": trained.best.step,
        "train_loss": trained.best.train_loss,
        "validation_loss": trained.best.validation_loss,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    bigrams = count_bigrams(numbers, len(vocabulary))
    save_checkpoint(Checkpoint(config, vocabulary, trained.parameters, bigrams, facts), options.out)
    result = {"checkpoint": options.out, "parameters": parameter_count(config), "training": facts}
    if options.json:
        print(json.dumps(result | {"history": [asdict(p) for p in trained.history]}, indent=2))
    else:
        best = trained.best
        print(f"wrote {options.out}: step {best.step}, validation loss {best.validation_loss:.4f}")
