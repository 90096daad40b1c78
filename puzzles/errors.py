"""What can go wrong with a command, as exceptions whose text is one sentence for the person who typed it."""

from __future__ import annotations

from gpusim.errors import GpusimError


class PuzzleError(GpusimError):
    """A command cannot be carried out."""

    def _render_traceback_(self) -> list[str]:
        """In a notebook: the sentence, and not the way to it."""
        return [str(self)]
