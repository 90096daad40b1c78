"""Perplexity of a checkpoint, in torch, on the simulator or on a GPU."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from lm.commands import DEVICES
from lm.errors import LMError

if TYPE_CHECKING:
    from lm.evaluation import Evaluation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", metavar="FILE", help="default: the one in this package")
    parser.add_argument("--text", metavar="FILE", help="UTF-8 text (default: held-out text of the training)")
    parser.add_argument("--after", metavar="MARK", help="each line is a question, MARK, an answer: count answers only")
    count = "how many characters to predict (default: %(default)s)"
    parser.add_argument("--chars", "--tokens", type=int, default=2048, help=count)
    parser.add_argument("--device", choices=DEVICES, default="torch", help="default: %(default)s")
    parser.add_argument(
        "--attention",
        choices=("auto", "fused", "materialised"),
        default="auto",
        help="on sim and gpu: scores kept on the chip, or in global memory (default: the first where a head fits)",
    )
    parser.add_argument(
        "--kernels", choices=("good", "naive"), default="good", help="on sim and gpu (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> None:
    from lm import corpus
    from lm.answers import evaluate_answers
    from lm.checkpoint import DEFAULT
    from lm.evaluation import evaluate
    from lm.kernels import KernelSet

    text = corpus.read_text(options.text) if options.text else None
    if options.after is not None:
        if text is None:
            raise LMError("answers are evaluated in a text of your own: give it with --text FILE")
        answers = evaluate_answers(
            options.device,
            options.checkpoint or DEFAULT,
            text,
            options.after,
            options.text,
            options.chars,
            options.attention,
        )
        print(json.dumps(answers.to_dict(), indent=2) if options.json else table(answers))
        return
    result = evaluate(
        options.device,
        options.checkpoint or DEFAULT,
        text,
        options.text or "",
        options.chars,
        KernelSet.named(options.kernels),
        options.attention,
    )
    print(json.dumps(result.to_dict(), indent=2) if options.json else table(result))


def table(result: Evaluation) -> str:
    """The result for a terminal."""
    what = f"{result.characters:,} characters of {result.source}"
    lines = [f"{what}, {result.device}, {result.seconds:.1f} s", ""]
    for name in ("uniform", "unigram", "bigram"):
        lines.append(f"{name:12} perplexity {getattr(result, name):9.4f}")
    lines.append(f"{'transformer':12} perplexity {result.perplexity:9.4f}")
    if result.kernels:
        columns = ("launches", "global_loads", "global_stores", "shared_loads", "shared_stores")
        heads = "".join(f"{c.replace('_', ' '):>15}" for c in columns)
        lines += ["", f"{'kernel':24}{heads}{'seconds':>9}"]
    for row in result.kernels:
        numbers = (getattr(row, c) for c in columns)
        cells = "".join(f"{'-' if n is None else format(n, ','):>15}" for n in numbers)
        lines.append(f"{row.kernel:24}{cells}{row.seconds:9.2f}")
    lines += [str(finding) for finding in result.findings]
    return "\n".join(lines)
