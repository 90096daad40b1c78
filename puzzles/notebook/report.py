"""The answer to `check(kernel)`: the verdict, what a failed launch looks like, and how far the course is."""

from __future__ import annotations

from dataclasses import dataclass

from puzzles import catalog
from puzzles.check.replay import Replay
from puzzles.course import after, count
from puzzles.notebook.board import track
from puzzles.progress import Progress
from puzzles.verdict import Verdict
from puzzles.view.replay import failure_html
from puzzles.view.verdict import verdict_html


@dataclass(frozen=True, repr=False)
class Report:
    """`verdict`; `replay` is the launch that failed, `replay.player` to step through; `progress` after this check."""

    verdict: Verdict
    replay: Replay | None
    progress: Progress

    @property
    def passed(self) -> bool:
        """Whether the kernel solves the puzzle."""
        return self.verdict.passed

    def _repr_html_(self) -> str:
        extra = failure_html(self.replay) if self.replay else ""
        return verdict_html(self.verdict, extra + (self._progress() if self.passed else ""))

    def __repr__(self) -> str:
        return str(self.verdict)

    def _progress(self) -> str:
        """Where the course goes on."""
        name, progress = self.verdict.puzzle, self.progress
        chapter = catalog.chapter(catalog.load(name))
        coming = after(name, {*progress.passed, *progress.skipped})
        told = f"{len(progress.passed)} of {count()} passed" + (f"; next: <b>{coming}</b>" if coming else "")
        return f'<p class="muted">{told}</p>{track(chapter, progress, name)}'
