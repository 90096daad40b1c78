"""Tests of what only numba-cuda has are marked `numba_cuda`, and left out where `numba.cuda` is Numba's own.

No example of hypothesis has a deadline: how long one takes says how busy the machine is.
"""

from __future__ import annotations

import pytest
from hypothesis import settings

from gpusim.kernel.dialects import IN_NUMBA, NUMBA

settings.register_profile("without-deadline", deadline=None)
settings.load_profile("without-deadline")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if NUMBA is IN_NUMBA:
        for item in items:
            if marker := item.get_closest_marker("numba_cuda"):
                item.add_marker(pytest.mark.skip(reason=f"needs numba-cuda: {marker.args[0]}"))
