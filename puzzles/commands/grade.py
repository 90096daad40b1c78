"""Check the submissions of a class, and write a table of results.

SUBMISSIONS holds a folder for each submission, or the files of a single one. Each is checked in processes of its own;
one that fails, loops or floods harms no other. What has been checked is kept in a folder of records beside the table,
and an interrupted run goes on where it ended.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from puzzles import catalog
from puzzles.commands.arguments import seconds
from puzzles.errors import PuzzleError
from puzzles.grade import reports
from puzzles.grade.records import Record, Records
from puzzles.grade.schedule import here, on_cluster
from puzzles.grade.submissions import Submission, collect
from puzzles.service import stamp

TIME_LIMIT = 20.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="SUBMISSIONS", type=Path, help="a folder of submissions")
    parser.add_argument("--out", metavar="FILE", type=Path, default=Path("grades.csv"), help="the table to write")
    parser.add_argument("--puzzles", metavar="IDS", help="which puzzles count, with commas (default: all handed in)")
    parser.add_argument("--due", metavar="TIME", type=_time, help="mark later files, as in 2026-11-29T23:59")
    parser.add_argument("--roster", metavar="FILE", type=Path, help="names of all submissions, one a line")
    parser.add_argument("--junit", metavar="FILE", type=Path, help="also write JUnit XML")
    parser.add_argument(
        "--gradescope", metavar="PATH", type=Path, help="results.json, too: a file for one submission, else a folder"
    )
    parser.add_argument("--result", metavar="FILE", type=Path, help="also write everything as one JSON file")
    parser.add_argument("--records", metavar="DIR", type=Path, help="where records are kept (default: FILE.records)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="use a Dask cluster")
    parser.add_argument("--jobs", metavar="N", type=int, default=os.cpu_count() or 1, help="submissions at a time")
    parser.add_argument("--time-limit", type=seconds, default=TIME_LIMIT, metavar="SECONDS", help="for each file")


def run(options: argparse.Namespace) -> None:
    submissions = collect(options.folder)
    puzzles = _puzzles(options.puzzles, submissions)
    kept = Records(options.records or options.out.with_name(f"{options.out.name}.records"), stamp())
    records = {one.name: record for one in submissions if (record := kept.find(one)) is not None}
    waiting = [one for one in submissions if one.name not in records]
    if records:
        print(f"{len(records)} of {len(submissions)} submissions were checked before", file=sys.stderr)
    if options.scheduler:
        graded = on_cluster(waiting, options.time_limit, options.scheduler)
    else:
        graded = here(waiting, options.time_limit, max(1, options.jobs))
    for submission, record in _shown(graded, len(waiting)):
        records[submission.name] = kept.keep(submission, record)
    for one in submissions:
        records[one.name]["late"] = one.is_late(options.due)
    for name in _roster(options.roster):
        records.setdefault(name, {"submission": name, "checks": [], "missing": True})
    _write(options, [records[name] for name in sorted(records)], puzzles)


def _write(options: argparse.Namespace, records: list[Record], puzzles: list[str]) -> None:
    _replace(options.out, reports.table(records, puzzles))
    if options.junit:
        _replace(options.junit, reports.junit(records, puzzles))
    if options.result:
        _replace(options.result, _json(reports.result(records, puzzles)))
    if options.gradescope and len(records) == 1:
        _replace(options.gradescope, _json(reports.gradescope(records[0], puzzles)))
    elif options.gradescope:
        for record in records:
            path = options.gradescope / re.sub(r"[^\w.=-]", "_", record["submission"]) / "results.json"
            _replace(path, _json(reports.gradescope(record, puzzles)))
    late = [record["submission"] for record in records if record.get("late")]
    missing = [record["submission"] for record in records if record.get("missing")]
    unreadable = [r["submission"] for r in records if any(check["status"] == "unreadable" for check in r["checks"])]
    print(f"{len(records)} submissions, {len(puzzles)} puzzles: {options.out}")
    for what, names in (("late", late), ("missing", missing), ("with unreadable files", unreadable)):
        if names:
            print(f"{what}: {', '.join(names)}")


def _puzzles(asked: str | None, submissions: list[Submission]) -> list[str]:
    """The ids that count, in the order of the course. Raises PuzzleError for one that does not exist."""
    if asked:
        wanted = {catalog.load(name.strip()).id for name in asked.split(",") if name.strip()}
    else:
        wanted = {name for submission in submissions for name in submission.puzzles}
    return [name for name in catalog.ids() if name in wanted]


def _roster(path: Path | None) -> list[str]:
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PuzzleError(f"cannot read {path}: {error}.") from None
    return [line.strip() for line in lines if line.strip()]


def _shown(graded: Iterable[tuple[Submission, Record]], count: int) -> Iterable[tuple[Submission, Record]]:
    """A bar on a terminal."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("checking", total=count)
        for one in graded:
            progress.advance(task)
            yield one


def _replace(path: Path, text: str) -> None:
    """Write a file whole, or not at all."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise PuzzleError(f"cannot write {path}: {error.strerror}.") from None


def _json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a time looks like 2026-11-29T23:59, not {text!r}") from None
