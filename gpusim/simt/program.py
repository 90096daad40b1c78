"""What runs on lanes: a lowered kernel and the device functions that it calls, whoever has lowered them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from gpusim.errors import KernelError
from gpusim.kernel.source import Kernel


class Program(Protocol):
    """One function: `run(lanes, *arguments)` executes it on the active lanes."""

    @property
    def kernel(self) -> Kernel: ...

    @property
    def run(self) -> Callable[..., Any]: ...


class Function(Protocol):
    """A device function, called with the lanes and the arguments."""

    def program(self, arguments: tuple[Any, ...]) -> Program: ...

    def __call__(self, lanes: Any, *arguments: Any, **keywords: Any) -> Any: ...


class Programs(Protocol):
    """The functions of a kernel; `cooperative`: one of them asks for the grid, to synchronise it."""

    surface: Any
    doubts: list[KernelError]
    cooperative: bool

    @property
    def device_kernels(self) -> Sequence[Kernel]: ...

    def device(self, target: Any) -> Function: ...
