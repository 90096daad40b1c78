"""What can go wrong, as exceptions whose text is one sentence for the person who wrote the kernel."""

from __future__ import annotations

from typing import Any

from gpusim.findings import Finding


class GpusimError(Exception):
    """Base of every error that gpusim raises on purpose."""


class KernelError(GpusimError):
    """The kernel or its launch is not possible: bad code, bad launch, a step limit, a deadlock.

    `run` is the `gpusim.Run` of the launch up to the error; None when it had not begun.
    """

    run: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Other processes get the error without the record, which holds the kernel."""
        return type(self), self.args


class NeedsThreads(KernelError):
    """Lanes in lockstep cannot do this; threads that run one by one may."""


class NoProgress(NeedsThreads):
    """A loop goes round and nothing changes: endless, or waiting for a thread that cannot run meanwhile."""


class PartialGrid(KernelError):
    """The grid synchronises, but only some of its blocks run: all have to, from the start."""


def thrown(kind: type[Exception], text: str) -> KernelError:
    """What a kernel raised, for the host: an exception of class `kind` that is a `KernelError` as well."""
    members = {"__module__": kind.__module__, "__reduce__": lambda self: (thrown, (kind, *self.args))}
    both: type[KernelError] = type(kind.__name__, (kind, KernelError), members)
    error = both.__new__(both, text)
    error.args = (text,)
    return error


class MemoryFault(KernelError, IndexError):
    """A thread left the bounds of an array; `finding` says which thread, array, index and line."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.describe())
        self.finding = finding

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.finding,)
