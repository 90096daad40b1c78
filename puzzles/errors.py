"""What can go wrong with a command, as exceptions whose text is one sentence for the person who typed it."""

from __future__ import annotations

from gpusim.errors import GpusimError


class PuzzleError(GpusimError):
    """A command cannot be carried out."""
