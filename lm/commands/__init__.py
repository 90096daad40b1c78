"""One module a subcommand: `add_arguments(parser)` and `run(options)`."""

import argparse

DEVICES = ("torch", "sim", "gpu")
SEEDS = 2**32


def positive(text: str) -> int:
    """A whole number above 0: how often something is done."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number above 0 is needed, not {text!r}")
    return int(text)


def seed(text: str) -> int:
    """A whole number that NumPy's and torch's generators take."""
    if not (text.isdecimal() and int(text) < SEEDS):
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 to {SEEDS - 1}, not {text!r}")
    return int(text)
