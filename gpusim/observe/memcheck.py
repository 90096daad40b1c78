"""memcheck: accesses that a GPU refuses stop the launch, and indices that are rarely meant are warned of."""

from __future__ import annotations

from gpusim.errors import MemoryFault
from gpusim.events.faults import Fault, Misaligned, OutOfBounds, WrapsAround
from gpusim.events.observer import Observer
from gpusim.findings import Finding
from gpusim.observe.aliasing import DynamicTypes
from gpusim.observe.tool import Tool
from gpusim.places import Place


class Memcheck(Observer):
    """Raises `MemoryFault` at the first access that a GPU refuses."""

    def fault(self, fault: Fault) -> None:
        kind, message = _in_words(fault)
        finding = Finding.at(fault.place, "memcheck", kind, "error", message, fault.array, count=fault.count)
        self.report(finding)
        raise MemoryFault(finding)

    def wraps_around(self, event: WrapsAround) -> None:
        place, array = event.place, event.array
        message = (
            f"`{place.site.text}` uses negative index {event.index} of {array.space} array '{array.name}' in "
            f"{_thread(place)}, which Numba counts from the end; check the sign of the index"
        )
        self.report(Finding.at(place, "memcheck", "negative-index", "warning", message, array))


MEMCHECK = Tool(
    "memcheck",
    fix="Guard the access with a test of the index against the array's shape, such as `if i < a.shape[0]:`, or "
    "launch fewer threads.",
    observers=lambda configuration: [Memcheck(), *([DynamicTypes()] if configuration.dynamic_shared else [])],
)


def _in_words(fault: Fault) -> tuple[str, str]:
    """The kind of a fault, and a sentence."""
    place, array = fault.place, fault.array
    text = place.site.text
    if isinstance(fault, OutOfBounds):
        return "out-of-bounds", (
            f"out of bounds: `{text}` uses index {fault.index} of {array.space} array '{array.name}', whose shape is "
            f"{fault.shape}, in {_thread(place)}; guard it with an `if`, or launch fewer threads"
        )
    if isinstance(fault, Misaligned):
        return "misaligned", (
            f"`{text}` accesses {fault.dtype} at byte {fault.byte} of {array.space} array '{array.name}' in "
            f"{_thread(place)}, which is no multiple of {fault.dtype.itemsize}; start the view at a multiple"
        )
    return "read-only", (
        f"`{text}` writes to {array.space} array '{array.name}' in {_thread(place)}, which is read-only; copy it to "
        "an array that is not"
    )


def _thread(place: Place) -> str:
    return f"thread {place.thread} of block {place.block}"
