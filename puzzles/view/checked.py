"""A check as a page: each verdict, and what the launch that failed looks like."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gpusim.report.page import Section, page
from gpusim.view.player import assets
from puzzles.check.failure import failure
from puzzles.check.replay import Replay
from puzzles.check.sandbox import Workers
from puzzles.text_file import read
from puzzles.verdict import Verdict
from puzzles.view.replay import failure_body
from puzzles.view.verdict import verdict_html


def checked_page(files: Sequence[Path], verdicts: Sequence[Verdict], time_limit: float) -> str:
    """One section for each file and its verdict; failed launches, which run again in the sandbox, to step through."""
    workers = Workers()
    try:
        sections = [
            Section(verdict.puzzle or verdict.file, _body(verdict, _failure(file, verdict, workers, time_limit)))
            for file, verdict in zip(files, verdicts, strict=True)
        ]
    finally:
        workers.end()
    passed = sum(verdict.passed for verdict in verdicts)
    lead = f"{passed} of {len(verdicts)} passed." if len(verdicts) > 1 else ""
    return page("Your kernels, checked", sections, lead=lead, footer=FOOTER, head=assets())


FOOTER = "Made by `python -m puzzles check --html`. Press ? in a player for its keys."


def _failure(file: Path, verdict: Verdict, workers: Workers, time_limit: float) -> Replay | None:
    return failure(read(file), verdict, workers, time_limit) if verdict.launches and not verdict.passed else None


def _body(verdict: Verdict, shown: Replay | None) -> str:
    return verdict_html(verdict) + (failure_body(shown) if shown else "")
