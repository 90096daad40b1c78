"""What can go wrong, as exceptions whose text is one sentence for the person who wrote the kernel."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from gpusim.findings.finding import Finding
from gpusim.places import Index, Place, Site


class GpusimError(Exception):
    """Base of every error that is raised on purpose; a command line that it ends has this exit status."""

    exit_status = 1


class KernelError(GpusimError):
    """The kernel or its launch is not possible: bad code, bad launch, a step limit, a deadlock.

    `message` is the sentence; `place` says where in the source and in which thread, if that is known, and `str()`
    puts it in front, unless the message names the place itself (`says_where`). `run` is the
    `gpusim.Run` of the launch up to the error; None when it had not begun. `kind` is what a finding about it is called.
    """

    kind = "refused"
    place: Place | None = None
    says_where = False
    run: Any = None

    def __init__(self, message: str = "", place: Place | Site | None = None) -> None:
        super().__init__(message)
        if place is not None:
            self.locate(place)

    def locate(self, place: Place | Site) -> None:
        """Say where it happened, once that is known."""
        self.place = Place(place) if isinstance(place, Site) else place

    @property
    def message(self) -> str:
        return str(self.args[0]) if self.args else ""

    @property
    def site(self) -> Site | None:
        """Where in the source: kernel, file, line and text."""
        return None if self.place is None else self.place.site

    @property
    def block(self) -> Index | None:
        return None if self.place is None else self.place.block

    @property
    def thread(self) -> Index | None:
        return None if self.place is None else self.place.thread

    def __str__(self) -> str:
        return self.message if self.place is None or self.says_where else f"{self.place}: {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Other processes get the error without the record, which holds the kernel."""
        return type(self), self.args, {"place": self.place}


class Unexplained(KernelError):
    """An error about values of a kernel, in the words of Python, NumPy or a library: Numba's may say more."""


class NeedsThreads(KernelError):
    """Lanes in lockstep cannot do this; threads that run one by one may."""


class NoProgress(NeedsThreads):
    """A loop goes round and nothing changes: endless, or waiting for a thread that cannot run meanwhile."""

    kind = "endless-loop"


class Endless(KernelError):
    """A loop goes round for ever, or for longer than anybody wants to wait."""

    kind = "endless-loop"


class Deadlock(KernelError):
    """Threads wait for each other, or for blocks that do not come."""

    kind = "deadlock"


class PartialGrid(KernelError):
    """The grid synchronises, but only some of its blocks run: all have to, from the start."""


def thrown(
    kind: type[Exception], text: str, place: Place | Site | None = None, says_where: bool = False
) -> KernelError:
    """What a kernel raised, for the host: an exception of class `kind` that is a `KernelError` as well."""
    members = {
        "__module__": kind.__module__,
        "says_where": says_where,
        "__str__": KernelError.__str__,
        "__reduce__": lambda self: (thrown, (kind, *self.args, self.place, self.says_where)),
    }
    both: type[KernelError] = type(kind.__name__, (kind, KernelError), members)
    error = both.__new__(both, text)
    error.args = (text,)
    if place is not None:
        error.locate(place)
    return error


class MemoryFault(KernelError, IndexError):
    """A thread left the bounds of an array; `finding` says which thread, array, index and line."""

    def __init__(self, finding: Finding) -> None:
        site = Site(finding.kernel, finding.file, finding.line, finding.text)
        super().__init__(finding.message, Place(site, finding.block, finding.thread))
        self.finding = finding

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.finding,)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a launch; the text says which kernel was running, where, and how far it was."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The words for a name that somebody probably meant, whatever its capitals; none when nothing is close."""
    capitals = {candidate.lower(): candidate for candidate in known if not candidate.startswith("_")}
    found = get_close_matches(name.lower(), capitals, n=1, cutoff=0.75)
    return f"; did you mean {capitals[found[0]]}?" if found else ""
