"""`numba.cuda.testing` for the translated tests: that of numba-cuda-mlir, with what it lacks."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Any

from numba_cuda_mlir.numba_cuda.core import config
from numba_cuda_mlir.numba_cuda.testing import *  # noqa: F403

config.ENABLE_CUDASIM = 0  # it has no simulator of its own that could be on


def skip_on_cudasim(reason: str) -> Callable[[Any], Any]:
    """Nothing is skipped: gpusim has what Numba's simulator lacks."""
    return lambda test: test


def skip_unless_cudasim(reason: str) -> Callable[[Any], Any]:
    return unittest.skip(reason)


def xfail_unless_cudasim(test: Any) -> Any:
    return unittest.expectedFailure(test)
