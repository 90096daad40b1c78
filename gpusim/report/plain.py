"""Texts for terminals and files whose encoding lacks some characters: "C" locales, redirected output on Windows."""

from __future__ import annotations

import codecs
import io
import sys

_PLAIN = {"─": "-", "│": "|", "→": ">", "×": "x", "…": "...", "µ": "u", "·": "-", "–": "-", "—": "-"}


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(character, "?") for character in error.object[error.start : error.end]), error.end


def printable() -> None:
    """Let standard output and standard error write something like what they cannot encode, in place of an error."""
    codecs.register_error("gpusim.plain", _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a program may have put anything there
            stream.reconfigure(errors="gpusim.plain")
