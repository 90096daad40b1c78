"""Numba's CUDA target: its parts that are in one place in numba-cuda and in another in Numba's own `numba.cuda`.

Importing this imports `numba.cuda`, which a program with kernels has done already.
"""

from __future__ import annotations

from typing import Any

from gpusim.kernel.dialects import IN_NUMBA, NUMBA

if NUMBA is not IN_NUMBA:
    from numba.cuda import types
    from numba.cuda.core import config, errors, sigutils
    from numba.cuda.core.compiler_lock import global_compiler_lock
    from numba.cuda.core.compiler_machinery import FunctionPass, PassManager, register_pass
    from numba.cuda.core.typed_passes import NopythonTypeInference
    from numba.cuda.launchconfig import current_launch_config
    from numba.cuda.np import numpy_support
    from numba.cuda.typing.typeof import typeof
else:
    from numba.core import config, errors, sigutils, types
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.compiler_machinery import FunctionPass, PassManager, register_pass
    from numba.core.typed_passes import NopythonTypeInference
    from numba.core.typing.typeof import typeof
    from numba.np import numpy_support

    def current_launch_config() -> Any:
        """What a kernel that is being compiled can ask about its launch: nothing, here."""


__all__ = [
    "FunctionPass",
    "NopythonTypeInference",
    "PassManager",
    "config",
    "current_launch_config",
    "errors",
    "global_compiler_lock",
    "numpy_support",
    "register_pass",
    "sigutils",
    "typeof",
    "types",
]
