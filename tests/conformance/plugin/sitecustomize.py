"""Puts gpusim into every Python process of the conformance run, subprocesses included.

Python imports a module of this name at start when it is on PYTHONPATH. gpusim comes in right after the
module that GPUSIM_CONFORMANCE names (`numba.cuda`) has been imported, whoever imports it, so that processes
without it start as ever.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_MODULE = os.environ.get("GPUSIM_CONFORMANCE", "numba.cuda")


class _AfterImport(MetaPathFinder):
    """Finds the module where the other finders do, and installs gpusim once it is loaded."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def load_and_install(module: ModuleType) -> None:
            load(module)
            from conformance_install import install

            install()

        spec.loader.exec_module = load_and_install  # type: ignore[method-assign]
        return spec


if _MODULE != "off":  # which is how Numba's own simulator gets its numbers
    sys.meta_path.insert(0, _AfterImport())
