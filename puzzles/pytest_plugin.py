"""A plugin for pytest: kernels of any project tested on the simulator, in continuous integration without a GPU.

    import numpy as np
    import pytest
    from mine import blur          # a kernel with @cuda.jit

    @pytest.mark.gpusim(max_global_loads=1026, max_barriers=8)
    def test_blur(simulate):
        a, out = np.ones(1024, np.float32), np.zeros(1024, np.float32)
        simulate(blur)[8, 128](out, a)
        np.testing.assert_allclose(out, 1)

The launch fails the test if the simulator finds a race, an access out of bounds, undefined memory or a barrier that
not all threads reach, or if a counter is above its `max_...`: any name of `puzzles.limits` with underscores. `check`
chooses the tools, as in `gpusim.simulate`. The fixture `assert_kernel` checks a kernel against a puzzle:
`assert_kernel(mine, "map")`.

Nothing heavy is imported before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import gpusim
from puzzles.limits import is_counter

MARK = "gpusim(check=..., max_global_loads=..., ...): what `simulate` checks, and limits on its counters"


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", MARK)


@pytest.fixture
def simulate(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """`simulate(kernel)[grid, block](*arguments)` returns a `gpusim.Run`, or fails the test and says why."""
    mark = request.node.get_closest_marker("gpusim")
    options = dict(mark.kwargs) if mark else {}
    check = options.pop("check", "all")
    limits = {_counter(name): bound for name, bound in options.items()}

    def prepare(kernel: Any, **more: Any) -> Any:
        return _Launcher(gpusim.simulate(kernel, **{"check": check, **more}), limits)

    return prepare


@pytest.fixture(name="assert_kernel")
def _assert_kernel() -> Callable[..., None]:
    return assert_kernel


def assert_kernel(kernel: Any, puzzle: Any, seed: int | None = None) -> None:
    """Fail unless the kernel solves a puzzle, given as id, number or `Puzzle`; `kernel` may map names to kernels."""
    from puzzles.check import catalog, check_kernel

    verdict = check_kernel(kernel, catalog.load_kernel(str(puzzle)) if isinstance(puzzle, str | int) else puzzle, seed)
    if not verdict.passed:
        pytest.fail(str(verdict), pytrace=False)


class _Launcher:
    """A simulator, or one with its launch configuration, that checks each launch."""

    def __init__(self, simulator: Any, limits: dict[str, int]) -> None:
        self._simulator = simulator
        self._limits = limits

    def __getitem__(self, configuration: Any) -> _Launcher:
        return _Launcher(self._simulator[configuration], self._limits)

    def __call__(self, *arguments: Any) -> Any:
        from puzzles.check.counters import counters

        try:
            run = self._simulator(*arguments)
        except gpusim.KernelError as error:
            pytest.fail(str(error), pytrace=False)
        wrong = [finding.describe() for finding in run.findings if finding.severity in ("error", "warning")]
        counted = counters([run], [{}])
        for name, bound in self._limits.items():
            if counted[name] > bound:
                wrong.append(f"{run.kernel}: {name}: {counted[name]}, but the limit is {bound}")
        if wrong:
            pytest.fail("\n".join(wrong), pytrace=False)
        return run


def _counter(option: str) -> str:
    """The counter that an option of the mark limits: `max_global_loads` is "global loads"."""
    name = option.removeprefix("max_").replace("_", " ")
    if not option.startswith("max_") or not is_counter(name, ()):
        raise pytest.UsageError(f"@pytest.mark.gpusim has no option {option!r}; limits look like max_global_loads")
    return name
