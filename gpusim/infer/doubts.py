"""In whose words a kernel is refused: the simulator's, where it knows what is wrong, else those of Numba."""

from __future__ import annotations

from collections.abc import Iterable

from gpusim.errors import KernelError, Unexplained
from gpusim.kernel.dialects import is_library
from gpusim.places import Site


def own_words(doubts: Iterable[KernelError]) -> KernelError | None:
    """What the simulator itself says of a kernel that Numba refuses."""
    for doubt in doubts:
        if not isinstance(doubt, Unexplained) and (doubt.site is None or not is_library(doubt.site.file)):
            return doubt.with_traceback(None)
    return None


def located(own: KernelError | None, refused: KernelError, otherwise: Site) -> KernelError:
    """The words of the simulator if there are some, else `refused`, Numba's.

    Numba knows the line where the simulator has only seen the kernel as a whole.
    """
    if own is None:
        return refused
    if own.place is None:
        own.locate(refused.site or otherwise)
    return own
