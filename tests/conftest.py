"""Tests of what only numba-cuda has are marked `numba_cuda`, and left out where `numba.cuda` is Numba's own."""

from __future__ import annotations

import pytest

from gpusim.kernel.dialects import IN_NUMBA, NUMBA


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if NUMBA is IN_NUMBA:
        for item in items:
            if marker := item.get_closest_marker("numba_cuda"):
                item.add_marker(pytest.mark.skip(reason=f"needs numba-cuda: {marker.args[0]}"))
