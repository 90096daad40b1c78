"""Perplexity of n-gram models: smoothed ones of any order, and the ladder from uniform to bigram.

With --train, a model of the training file is measured on --valid and --test.  Without, a uniform, a unigram and a
bigram model of characters are measured on the held-out part of --text.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lm.ngrams.fit import Fitted
    from lm.text.stream import Encoder
    from lm.text.units import Mode

NAME = "ngram"
UNITS = ("token", "word", "character", "byte")
LECTURE = {0: 10_000, 1: 600, 2: 200, 3: 140}  # the lecture's perplexities of the Penn Treebank, by order


def add_arguments(parser: argparse.ArgumentParser) -> None:
    files = parser.add_argument_group("a model of a file")
    files.add_argument("--train", metavar="FILE", help="UTF-8 text to count")
    files.add_argument("--valid", metavar="FILE", help="text to measure; interp fits its weights on it")
    files.add_argument("--test", metavar="FILE", help="text to measure")
    files.add_argument("--order", type=int, default=3, metavar="N", help="longest n-gram (default: %(default)s)")
    files.add_argument("--unit", choices=("word", "char", "byte", "bpe"), default="word", help="default: %(default)s")
    files.add_argument("--tokens", type=int, default=1000, help="of bpe, learned from --train (default: %(default)s)")
    files.add_argument(
        "--smoothing",
        choices=("mkn", "add-k", "interp", "mle"),
        default="mkn",
        help="modified Kneser-Ney, add-k, linear interpolation, maximum likelihood (default: %(default)s)",
    )
    files.add_argument("--k", type=float, default=1.0, help="of add-k (default: %(default)s)")
    files.add_argument(
        "--mode",
        choices=("sentence", "stream"),
        help="each line a sentence with an end, or all one stream (default: sentence for words, stream for others)",
    )
    files.add_argument("--ladder", action="store_true", help="measure every order from uniform to --order")
    files.add_argument("--unbounded", action="store_true", help="add a model without a longest context")
    simple = parser.add_argument_group("characters of one text")
    simple.add_argument("--text", metavar="FILE", help="UTF-8 text (default: pydoc_data.topics)")
    simple.add_argument(
        "--alpha", type=float, default=1.0, help="what smoothing adds to each count (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> None:
    from lm.errors import LMError

    if options.train:
        if options.text:
            raise LMError("--text is split by itself: give either --text, or --train with --valid and --test")
        measure(options)
    elif options.valid or options.test:
        raise LMError("there is nothing to count: give --train FILE beside --valid and --test")
    else:
        characters(options)


def measure(options: argparse.Namespace) -> None:
    """A model of --train on --valid and --test."""
    from lm.corpus import read_text
    from lm.errors import LMError
    from lm.ngrams.fit import Fitted, count, smooth
    from lm.perplexity import Bits

    if not options.valid and not options.test:
        raise LMError("there is nothing to measure: give --valid FILE, --test FILE or both")
    train = read_text(options.train)
    texts = {name: read_text(getattr(options, name)) for name in ("valid", "test") if getattr(options, name)}
    start = time.perf_counter()
    encoder = open_encoder(options, train)
    orders, held_out = count(train, encoder, options.order, options.smoothing, texts.get("valid"))
    fitted = Fitted(encoder, smooth(orders, options.smoothing, options.k, held_out))
    p = {name: fitted.probabilities(text) for name, text in texts.items()}
    bits = {name: Bits.of(p[name], text) for name, text in texts.items()}
    seconds = time.perf_counter() - start

    result: dict[str, Any] = {
        "train": options.train,
        "order": options.order,
        "unit": options.unit,
        "mode": encoder.mode,
        "smoothing": options.smoothing,
        "ppl": {name: finite(x.perplexity) for name, x in bits.items()},
        **{f"bits_per_{unit}": {name: finite(x.per(unit)) for name, x in bits.items()} for unit in UNITS},
        "nats_per_token": {name: finite(x.per("token") * math.log(2)) for name, x in bits.items()},
        "impossible": {name: int((x == 0).sum()) for name, x in p.items()},
        "unknown": {name: int((encoder.encode(text) == 0).sum()) for name, text in texts.items()},
        "tokens": {"train": int(orders[0].count.sum())} | {name: x.tokens for name, x in bits.items()},
        "types": encoder.types,
        "ngrams": [int((x.count > 0).sum()) for x in orders],
        "bytes": fitted.model.nbytes,
        "seconds": seconds,
    }
    if options.ladder:
        result["ladder"] = []
        for order in range(options.order + 1):
            rung = smooth(orders[: max(order, 1)], options.smoothing, options.k, held_out)
            ppl = {}
            for name, text in texts.items():
                numbers = encoder.encode(text)
                ppl[name] = finite(Bits.of(rung.ladder(numbers)[-1 if order else 0, numbers != 1], text).perplexity)
            result["ladder"].append({"order": order, "ppl": ppl})
    if options.unbounded:
        result["unbounded"] = unbounded(fitted, train, texts)
    print(json.dumps(result, indent=2) if options.json else table(result))


def unbounded(fitted: Fitted, train: str, texts: dict[str, str]) -> dict[str, Any]:
    """The unbounded model alone, and mixed with the fitted one; weights from the validation text."""
    from lm.errors import LMError
    from lm.ngrams.unbounded import Unbounded, fit_weights, mixture
    from lm.perplexity import Bits

    if "valid" not in texts:
        raise LMError("--unbounded fits its weights on held-out text: give --valid FILE")
    model = Unbounded(fitted.encoder.encode(train))
    weights = None
    result: dict[str, Any] = {}
    for name in ("valid", "test"):
        if name not in texts:
            continue
        tokens = fitted.encoder.encode(texts[name])
        p, length = (x[tokens != 1] for x in model.probabilities(tokens))
        smoothed = fitted.probabilities(texts[name])
        if weights is None:
            weights = fit_weights(p, length, smoothed)
        bits = Bits.of(mixture(weights, p, length, smoothed), texts[name])
        result[name] = {
            "ppl": bits.perplexity,
            "bits_per_token": bits.per("token"),
            "mean_context": float(length.mean()),
            "longest_context": int(length.max()),
            "zero": float((p == 0).mean()),
            "bytes": model.nbytes,
        }
    return result


def open_encoder(options: argparse.Namespace, train: str) -> Encoder:
    """The encoder for --unit and --mode, with the types of the training text."""
    from lm.text.bpe import train as learn
    from lm.text.stream import Encoder

    mode: Mode = options.mode or ("sentence" if options.unit == "word" else "stream")
    bpe = learn(train, options.tokens) if options.unit == "bpe" else None
    return Encoder.of(train, options.unit, mode, bpe)


def finite(value: float) -> float | None:
    """JSON has no infinity: null stands for it."""
    return value if math.isfinite(value) else None


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    lines = [
        f"{result['train']}: {result['tokens']['train']:,} {result['unit']} tokens of {result['types']:,} types, "
        f"{result['smoothing']} of order {result['order']}, {result['mode']} mode",
        f"{sum(result['ngrams']):,} different n-grams, {result['bytes'] / 1e6:,.1f} MB, {result['seconds']:.2f} s",
    ]
    for name, ppl in result["ppl"].items():
        shown = "infinite" if ppl is None else f"{ppl:.3f}"
        lines.append(f"{name:6} perplexity {shown} over {result['tokens'][name]:,} tokens")
        if ppl is None:
            lines.append(f"{'':6} {result['impossible'][name]:,} tokens were called impossible")
        else:
            shares = (f"{result[f'bits_per_{unit}'][name]:.4f} a {unit}" for unit in UNITS)
            lines.append(f"{'':6} bits: {', '.join(shares)}")
        if result["unknown"][name]:
            lines.append(f"{'':6} {result['unknown'][name]:,} tokens are unknown, and their spelling was not paid")
    if "ladder" in result:
        names = list(result["ppl"])
        lines += ["", f"{'order':8}" + "".join(f"{n:>12}" for n in names) + f"{'lecture, on PTB':>18}"]
        for rung in result["ladder"]:
            order = rung["order"]
            cells = "".join(f"{'infinite' if (x := rung['ppl'][n]) is None else format(x, ',.2f'):>12}" for n in names)
            lecture = format(LECTURE[order], ",") if order in LECTURE else ""
            lines.append(f"{order or 'uniform':<8}{cells}{lecture:>18}")
        lines.append(f"{'GPT-3':8}{'':{12 * len(names)}}{'20.5':>18}")
    if "unbounded" in result:
        for name, row in result["unbounded"].items():
            lines.append(
                f"{name:6} without a longest context: {row['mean_context']:.1f} tokens of context on average, "
                f"{row['zero']:.1%} of tokens impossible; mixed with the model above perplexity {row['ppl']:.3f}"
            )
    return "\n".join(lines)


def characters(options: argparse.Namespace) -> None:
    """Uniform, unigram and bigram models of characters, on the held-out part of --text."""
    from lm import corpus, ngram
    from lm.errors import LMError
    from lm.perplexity import perplexity
    from lm.tokens import Vocabulary

    if not options.alpha > 0:
        raise LMError(f"--alpha must be above 0, got {options.alpha}: else what was never seen is impossible")
    split = corpus.from_file(options.text) if options.text else corpus.builtin()
    if len(split.train) < 2 or len(split.held_out) < 2:
        raise LMError(f"the text file {options.text} is too short to split: give at least 40 characters")
    vocabulary = Vocabulary.of(split.train + split.held_out) if options.text else Vocabulary(corpus.ALPHABET)
    bigrams = ngram.count_bigrams(vocabulary.encode(split.train), len(vocabulary))
    numbers = vocabulary.encode(split.held_out)
    models = {
        "uniform": ngram.uniform(len(vocabulary)),
        "unigram": ngram.unigram(bigrams, options.alpha),
        "bigram": ngram.bigram(bigrams, options.alpha),
    }
    results = {name: perplexity(ngram.negative_log_likelihoods(model, numbers)) for name, model in models.items()}
    if options.json:
        result = {
            "source": split.source,
            "train_characters": len(split.train),
            "characters": len(numbers) - 1,
            "vocabulary": len(vocabulary),
            "alpha": options.alpha,
            "perplexity": results,
        }
        print(json.dumps(result, indent=2))
    else:
        print(f"{split.source}: trained on {len(split.train):,} characters, {len(numbers) - 1:,} predicted")
        for name, value in results.items():
            print(f"{name:12} perplexity {value:8.3f}")
