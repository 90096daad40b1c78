"""What the command lines of the three packages share: parsing, exit statuses, terminals that cannot show everything.

A subcommand is a module with a docstring, `add_arguments(parser)` and `run(options)`, which returns an exit status or
None. It is imported when it is called for, so that one command does not wait for the packages of another.
"""

from __future__ import annotations

import argparse
import codecs
import errno
import io
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from gpusim.errors import GpusimError
from gpusim.places import shown_paths

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C has ended: 128 and the number of the signal, as shells have it."""

_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
"""A disk without room, a file that may not grow, a quota (which Windows has no number for)."""

_PLAIN = {"─": "-", "│": "|", "→": ">", "×": "x", "…": "...", "µ": "u", "·": "-", "–": "-", "—": "-"}


@dataclass(frozen=True)
class Command:
    """A subcommand: its name, the module that carries it out, and what `--help` of the program says of it."""

    name: str
    module: str
    summary: str


def _nothing(parser: argparse.ArgumentParser) -> None:
    """Commands without common options."""


@dataclass(frozen=True)
class Program:
    """`python -m name COMMAND ...`; `common` adds options to every command.

    `remedies`: for packages that may be missing, what to do without them.
    """

    name: str
    description: str
    commands: tuple[Command, ...]
    common: Callable[[argparse.ArgumentParser], None] = _nothing
    remedies: Mapping[str, str] = field(default_factory=dict)

    def main(self, argv: list[str] | None = None) -> int:
        """Run one command and return its exit status. What is wrong with the input is one sentence on standard error.

        0: done; 1, or what the error's class says: bad input; 2: bad usage; 130: interrupted.
        """
        printable()
        argv = sys.argv[1:] if argv is None else argv
        chosen = next((word for word in argv if not word.startswith("-")), "")
        try:
            options = self._parser(chosen).parse_args(argv, argparse.Namespace(argv=argv))
            status = options.run(options)
            sys.stdout.flush()
            return int(status or 0)
        except GpusimError as error:
            return self._say(chosen, str(error), error.exit_status)
        except ModuleNotFoundError as error:
            remedy = self.remedies.get(error.name or "")
            if remedy is None:
                raise
            return self._say(chosen, f"this needs {error.name}, which is not installed: {remedy}", 1)
        except KeyboardInterrupt:
            return self._say(chosen, "interrupted", INTERRUPTED)
        except BrokenPipeError:  # who read the output has enough of it
            _discard_output()
            return 0
        except OSError as error:
            if error.errno not in _FULL:
                raise
            _discard_output()
            return self._say(chosen, f"the output cannot be written: {error.strerror}", 1)

    def _say(self, command: str, sentence: str, status: int) -> int:
        print(f"{self.name} {command}: {shown_paths(sentence)}", file=sys.stderr)
        return status

    def _parser(self, chosen: str) -> argparse.ArgumentParser:
        """All commands with their summaries, and the options of the one that is called for."""
        top = argparse.ArgumentParser(prog=f"python -m {self.name}", description=self.description)
        top.add_argument("--version", action="version", version=f"{self.name} {_version()}")
        commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
        for command in self.commands:
            if command.name != chosen:
                commands.add_parser(command.name, help=command.summary)
                continue
            module: Any = import_module(command.module)
            sub = commands.add_parser(
                command.name,
                help=command.summary,
                description=module.__doc__,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
            module.add_arguments(sub)
            self.common(sub)
            sub.set_defaults(run=module.run)
        return top


def _discard_output() -> None:
    """What is still to be flushed when Python ends goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def printable() -> None:
    """Let standard output and standard error write something like what they cannot encode, in place of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a program may have put anything there
            stream.reconfigure(errors="gpusim.plain")


def encodable(text: str) -> str:
    """A text for a program to print; the same is done here to what standard output cannot encode (Windows, a pipe)."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "gpusim.plain").decode(encoding)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(character, "?") for character in error.object[error.start : error.end]), error.end


codecs.register_error("gpusim.plain", _replace)


def _version() -> str:
    try:
        return version("gpusim")
    except PackageNotFoundError:  # a checkout that nobody has installed
        return "(not installed)"
