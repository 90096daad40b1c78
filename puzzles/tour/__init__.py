"""The guided tour: matrix products, attention and a language model, run, counted, checked and drawn.

`main` prints what it measures and writes one page. Every number comes from a run that it has just made.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from gpusim.errors import GpusimError
from gpusim.report.page import page
from gpusim.view.player import assets
from lm.errors import LMError
from puzzles.tour.check import Check
from puzzles.tour.progress import Progress


def main(out: Path) -> int:
    """Run the tour and write its page to `out`; the exit status.

    0 when every result agrees with its reference; 1 when one does not, when something that the tour needs
    is missing, or when the page cannot be written. One sentence for each goes to standard error.
    """
    try:
        from puzzles.tour import attention, gemm, language
    except ModuleNotFoundError as error:
        print(
            f"tour: results are compared with torch, and the module {error.name} is missing: pip install 'gpusim[lm]'",
            file=sys.stderr,
        )
        return 1
    start, progress = time.perf_counter(), Progress()
    try:
        parts = [part.explore(progress) for part in (gemm, attention, language)]
        seconds = time.perf_counter() - start
        html = page(TITLE, [part.section() for part in parts], LEAD, footer(seconds), head=assets())
    except (GpusimError, LMError) as error:
        print(f"tour: {error}", file=sys.stderr)
        return 1
    status = report([check for part in parts for check in part.checks()])
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(html, encoding="utf-8")
    except OSError as error:
        print(f"tour: cannot write {out}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"wrote {out} ({time.perf_counter() - start:.0f} s)")
    return status


def report(checks: list[Check]) -> int:
    """Print how many checks hold, and each that does not; 0 if all hold, else 1."""
    failed = [check for check in checks if not check.holds]
    print(f"{len(checks) - len(failed)} of {len(checks)} results agree with their reference")
    for check in failed:
        print(f"tour: {check.claim}", file=sys.stderr)
    return 1 if failed else 0


TITLE = "Counting every read"

LEAD = """A matrix product, attention and a small language model, written as GPU kernels and run without a
GPU. Every number and every picture on this page was measured by the simulator when the page was made."""


def footer(seconds: float) -> str:
    """The page's last lines."""
    return f"""Made by `python -m puzzles tour` in {seconds:.0f} seconds. A read is one `a[i]` that one thread
    evaluates; the simulator counts them as the source says, before any compiler merges or removes some."""
