"""The command line: `python -m lm train | eval | generate | ngram`."""

from __future__ import annotations

import argparse
import sys

from gpusim.errors import GpusimError
from gpusim.report.plain import printable
from lm.errors import LMError


def parser() -> argparse.ArgumentParser:
    """Every subcommand with its options; `run` in the result is the function to call with them."""
    from lm.commands import evaluate, generate, ngram, train

    top = argparse.ArgumentParser(prog="python -m lm", description="Language models that run as GPU kernels.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (ngram, train, evaluate, generate):
        summary = (command.__doc__ or "").splitlines()[0]
        sub = commands.add_parser(command.NAME, help=summary, description=summary)
        command.add_arguments(sub)
        sub.add_argument("--json", action="store_true", help="print the result as JSON")
        sub.set_defaults(run=command.run)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; 0 when it succeeded, 1 with one sentence on stderr when its input was bad."""
    printable()
    argv = sys.argv[1:] if argv is None else argv
    options = parser().parse_args(argv, argparse.Namespace(argv=argv))
    try:
        options.run(options)
    except (LMError, GpusimError) as error:
        print(f"lm {options.command}: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        message = "this needs torch, which is not installed: `pip install torch`, or use --device sim"
        print(f"lm {options.command}: {message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"lm {options.command}: interrupted, nothing was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
