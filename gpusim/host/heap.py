"""Numba's runtime for arrays that kernels allocate (NRT): its statistics, from what the simulator counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpusim.kernel.dialects import IN_NUMBA, NUMBA


class HeapStatistics:
    """Arrays that threads have allocated, and freed when they were done, while counting was on."""

    def __init__(self) -> None:
        self.counting = False
        self.allocations = 0

    def add(self, allocations: int) -> None:
        """A launch is over."""
        if self.counting:
            self.allocations += allocations

    def replacements(self) -> list[tuple[Any, str, Callable[..., Any]]]:
        """(owner, attribute, value): Numba's runtime asks here instead of the device."""
        if NUMBA is IN_NUMBA:  # its kernels allocate no arrays
            return []
        runtime = type(NUMBA.module("memory_management.nrt").rtsys)

        def launch(rtsys: Any, module: Any, stream: Any, name: str, params: Any = ()) -> None:
            """The small kernels of the runtime, as far as they do something."""
            if name == "NRT_MemSys_enable_stats":
                self.counting = True
            elif name == "NRT_MemSys_disable_stats":
                self.counting = False

        def nothing(rtsys: Any, *args: Any, **options: Any) -> None:
            """There is nothing on a device to prepare."""

        def read(rtsys: Any, stream: Any = None) -> dict[str, int]:
            count = self.allocations
            return {"alloc": count, "free": count, "mi_alloc": count, "mi_free": count}

        return [
            (runtime, "_single_thread_launch", launch),
            (runtime, "ensure_allocated", nothing),
            (runtime, "ensure_initialized", nothing),
            (runtime, "set_memsys_to_module", nothing),
            (runtime, "memsys_stats_enabled", lambda rtsys, stream=None: self.counting),
            (runtime, "_copy_memsys_to_host", read),
            (runtime, "_get_single_stat", lambda rtsys, stat, stream=None: read(rtsys)[stat]),
        ]
