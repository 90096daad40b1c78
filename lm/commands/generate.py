"""Continue a prompt with characters drawn from a checkpoint."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time

import numpy as np

from lm.checkpoint import DEFAULT, load_checkpoint
from lm.commands import DEVICES, seed
from lm.errors import LMError
from lm.inference.session import Session
from lm.sampling import sample


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", metavar="FILE", help="default: the one in this package")
    parser.add_argument("--prompt", default="A function ", help="default: %(default)r")
    parser.add_argument("--chars", type=int, default=300, help="characters to draw (default: %(default)s)")
    parser.add_argument("--temperature", type=float, default=0.7, help="0: the likeliest (default: %(default)s)")
    parser.add_argument("--top-k", type=int, default=0, metavar="K", help="the K likeliest only (default: all)")
    parser.add_argument("--top-p", type=float, default=1.0, metavar="P", help="the nucleus of mass P (default: all)")
    parser.add_argument("--min-p", type=float, default=0.0, metavar="P", help="at least P times the likeliest's")
    parser.add_argument("--seed", type=seed, default=0, help="default: %(default)s")
    parser.add_argument("--no-cache", action="store_true", help="compute the whole window for each character")
    parser.add_argument("--device", choices=DEVICES, default="torch", help="default: %(default)s")


def run(options: argparse.Namespace) -> None:
    from lm.evaluation import open_model

    checkpoint = load_checkpoint(options.checkpoint or DEFAULT)
    begin, end = (str(checkpoint.training.get(name, "")) for name in ("begin", "end"))
    prompt = checkpoint.vocabulary.encode(options.prompt, "the prompt")
    context, characters = checkpoint.config.context, options.chars
    if not checkpoint.config.causal:
        raise LMError("the model sees what comes after each position, so it continues nothing: give a causal one")
    if begin:  # a compiled program: further on it means nothing
        prompt = np.concatenate([checkpoint.vocabulary.encode(begin), prompt])
        if len(prompt) > context:
            raise LMError(
                f"the prompt has {len(options.prompt)} characters and the program was compiled for {context - 1}: "
                "compile it with a greater --length"
            )
        characters = min(characters, context - len(prompt) + 1)
    session = Session(open_model(options.device, checkpoint), cached=not options.no_cache)
    cuts = {"top_k": options.top_k, "top_p": options.top_p, "min_p": options.min_p}
    drawn = sample(session.logits, prompt, characters, context, options.temperature, options.seed, **cuts)
    text, seconds, start = "", [], time.perf_counter()
    for number in drawn:
        seconds.append(time.perf_counter() - start)
        character = checkpoint.vocabulary.decode([number])
        if character == end:  # compiled programs say where their answer ends
            print(end="" if text or options.json else options.prompt)
            break
        if not options.json:
            print(("" if text else options.prompt) + character, end="", flush=True)
        text += character
        start = time.perf_counter()
    if options.json:
        result = {"prompt": options.prompt, "text": text, "device": options.device, "seed": options.seed}
        result |= {"temperature": options.temperature} | cuts
        result |= {"seconds_to_first": seconds[0], "seconds_each": statistics.median(seconds[1:] or seconds)}
        json.dump(result | {"cache_bytes": session.cache_bytes}, sys.stdout, indent=2)
    print()
