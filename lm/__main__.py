"""The command line: `python -m lm COMMAND`, one module of `lm.commands` each."""

from __future__ import annotations

import argparse
import sys

from gpusim.errors import GpusimError
from lm.errors import LMError

WAYS_OUT = {
    "torch": "`pip install torch`, or use --device sim",
    "scipy": "`pip install scipy`",
    "matplotlib": "`pip install matplotlib`",
    "distributed": "`pip install distributed`, or leave out --scheduler",
}
"""Optional packages, and what to do without them."""


def parser() -> argparse.ArgumentParser:
    """Every subcommand with its options; `run` in the result is the function to call with them."""
    from lm.commands import compress, evaluate, expand, filter, generate, guess, lecture, ngram, scaling, train

    top = argparse.ArgumentParser(prog="python -m lm", description="Language models that run as GPU kernels.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (ngram, train, evaluate, generate, compress, expand, guess, filter, scaling, lecture):
        summary = (command.__doc__ or "").splitlines()[0]
        sub = commands.add_parser(command.NAME, help=summary, description=summary)
        command.add_arguments(sub)
        sub.add_argument("--json", action="store_true", help="print the result as JSON")
        sub.set_defaults(run=command.run)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; 0 when it succeeded, 1 with one sentence on stderr when its input was bad."""
    argv = sys.argv[1:] if argv is None else argv
    options = parser().parse_args(argv, argparse.Namespace(argv=argv))
    try:
        options.run(options)
    except (LMError, GpusimError) as error:
        print(f"lm {options.command}: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        if error.name not in WAYS_OUT:
            raise
        message = f"this needs {error.name}, which is not installed: {WAYS_OUT[error.name]}"
        print(f"lm {options.command}: {message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"lm {options.command}: interrupted, nothing was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
