"""`%load_ext gpusim`: cells with `kernel[grid, block](...)` run on the simulator where there is no GPU."""

from __future__ import annotations

from typing import Any

from gpusim.findings import Findings
from gpusim.host.gpu import find_gpu
from gpusim.host.installation import install
from gpusim.host.session import Session


class _Extension:
    """What a notebook has loaded: a session, and how much of its findings has been shown."""

    def __init__(self) -> None:
        self._session: Session | None = None
        self._shown = 0

    def load(self, shell: Any) -> None:
        gpu = find_gpu()
        if gpu is not None:
            print(f"gpusim: kernels run on the {gpu.name}; gpusim.simulate(kernel) is the simulator")
            return
        if self._session is None:
            self._session = install()
            self._shown = 0
            shell.events.register("post_run_cell", self._after_cell)

    def unload(self, shell: Any) -> None:
        if self._session is not None:
            shell.events.unregister("post_run_cell", self._after_cell)
            self._session.__exit__()
            self._session = None

    def _after_cell(self, result: Any = None) -> None:
        """Show what the launches of a cell have been found to do wrong."""
        session = self._session
        if session is None or len(session.findings) == self._shown:
            return
        new = Findings(session.findings[self._shown :])
        self._shown = len(session.findings)
        from IPython.display import display

        display(new)


_EXTENSION = _Extension()  # one simulated GPU a process, so one of these


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext gpusim`"""
    _EXTENSION.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext gpusim`"""
    _EXTENSION.unload(shell)
