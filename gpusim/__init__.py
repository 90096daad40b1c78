"""gpusim: run numba.cuda kernels on a simulated GPU, count what they do, find what is wrong.

    import gpusim
    run = gpusim.simulate(kernel)[grid, block](*arguments)
    run.counts["global"]["loads"]

Everything is imported when it is first used: `import gpusim` loads no Numba, so that a command which only asks another
process, as `puzzles check` does, waits for none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gpusim.errors import GpusimError, KernelError, MemoryFault

if TYPE_CHECKING:
    from gpusim.codegen.compile import compile
    from gpusim.events.observer import Observer
    from gpusim.findings import Finding
    from gpusim.host import install, uninstall
    from gpusim.host.jit import jit
    from gpusim.report.run import Run
    from gpusim.simulator import simulate

__version__ = "0.1.0"

__all__ = [
    "Finding",
    "GpusimError",
    "KernelError",
    "MemoryFault",
    "Observer",
    "Run",
    "compile",
    "install",
    "jit",
    "simulate",
    "uninstall",
]

_LATER = {
    "Finding": "gpusim.findings",
    "Observer": "gpusim.events.observer",
    "Run": "gpusim.report.run",
    "compile": "gpusim.codegen.compile",
    "install": "gpusim.host",
    "jit": "gpusim.host.jit",
    "load_ipython_extension": "gpusim.host.notebook",
    "simulate": "gpusim.simulator",
    "uninstall": "gpusim.host",
    "unload_ipython_extension": "gpusim.host.notebook",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'gpusim' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
