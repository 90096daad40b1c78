"""The pytest plugin of the conformance run: what numba-cuda's tests get from its repository's own conftest.py.

Their wheel has the tests but not the conftest.py. Every test also gets a time limit, because a test
that waits for hardware would wait for ever.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

SECONDS = 120


@pytest.fixture
def initialize_from_pytest_config(request: pytest.FixtureRequest) -> None:
    """What `CUDATestCase` asks for: whether failed comparisons of compiler output are to be kept."""
    request.cls._dump_failed_filechecks = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Interrupt a test that takes too long."""

    def interrupt(signum: int, frame: FrameType | None) -> Any:
        raise TimeoutError(f"the test takes more than {SECONDS} seconds")

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(SECONDS)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
