"""The lecture, reproduced: every number and demonstration, measured, on one self-contained page."""

from __future__ import annotations

import argparse
import json
import math
import shlex
import sys
import time
from pathlib import Path

from lm import corpus
from lm.errors import LMError
from lm.files import check_writable, write_file
from lm.lecture.lesson import Finding, Lesson
from lm.lecture.lessons import ORDER, lessons
from lm.lecture.pages import command_of, html, notebook


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FILE", default="out/lecture.html", help="the page (default: %(default)s)")
    parser.add_argument("--notebook", metavar="FILE", help="write a notebook instead, which measures when it is run")
    parser.add_argument("--text", metavar="FILE", help="UTF-8 text to measure on (default: pydoc_data.topics)")
    parser.add_argument("--only", metavar="NAME", nargs="+", help="these sections only")
    parser.add_argument("--list", action="store_true", help="name the sections")


def run(options: argparse.Namespace) -> None:
    chosen = lessons(tuple(options.only or ORDER))
    if options.list:
        for name, lesson in chosen.items():
            print(f"{name:16} formula {lesson.formula}: {lesson.title}")
        return
    split = corpus.from_file(options.text) if options.text else corpus.builtin()
    if min(map(len, (split.train, split.validation, split.held_out))) < 2000:
        raise LMError(f"the text file {options.text} is too short for the lecture: give at least 40,000 characters")
    out = Path(options.notebook or options.out)
    check_writable(out)
    if options.notebook:
        write_file(out, notebook(chosen, options.text).encode())
        print(f"wrote {out}: {len(chosen)} sections, measured when it is run")
        return
    found: dict[str, tuple[Lesson, Finding]] = {}
    seconds: dict[str, float] = {}
    failed: dict[str, str] = {}
    for name, lesson in chosen.items():
        print(f"{name} ...", end="", file=sys.stderr, flush=True)
        start = time.perf_counter()
        try:
            found[name] = lesson, lesson.measure(split)
        except (LMError, ModuleNotFoundError) as error:
            failed[name] = _why(error)
            found[name] = lesson, Finding(f"Not measured: {failed[name]}.", {})
        seconds[name] = time.perf_counter() - start
        print(f" {seconds[name]:.1f} s", file=sys.stderr)
    command = shlex.join(["python", "-m", "lm", *options.argv])
    write_file(out, html(found, split.source, command, options.text).encode())
    if options.json:
        sections = {
            name: {
                "formula": lesson.formula,
                "command": command_of(name, lesson, options.text),
                "seconds": seconds[name],
                "values": {key: value if math.isfinite(value) else None for key, value in finding.values.items()},
            }
            for name, (lesson, finding) in found.items()
        }
        print(json.dumps({"out": str(out), "source": split.source, "sections": sections}, indent=2))
    else:
        print(f"wrote {out}")
    if failed:
        name, reason = next(iter(failed.items()))
        raise LMError(f"{out} is written, but {len(failed)} of its sections could not be measured; {name}: {reason}")


def _why(error: LMError | ModuleNotFoundError) -> str:
    """Why a section has no numbers; without torch, most have them all the same."""
    if isinstance(error, ModuleNotFoundError):
        return f"this needs {error.name}, which is not installed: `pip install 'gpusim[lm]'`"
    return str(error)
