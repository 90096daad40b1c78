"""Code of other compilers (`link=...`): it is checked as far as that needs no GPU; only a GPU can run it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from gpusim.kernel.dialects import IN_NUMBA, NUMBA
from gpusim.machine.attributes import COMPUTE_CAPABILITY

if NUMBA is not IN_NUMBA:
    from cuda.pathfinder import DynamicLibNotFoundError
    from numba.cuda.cudadrv.driver import _Linker
    from numba.cuda.cudadrv.error import NvrtcError

    _NO_COMPILER: tuple[type[Exception], ...] = (DynamicLibNotFoundError, NvrtcError)
else:
    from numba.cuda.cudadrv.driver import Linker
    from numba.cuda.cudadrv.error import NvrtcSupportError

    _NO_COMPILER = (NvrtcSupportError,)


def check_linked(linked: Iterable[Any]) -> None:
    """What Numba's linker says about files to link, and NVRTC about CUDA C++ among them.

    Raises their errors: an unknown kind of file, a file that is not there, source that does not compile.
    Without NVIDIA's compiler libraries, CUDA C++ is not looked at.
    """
    linker: Any = None
    for item in linked:
        linker = linker or _linker()
        try:
            linker.add_file_guess_ext(os.fspath(item) if isinstance(item, os.PathLike) else item)
        except _NO_COMPILER:
            continue


def _linker() -> Any:
    if NUMBA is IN_NUMBA:
        return Linker.new(cc=COMPUTE_CAPABILITY)
    return _Linker(cc=COMPUTE_CAPABILITY, lto=True)  # to PTX, NVRTC would ask the driver for its version
