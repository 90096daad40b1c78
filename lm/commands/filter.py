"""Clean a corpus: drop duplicate, near duplicate and strange documents, by a model of good text.

Documents are the parts of --text between blank lines.  The model counts the characters of --train by
modified Kneser-Ney.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from lm import corpus
from lm.commands.compress import target
from lm.errors import LMError
from lm.files import write_file
from lm.ngrams.fit import fit
from lm.scrutiny.documents import split_documents
from lm.scrutiny.filtering import clean
from lm.text.stream import Encoder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", metavar="FILE", required=True, help="UTF-8 text to clean")
    parser.add_argument("--train", metavar="FILE", help="good text (default: pydoc_data.topics)")
    parser.add_argument("--out", metavar="FILE", help="where what is kept goes (default: only count)")
    parser.add_argument("--force", action="store_true", help="replace --out if it is there")
    parser.add_argument("--order", type=int, default=5, help="of the model of characters (default: %(default)s)")
    parser.add_argument("--least", type=float, default=0.0, help="least perplexity of a character (default: none)")
    parser.add_argument("--most", type=float, default=float("inf"), help="greatest perplexity (default: none)")
    parser.add_argument("--similar", type=float, default=0.8, help="near duplicates from here on (default: 0.8)")


def run(options: argparse.Namespace) -> None:
    if not 0 < options.similar <= 1:
        raise LMError(f"--similar is a share above 0 and at most 1, got {options.similar}")
    if options.out:
        target(options.out, options.force)
    documents = split_documents(corpus.read_text(options.text))
    train = corpus.read_text(options.train) if options.train else corpus.builtin().train
    fitted = fit(train, Encoder.of(train, "char", "stream"), options.order, "mkn")

    def perplexity(document: str) -> float:
        return fitted.bits(document).perplexity

    verdicts = clean(documents, perplexity, options.least, options.most, options.similar)
    if options.out:
        kept = [d for d, verdict in zip(documents, verdicts, strict=True) if verdict.reason == "kept"]
        write_file(Path(options.out), "".join(kept).encode())
    counts = Counter(verdict.reason for verdict in verdicts)
    if options.json:
        rows = [
            {"begins": d.strip()[:40], "reason": v.reason, "of": v.of, "perplexity": v.perplexity}
            for d, v in zip(documents, verdicts, strict=True)
        ]
        print(json.dumps({"counts": counts, "documents": rows}, indent=2))
    else:
        print("\n".join(f"{reason:16} {count:>9,}" for reason, count in counts.most_common()))
