"""Why a test of numba-cuda cannot pass on a simulator, for those that cannot."""

from __future__ import annotations

import re


def reason(mode: str, test: str, error: str) -> str | None:
    """The reason for a failed test; None if there is none, which means that something is missing or wrong."""
    for pattern, why in _BY_TEST:
        if re.search(pattern, test):
            return why
    for pattern, why in _BY_ERROR:
        if re.search(pattern, error):
            return why
    return None


_BY_TEST: tuple[tuple[str, str], ...] = ()
_BY_ERROR: tuple[tuple[str, str], ...] = ()
