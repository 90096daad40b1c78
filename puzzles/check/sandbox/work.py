"""What a job is, of whatever kind: it crosses the wall, is done inside, and its answer is looked at outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from puzzles.spec import Array


class Work(ABC):
    """One job. `kind` tells the inner side its class; with `on_gpu` it needs what the driver of a GPU needs.

    `overdue` asks for the usual reason why one does not end.
    """

    kind: ClassVar[str]
    overdue: ClassVar[str]
    on_gpu: bool = False

    def settings(self, seconds: float) -> dict[str, Any]:
        """What the worker has to know of any job: its class, its limits."""
        return {"kind": self.kind, "seconds": seconds, "on_gpu": self.on_gpu}

    @abstractmethod
    def packed(self, seconds: float) -> bytes:
        """The message that asks a worker to do the job within some seconds."""

    @staticmethod
    @abstractmethod
    def unpacked(value: Any, arrays: list[Array]) -> Work:
        """The job of a message."""

    @abstractmethod
    def do(self) -> bytes:
        """Do the job, and pack what came of it; {"refused": why, "line": where} for a file that cannot be used."""

    @abstractmethod
    def outcome(self, value: Any, arrays: list[Array]) -> Any:
        """What an answer says. Raises wire.BadMessage for one that cannot be."""
