"""What a person sees of a training run: a bar in a terminal, a line for each measurement elsewhere."""

from __future__ import annotations

import math
import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from lm.training.loop import Progress, Run


class Display:
    """Shows each step and each measurement on stderr; a context manager."""

    def __init__(self, steps: int, done: int = 0) -> None:
        self.steps, self.before = steps, done
        self.start = time.perf_counter()
        console = Console(stderr=True)
        self.bar = Bar(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.3f}  {task.fields[bits]:.3f} bits/character"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("training", total=steps, completed=done, loss=math.nan, bits=math.nan)

    def __enter__(self) -> Display:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def show(self, run: Run, loss: float, measured: Progress | None) -> None:
        """After each step; `loss` is that of its batch."""
        self.bar.update(self.task, completed=run.done, loss=loss, bits=loss / math.log(2))
        if measured is None:
            return
        seconds = time.perf_counter() - self.start
        left = seconds / (run.done - self.before) * (self.steps - run.done)
        line = (
            f"step {run.done:6d}/{self.steps}  train {measured.train_loss:.4f}  "
            f"validation {measured.validation_loss:.4f}  {seconds:6.0f} s, {left:.0f} s left"
        )
        if self.bar.disable:
            print(line, file=sys.stderr, flush=True)
        else:
            self.bar.console.print(line, highlight=False)
