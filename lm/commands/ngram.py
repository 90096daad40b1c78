"""Perplexity of n-gram models: smoothed ones of any order, and the ladder from uniform to bigram.

With --train, a model of the training file is measured on --valid and --test.  Without, a uniform, a unigram and a
bigram model of characters are measured on the held-out part of --text.
"""

from __future__ import annotations

import argparse
import json

from lm import corpus, ngram
from lm.commands import seed
from lm.errors import LMError
from lm.perplexity import perplexity
from lm.study.measure import Request, measure
from lm.study.table import table
from lm.tokens import Vocabulary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    files = parser.add_argument_group("a model of a file")
    files.add_argument("--train", metavar="FILE", help="UTF-8 text to count")
    files.add_argument("--valid", metavar="FILE", help="text to measure; interp fits its weights on it")
    files.add_argument("--test", metavar="FILE", help="text to measure")
    files.add_argument("--order", type=int, default=3, metavar="N", help="longest n-gram (default: %(default)s)")
    files.add_argument("--unit", choices=("word", "char", "byte", "bpe"), default="word", help="default: %(default)s")
    files.add_argument("--tokens", type=int, default=1000, help="of bpe, learned from --train (default: %(default)s)")
    files.add_argument("--tokenizer", metavar="FILE", help="of bpe: read from FILE, or written there if it is missing")
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
    files.add_argument("--by", choices=("document",), help="spread the bits over documents: parts between blank lines")
    files.add_argument("--top", type=int, default=0, metavar="K", help="count tokens among the K likeliest, and first")
    files.add_argument("--samples", type=int, default=0, metavar="N", help="draw N tokens from every order")
    files.add_argument("--seed", type=seed, default=0, help="of --samples (default: %(default)s)")
    files.add_argument("--unbounded", action="store_true", help="add a model without a longest context")
    simple = parser.add_argument_group("characters of one text")
    simple.add_argument("--text", metavar="FILE", help="UTF-8 text (default: pydoc_data.topics)")
    simple.add_argument(
        "--alpha", type=float, default=1.0, help="what smoothing adds to each count (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> None:
    if options.train:
        if options.text:
            raise LMError("--text is split by itself: give either --text, or --train with --valid and --test")
        measured(options)
    elif options.valid or options.test:
        raise LMError("there is nothing to count: give --train FILE beside --valid and --test")
    else:
        characters(options)


def measured(options: argparse.Namespace) -> None:
    """A model of --train on --valid and --test."""
    names = [name for name in ("valid", "test") if getattr(options, name)]
    if not names and options.samples < 1:
        raise LMError("there is nothing to measure: give --valid FILE, --test FILE or both, or --samples N")
    for name in ("top", "samples"):
        if getattr(options, name) < 0:
            raise LMError(f"--{name} must be at least 0, got {getattr(options, name)}")
    request = Request(
        **{x: getattr(options, x) for x in ("order", "unit", "mode", "smoothing", "k", "tokens", "tokenizer")},
        **{x: getattr(options, x) for x in ("ladder", "top", "unbounded", "samples", "seed")},
        by_document=options.by == "document",
    )
    train = corpus.read_text(options.train)
    result = measure(train, {name: corpus.read_text(getattr(options, name)) for name in names}, request)
    print(json.dumps({"train": options.train} | result, indent=2) if options.json else table(result))


def characters(options: argparse.Namespace) -> None:
    """Uniform, unigram and bigram models of characters, on the held-out part of --text."""
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
