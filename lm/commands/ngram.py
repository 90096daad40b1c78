"""Perplexity of a uniform, a unigram and a bigram model on a text's held-out part."""

from __future__ import annotations

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", metavar="FILE", help="UTF-8 text (default: pydoc_data.topics)")
    parser.add_argument(
        "--alpha", type=float, default=1.0, help="what smoothing adds to each count (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> None:
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
