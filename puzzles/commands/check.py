"""Check a file, or all puzzle files of a folder: each verdict as it comes.

What has passed is noted in .puzzles.json beside the files. Ctrl-C ends the check and keeps what is done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path

from puzzles.commands.arguments import add_checking, add_json, print_json, service_for
from puzzles.commands.files import write_text
from puzzles.course import after, count
from puzzles.errors import PuzzleError
from puzzles.progress import Progress
from puzzles.service import Service
from puzzles.text_file import files_of
from puzzles.verdict import Verdict


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", type=Path, help="a file, or a folder of files")
    add_json(parser)
    add_checking(parser)
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a page with the launches that failed")


def run(options: argparse.Namespace) -> int:
    path: Path = options.path
    files = _files(path)
    folder = path if path.is_dir() else path.parent
    verdicts: list[Verdict] = []
    with service_for(options) as checking:
        for verdict in _verdicts(checking, files, options):
            verdicts.append(verdict)
            remark = note(folder, verdict)
            if not options.json:
                print(verdict, *remark, sep="\n", flush=True)
                _progress(len(verdicts), len(files))
    if options.html:
        from puzzles.view.checked import checked_page  # loads the simulator

        write_text(options.html, checked_page(files, verdicts, options.time_limit))
        print(f"wrote {options.html}", file=sys.stderr)
    if options.json:
        record = {"schema": 1, "sandbox": checking.sandbox, "verdicts": [verdict.to_dict() for verdict in verdicts]}
        print_json(record)
    else:
        if len(verdicts) > 1:
            print(f"{sum(verdict.passed for verdict in verdicts)} of {len(verdicts)} passed")
        print(f"sandbox: {checking.sandbox}")
    return 0 if all(verdict.passed for verdict in verdicts) else 1


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = files_of(path)
        if not files:
            advice = f"`python -m puzzles start {path}` writes some"
            raise PuzzleError(f"no file in {path} has a line PUZZLE = ...; {advice}.")
        return files
    if not path.exists():
        raise PuzzleError(f"there is no file or folder {path}.")
    return [path]


def _verdicts(checking: Service, files: list[Path], options: argparse.Namespace) -> Iterator[Verdict]:
    """The verdicts in the order of the files, each as soon as it and those before it are there."""
    pool = ThreadPoolExecutor(cpu_count() or 1)
    try:
        yield from pool.map(lambda file: checking.check_file(file, options.seed, options.time_limit), files)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        checking.close()


def note(folder: Path, verdict: Verdict) -> list[str]:
    """Take note of a verdict; what to say of it besides."""
    if not verdict.passed:
        return []
    progress = Progress.of(folder)
    best = progress.passed.get(verdict.puzzle)
    if progress.note(verdict):
        progress.save()
    lines = []
    if verdict.score and best is not None:
        lines.append(f"  your best so far: {min(best, verdict.score.measured)}")
    lines.append(f"  to compare: python -m puzzles solution {verdict.puzzle}")
    coming = after(verdict.puzzle, {*progress.passed, *progress.skipped})
    lines.append(f"  {len(progress.passed)} of {count()} passed" + (f"; next: {coming}" if coming else ""))
    return lines


def _progress(done: int, total: int) -> None:
    """How far a folder is, on a terminal."""
    if total > 1 and done < total and sys.stderr.isatty():
        print(f"({done} of {total})", file=sys.stderr, end="\r", flush=True)
