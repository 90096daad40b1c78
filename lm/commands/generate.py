"""Continue a prompt with characters drawn from a checkpoint."""

from __future__ import annotations

import argparse
import json
import sys

from lm.commands import DEVICES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", metavar="FILE", help="default: the one in this package")
    parser.add_argument("--prompt", default="A function ", help="default: %(default)r")
    parser.add_argument("--chars", type=int, default=300, help="characters to draw (default: %(default)s)")
    parser.add_argument("--temperature", type=float, default=0.7, help="0: the likeliest (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--device", choices=DEVICES, default="torch", help="default: %(default)s")


def run(options: argparse.Namespace) -> None:
    from lm.checkpoint import DEFAULT, load_checkpoint
    from lm.evaluation import open_model
    from lm.sampling import sample

    checkpoint = load_checkpoint(options.checkpoint or DEFAULT)
    prompt = checkpoint.vocabulary.encode(options.prompt, "the prompt")
    context = checkpoint.config.context
    model = open_model(options.device, checkpoint)
    drawn = sample(model.logits, prompt, options.chars, context, options.temperature, options.seed)
    text = ""
    for number in drawn:
        character = checkpoint.vocabulary.decode([number])
        if not options.json:
            print(("" if text else options.prompt) + character, end="", flush=True)
        text += character
    if options.json:
        result = {"prompt": options.prompt, "text": text, "device": options.device, "seed": options.seed}
        json.dump(result | {"temperature": options.temperature}, sys.stdout, indent=2)
    print()
