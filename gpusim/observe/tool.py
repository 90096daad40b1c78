"""A check that `simulate(kernel, check=...)` knows by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gpusim.events.observer import Observer
from gpusim.machine.configuration import Configuration


@dataclass(frozen=True)
class Tool:
    """`fix` is a sentence: what usually fixes its findings. `observers` makes those that a launch needs."""

    name: str
    fix: str
    observers: Callable[[Configuration], Sequence[Observer]]
