"""One line on the terminal while a launch takes long: blocks done, time left."""

from __future__ import annotations

import sys
import time

from gpusim.events.launch import Launched
from gpusim.events.observer import Observer
from gpusim.machine.chunk import Chunk

PATIENCE = 2.0
"""Seconds before the first word, and a tenth of it between two."""


class Progress(Observer):
    """Speaks on standard error, which is a terminal where it is used."""

    def begin(self, launch: Launched) -> None:
        self._blocks = launch.blocks
        self._done = 0
        self._started = self._said = time.monotonic()
        self._spoken = False

    def end_chunk(self, chunk: Chunk) -> None:
        self._done += chunk.blocks
        now = time.monotonic()
        if now - self._started < PATIENCE or now - self._said < PATIENCE / 10:
            return
        self._said, self._spoken = now, True
        left = (now - self._started) / self._done * (self._blocks - self._done)
        sys.stderr.write(f"\r{self._done:,} of {self._blocks:,} blocks, about {left:.0f} s left \x1b[K")
        sys.stderr.flush()

    def end(self, launch: Launched) -> None:
        if self._spoken:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
