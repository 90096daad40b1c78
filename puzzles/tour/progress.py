"""What the tour is doing, for someone who waits: a spinner in a terminal, dots elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

DOT_SECONDS = 5.0


class Progress:
    """Announces steps on standard output and says how long each took."""

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Show that `what` is going on while the body runs; then its seconds."""
        start = time.perf_counter()
        if sys.stdout.isatty():
            with _spinner(what):
                yield
            print(f"{what}  {time.perf_counter() - start:.1f} s", flush=True)
            return
        print(what, end=" ", flush=True)
        done = threading.Event()
        dots = threading.Thread(target=_dots, args=(done,), daemon=True)
        dots.start()
        try:
            yield
        finally:
            done.set()
            dots.join()
            print(f" {time.perf_counter() - start:.1f} s", flush=True)

    def show(self, text: str) -> None:
        """Print a result with an empty line around it."""
        print(f"\n{text}\n", flush=True)


def _dots(done: threading.Event) -> None:
    while not done.wait(DOT_SECONDS):
        print(".", end="", flush=True)


@contextmanager
def _spinner(what: str) -> Iterator[None]:
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    with Bar(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), transient=True) as bar:
        bar.add_task(what, total=None)
        yield
