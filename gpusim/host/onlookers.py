"""Programs that look on while Numba compiles: then it has to compile, though it surely would.

They register a rewrite of Numba's intermediate language, or ask for what the compiler writes on its way
(`NUMBA_DUMP_IR` and the like, in Numba's reference "Environment variables").
"""

from __future__ import annotations

import sys
from typing import Any

from gpusim.kernel.dialects import NUMBA

_WRITES = ("DEBUG", "DUMP_", "ANNOTATE", "HTML", "TRACE")
_SILENT = (0, False, None, "", "none")


def looks_on() -> bool:
    """Does this program look on?"""
    return _writes(NUMBA.module("core.config")) or _rewrites()


def _writes(config: Any) -> bool:
    return any(value not in _SILENT for name, value in vars(config).items() if name.startswith(_WRITES))


def _rewrites() -> bool:
    """Does anything but Numba itself rewrite? Nothing does before the compiler is loaded, which registering needs."""
    core, arrays = NUMBA.module("core").__name__, NUMBA.module("np").__name__
    module = sys.modules.get(f"{core}.rewrites.registry")
    kinds = module.rewrite_registry.rewrites.values() if module else ()
    return any(not rewrite.__module__.startswith((f"{core}.", f"{arrays}.")) for kind in kinds for rewrite in kind)
