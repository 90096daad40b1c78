"""Streams and events of the simulated device, on which all work is done when it is submitted."""

from __future__ import annotations

import asyncio
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# The handles that CUDA reserves (CUDA driver API, "Stream synchronization behavior").
DEFAULT, LEGACY, PER_THREAD = 0, 1, 2
_NAMES = {
    DEFAULT: "<Default CUDA stream>",
    LEGACY: "<Legacy default CUDA stream>",
    PER_THREAD: "<Per-thread default CUDA stream>",
}


class Stream:
    """A queue of work, always empty."""

    def __init__(self, handle: int, external: bool = False) -> None:
        self.handle = handle
        self.external = external

    def __int__(self) -> int:
        return self.handle

    def __cuda_stream__(self) -> tuple[int, int]:
        return 0, self.handle

    def __repr__(self) -> str:
        kind = "External CUDA stream" if self.external else "CUDA stream"
        return _NAMES.get(self.handle, f"<{kind} {self.handle}>")

    def synchronize(self) -> None:
        """Everything in the stream is done already."""

    @contextmanager
    def auto_synchronize(self) -> Iterator[Stream]:
        yield self
        self.synchronize()

    def add_callback(self, callback: Callable[[Stream, int, Any], Any], arg: Any = None) -> None:
        """Call `callback(stream, status, arg)`, now; an exception in it becomes a warning."""
        try:
            callback(self, 0, arg)
        except Exception as error:
            warnings.warn(f"Exception in stream callback: {error}", stacklevel=2)

    def async_done(self) -> asyncio.Future[Stream]:
        """An awaitable whose result is this stream."""
        future = asyncio.get_running_loop().create_future()
        future.set_result(self)
        return future


class Event:
    """A point in time; `elapsed_time` tells how long the simulation took, not a GPU."""

    def __init__(self, timing: bool = True) -> None:
        self._timing = timing
        self._seconds: float | None = None

    def record(self, stream: Stream | int = 0) -> None:
        self._seconds = time.perf_counter()

    def query(self) -> bool:
        """All work before the event is done."""
        return True

    def synchronize(self) -> None:
        """All work before the event is done."""

    def wait(self, stream: Stream | int = 0) -> None:
        """All work before the event is done."""

    def elapsed_time(self, end: Event) -> float:
        """Milliseconds to `end`; raises `ValueError` for events without timing or not recorded."""
        if not (self._timing and end._timing):
            raise ValueError("an event that was created with timing=False cannot measure time")
        if self._seconds is None or end._seconds is None:
            raise ValueError("both events have to be recorded before the time between them is known")
        return (end._seconds - self._seconds) * 1e3
