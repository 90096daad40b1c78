"""The language with a known truth: its exact entropy, class by class, and documents of it as text.

What `--out` gets can be read by every other command: --text, --train, --test, compress.
"""

from __future__ import annotations

import argparse
import json
import math
from typing import Any

from lm.commands import seed
from lm.commands.compress import target
from lm.errors import LMError
from lm.files import write_file
from lm.language import Language, exact_entropy, spelling

PARAMETERS = ("types", "length", "exponent", "groups", "choice", "repeat", "silence")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--types", type=int, default=10_000, help="different words (default: %(default)s)")
    parser.add_argument("--length", type=int, default=1000, help="tokens of a document (default: %(default)s)")
    parser.add_argument("--exponent", type=float, default=1.0, help="of Zipf's law (default: %(default)s)")
    parser.add_argument("--groups", type=int, default=32, help="of verbs and their objects (default: %(default)s)")
    parser.add_argument("--choice", type=float, default=0.8, help="chance of an object of the verb's group (0.8)")
    parser.add_argument("--repeat", type=float, default=0.5, help="chance that a person is the protagonist (0.5)")
    parser.add_argument("--silence", type=int, default=200, help="tokens before the protagonist returns (200)")
    parser.add_argument("--documents", type=int, default=100, help="to draw for --out (default: %(default)s)")
    parser.add_argument("--seed", type=seed, default=0, help="default: %(default)s")
    parser.add_argument("--out", metavar="FILE", help="write documents as text")
    parser.add_argument("--force", action="store_true", help="replace --out if it is there")


def run(options: argparse.Namespace) -> None:
    language = Language(**{name: getattr(options, name) for name in PARAMETERS})
    found, forgetful = exact_entropy(language), exact_entropy(language, memory=False)
    without = forgetful.by_class()
    result: dict[str, Any] = {
        **{name: getattr(language, name) for name in PARAMETERS},
        "nats_per_token": found.nats_per_token,
        "bits_per_token": found.bits_per_token,
        "perplexity": found.perplexity,
        "perplexity_without_memory": forgetful.perplexity,
        "classes": {
            name: {"tokens": tokens, "bits": nats / math.log(2), "bits_without_memory": without[name][1] / math.log(2)}
            for name, (tokens, nats) in found.by_class().items()
        },
    }
    if options.out:
        if options.documents < 1:
            raise LMError(f"--documents must be at least 1, got {options.documents}")
        out = target(options.out, options.force)
        documents = language.documents(options.seed, options.documents)
        text = spelling.write(language, documents)
        write_file(out, text.encode())
        bits = float(language.information(documents).sum() / math.log(2))
        result |= {"out": str(out), "bytes": len(text), "information_bits": bits}
    print(json.dumps(result, indent=2) if options.json else table(result))


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    lines = [
        f"documents of {result['length']:,} tokens over {result['types']:,} types",
        f"entropy {result['nats_per_token']:.4f} nats, {result['bits_per_token']:.4f} bits a token, perplexity "
        f"{result['perplexity']:.3f}; without memory of the protagonist {result['perplexity_without_memory']:.3f}",
        "",
        f"{'class':14}{'tokens':>10}{'bits':>10}{'without memory':>17}",
    ]
    for name, row in result["classes"].items():
        lines.append(f"{name:14}{row['tokens']:10.1f}{row['bits']:10.3f}{row['bits_without_memory']:17.3f}")
    if "out" in result:
        held = f"{result['information_bits'] / 8:,.0f} bytes of information"
        lines += ["", f"wrote {result['out']}: {result['bytes']:,} bytes, which hold {held}"]
    return "\n".join(lines)
