"""Why attention is needed: small tasks, and which model solves which (about a minute)."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING

from lm.commands import seed

if TYPE_CHECKING:
    from lm.attend.table import Result


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=seed, default=0, help="default: %(default)s")


def run(options: argparse.Namespace) -> None:
    import torch

    from lm.attend.reversal import reversal
    from lm.attend.table import hops_table, induction_table, recall_table
    from lm.comparison import flash_traffic
    from lm.embeddings.skipgram import kinship, skipgram
    from lm.translate.experiment import learn

    torch.set_num_threads(1)
    results = []
    tables = (hops_table, recall_table, induction_table)
    for cell in chain.from_iterable(experiment(seed=options.seed) for experiment in tables):
        results.append(cell)
        print(f"{cell.task}, {cell.model}", file=sys.stderr)
    curse = reversal(seed=options.seed)
    words = skipgram(kinship(seed=options.seed), width=16, reach=4, epochs=2, seed=options.seed)
    nearest = words.analogy("man", "woman", "king", 3)
    points = learn(seed=options.seed)
    traffic = [flash_traffic(length, width) for width in (8, 32) for length in (32, 64, 128, 256)]
    if options.json:
        result = {
            "results": [asdict(cell) for cell in results],
            "reversal": asdict(curse),
            "analogy": {"man : woman = king": nearest},
            "translation": [asdict(point) for point in points],
            "traffic": [asdict(t) for t in traffic],
        }
        print(json.dumps(result, indent=2))
        return
    print(table(results))
    print(f"\nreversal: asked as told {curse.as_told:.2f}, the other way {curse.reversed:.2f}")
    print("\nman : woman = king : " + ", ".join(f"{word} {cosine:.2f}" for word, cosine in nearest))
    print("\ntranslation   step  perplexity   words   sentences")
    for point in points:
        print(f"{point.step:18}{point.perplexity:12.3f}{point.words:8.2f}{point.sentences:12.2f}")
    print("\nnumbers moved     N   d   standard      flash   measured: materialised      fused")
    for t in traffic:
        counts = f"{t.paper_standard:11,}{t.paper_flash:11,}{t.materialised:25,}{t.fused:11,}"
        print(f"{t.length:19}{t.width:4}{counts}")


def table(results: list[Result]) -> str:
    """A row a model, a column a task: shares of right answers."""
    blocks = []
    for tasks in (("1 hop", "2 hops", "3 hops"), ("2 pairs", "4 pairs", "8 pairs"), ("induction",)):
        rows = [r for r in results if r.task in tasks]
        lines = [f"{'':24}{'parameters':>11}" + "".join(f"{task:>11}" for task in tasks)]
        for model in dict.fromkeys(r.model for r in rows):
            mine = {r.task: r for r in rows if r.model == model}
            size = max(r.parameters for r in mine.values())
            lines.append(f"{model:24}{size:>11,}" + "".join(f"{mine[task].accuracy:>11.2f}" for task in tasks))
        chance = {r.task: r.chance for r in rows}
        lines.append(f"{'chance':24}{'':11}" + "".join(f"{chance[task]:>11.2f}" for task in tasks))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)
