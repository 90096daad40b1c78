"""What the models of hardware need to know of a launch; a `gpusim.Run` knows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from gpusim.kernel.source import SourceBlock
from gpusim.observe.footprint import Footprint


class Work(Protocol):
    """The shape, the counts and the source of a launch; shared memory in bytes a block."""

    kernel: str
    file: str
    grid: tuple[int, int, int]
    block: tuple[int, int, int]
    dynamic_shared: int
    static_shared: int
    argument_kinds: tuple[Any, ...]
    footprint: Footprint

    @property
    def function(self) -> Callable[..., Any]: ...

    @property
    def sources(self) -> Sequence[SourceBlock]: ...

    @property
    def counts(self) -> dict[str, Any]: ...

    @property
    def lines(self) -> dict[Any, Counter[str]]: ...

    def per_thread(self, space: str, counter: str) -> np.ndarray: ...
