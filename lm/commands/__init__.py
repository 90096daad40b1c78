"""One module a subcommand: `add_arguments(parser)` and `run(options)`."""

import argparse

DEVICES = ("torch", "sim", "gpu")
SEEDS = 2**32


def seed(text: str) -> int:
    """A whole number that NumPy's and torch's generators take."""
    if not (text.isdecimal() and int(text) < SEEDS):
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 to {SEEDS - 1}, not {text!r}")
    return int(text)
