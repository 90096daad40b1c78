"""The pytest plugin of the conformance run: what numba-cuda's tests get from its repository's own conftest.py.

Their wheel has the tests but not the conftest.py. Every test also gets a time limit, because a test
that waits for hardware would wait for ever.

Test modules are imported under their own names, `numba.cuda.tests...`. pytest would derive other names
from where the files are, and import `numba.cuda` a second time under one of them.
"""

from __future__ import annotations

import importlib
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

SECONDS = 120


@pytest.fixture
def initialize_from_pytest_config(request: pytest.FixtureRequest) -> None:
    """What `CUDATestCase` asks for: whether failed comparisons of compiler output are to be kept."""
    request.cls._dump_failed_filechecks = False


class NumbaModule(pytest.Module):
    """A module of `numba.cuda.tests`."""

    def _getobj(self) -> Any:
        import numba.cuda.tests

        place = self.path.with_suffix("").relative_to(Path(numba.cuda.tests.__file__).parent)
        return importlib.import_module(".".join(("numba.cuda.tests", *place.parts)))


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    module: pytest.Module = NumbaModule.from_parent(parent, path=module_path)
    return module


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector:
    directory: pytest.Collector = pytest.Dir.from_parent(parent, path=path)
    return directory


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
