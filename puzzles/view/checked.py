"""A check as a page: each verdict, and what the launch that failed looks like."""

from __future__ import annotations

from collections.abc import Sequence

from gpusim.report.page import Section, page
from gpusim.view.player import assets
from puzzles.check.replay import Replay
from puzzles.verdict import Verdict
from puzzles.view.replay import failure_body
from puzzles.view.verdict import verdict_html


def check_page(checked: Sequence[tuple[Verdict, Replay | None]]) -> str:
    """One section for each verdict; failed launches to step through."""
    sections = [Section(verdict.puzzle or verdict.file, _body(verdict, shown)) for verdict, shown in checked]
    passed = sum(verdict.passed for verdict, _ in checked)
    lead = f"{passed} of {len(checked)} passed." if len(checked) > 1 else ""
    return page("Your kernels, checked", sections, lead=lead, footer=FOOTER, head=assets())


FOOTER = "Made by `python -m puzzles check --html`. Press ? in a player for its keys."


def _body(verdict: Verdict, shown: Replay | None) -> str:
    return verdict_html(verdict) + (failure_body(shown) if shown else "")
