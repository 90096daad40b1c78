"""run a program that uses numba.cuda as if a GPU were there

Exit status: 3 when there are error findings (a memory fault, a race, a kernel or launch that is not possible and ends
the script, ...), otherwise the script's own. Processes that the program starts with `multiprocessing`
have a simulated GPU, too, and the report is of all of them; the page of `--html` shows the first process.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from gpusim.cli import INTERRUPTED
from gpusim.commands.children import followed
from gpusim.commands.progress import Progress
from gpusim.commands.script import Module, Script, last_user_site, launches, process_state, user_frames
from gpusim.commands.summary import launch_table
from gpusim.errors import GpusimError, KernelError, MemoryFault
from gpusim.findings import Finding
from gpusim.host import install
from gpusim.host.session import Session
from gpusim.infer.missing import missing
from gpusim.infer.refusal import refusal
from gpusim.places import Place, Site, spot
from gpusim.report import html, text
from gpusim.simulator import chosen

FOUND_ERRORS = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check",
        default="all",
        metavar="TOOLS",
        help="all (default), none, or names separated by commas, such as memcheck,racecheck",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write launches and findings to FILE")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with annotated source to FILE")
    parser.add_argument("--quiet", action="store_true", help="print no summary")
    parser.add_argument("-m", action="store_true", dest="module", help="SCRIPT is a module's name, as for python -m")
    parser.add_argument("script", metavar="SCRIPT", help="a Python file")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS", help="arguments of the script")


def run(options: argparse.Namespace) -> int:
    """Run the script, write the reports, return the exit status."""
    check = options.check if options.check in ("all", "none") else options.check.split(",")
    try:
        chosen(check)
    except ValueError as error:
        raise GpusimError(f"--check: {error}") from None
    for path in filter(None, (options.json, options.html)):
        if not path.absolute().parent.is_dir():
            raise GpusimError(f"cannot write {path}: there is no folder {path.parent}")
    watchers = [check] if isinstance(check, str) else list(check)
    if sys.stderr.isatty():
        watchers = [*watchers, Progress]
    process = os.getpid()
    with process_state():
        program = Module.find(options.script) if options.module else Script.read(options.script)
        with install(watchers) as session:
            try:
                with followed(session):
                    status = _status(program, options.arguments, session)
            finally:
                sys.stdout.flush()
                if os.getpid() == process:  # not that of an `os.fork`
                    _report(session, options)
    impossible = KernelError.kind  # a kernel or a launch that is refused: the status is that of the script, 1
    found = any(finding.severity == "error" and finding.kind != impossible for finding in session.findings)
    return FOUND_ERRORS if found else status


def _status(program: Script | Module, arguments: list[str], session: Session) -> int:
    """Run the program; the exit status that Python would give, with what it would print on stderr."""
    try:
        program.run(arguments)
    except SystemExit as error:
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
            return 1
        return error.code or 0
    except KeyboardInterrupt as stop:
        print(f"gpusim: {str(stop) or 'interrupted'}", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        fault = error if isinstance(error, GpusimError) else refusal(error)
        if fault is None:
            print(user_frames(error), end="", file=sys.stderr)
            if advice := missing(error):
                print(f"gpusim: {advice}", file=sys.stderr)
            return 1
        site, how = last_user_site(error), "launched" if launches(error) else "declared"
        print(f"gpusim: {fault}" + (f" ({how} at {spot(site.file, site.line)})" if site else ""), file=sys.stderr)
        if isinstance(fault, KernelError) and not isinstance(fault, MemoryFault):  # which memcheck has found
            session.findings.add(_finding(fault, site))
        return 1
    return 0


def _finding(fault: KernelError, site: Site | None) -> Finding:
    """What has ended the program, for the report: where the kernel is at fault, else where it is launched."""
    place = fault.place or Place(site or Site("", sys.argv[0], 0, ""))
    return Finding.at(place, "launch", fault.kind, "error", fault.message)


def _report(session: Session, options: argparse.Namespace) -> None:
    try:
        if options.json is not None:
            options.json.write_text(json.dumps(session.to_dict()) + "\n", encoding="utf-8")
        if options.html is not None:
            page = html.document(list(session.runs.values()), Path(options.script).name)
            options.html.write_text(page, encoding="utf-8")
    except OSError as error:
        raise GpusimError(f"cannot write {error.filename}: {error.strerror}") from None
    if not options.quiet:
        print()
        if session.launches:
            print(text.table(launch_table(session.launches)) + "\n")
        else:
            print("no kernel was launched\n")
        print(text.findings(session.findings))
