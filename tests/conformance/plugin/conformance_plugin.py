"""The pytest plugin of the conformance run: what numba-cuda's tests get from its repository's own conftest.py.

Their wheel has the tests but not the conftest.py. Every test also gets a time limit, because a test
that waits for hardware would wait for ever, and the outcomes go to a file.

Test modules are imported under their own names, `numba.cuda.tests...`. pytest would derive other names
from where the files are, and import `numba.cuda` a second time under one of them.
"""

from __future__ import annotations

import importlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

SECONDS = 300

_RANK = ("passed", "xfailed", "skipped", "failed")
"""A test whose parts end in different ways counts as the last of these."""


@pytest.fixture
def initialize_from_pytest_config(request: pytest.FixtureRequest) -> None:
    """What `CUDATestCase` asks for: whether failed comparisons of compiler output are to be kept."""
    request.cls._dump_failed_filechecks = False


class NumbaModule(pytest.Module):
    """A module of `numba.cuda.tests`, or of the package that the ini file names."""

    def _getobj(self) -> Any:
        place = self.path.with_suffix("").relative_to(self.config.rootpath)
        return importlib.import_module(".".join((self.config.getini("package"), *place.parts)))


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    module: pytest.Module = NumbaModule.from_parent(parent, path=module_path)
    return module


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector:
    directory: pytest.Collector = pytest.Dir.from_parent(parent, path=path)
    return directory


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Interrupt a test that takes too long, where the system can."""
    if not hasattr(signal, "SIGALRM"):
        return (yield)

    def interrupt(signum: int, frame: FrameType | None) -> Any:
        raise TimeoutError(f"the test takes more than {SECONDS} seconds")

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(SECONDS)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--outcomes", help="write the outcome of every test to this JSON file")
    parser.addini("package", "what the tests are imported from", default="numba.cuda.tests")


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("--outcomes")
    if file:
        config.pluginmanager.register(Outcomes(Path(file)))


class Outcomes:
    """Collects {test: [outcome, last line of the error]}."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._found: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
        known = self._found.get(report.nodeid)
        if known is None or _RANK.index(outcome) > _RANK.index(known[0]):
            self._found[report.nodeid] = [outcome, _error(report) if outcome == "failed" else ""]

    def pytest_sessionfinish(self) -> None:
        self._file.write_text(json.dumps(self._found, indent=1))


def _error(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longrepr).strip().split("\n")[0]
