"""The command line: `python -m gpusim run | compile | info`."""

from __future__ import annotations

import argparse
import sys

from gpusim.errors import GpusimError

try:
    from gpusim.commands import compile, info, run
    from gpusim.report.plain import printable
except GpusimError as refusal:  # where Numba's own simulator is on
    sys.exit(f"gpusim: {refusal}")


def parser() -> argparse.ArgumentParser:
    """Every subcommand with its options; `run` in the result is the function to call with them."""
    top = argparse.ArgumentParser(prog="python -m gpusim", description="A simulated GPU for numba.cuda programs.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (run, compile, info):
        description = command.__doc__ or ""
        sub = commands.add_parser(
            command.NAME,
            help=description.splitlines()[0],
            description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; returns the exit status. Bad input is one sentence on stderr and status 1."""
    printable()
    options = parser().parse_args(argv)
    try:
        status: int = options.run(options)
    except GpusimError as error:
        print(f"gpusim {options.command}: {error}", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
