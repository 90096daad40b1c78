"""gpusim in place of a GPU, or of Numba's simulator where that one is asked for (NUMBA_ENABLE_CUDASIM=1)."""

from __future__ import annotations

import builtins
from functools import reduce
from types import SimpleNamespace
from typing import Any

import numpy as np


def install() -> None:
    """Simulate numba.cuda with gpusim in this process from now on."""
    from numba.cuda.core import config

    if config.ENABLE_CUDASIM:
        replace_simulator()
    else:
        import gpusim

        gpusim.install()


def replace_simulator() -> None:
    """Let kernels of Numba's simulator run on gpusim.

    Its host side stays. Its kernels find the names of the device API in a module that it swaps in during
    a launch; here `numba.cuda` has them.
    """
    from numba import cuda
    from numba.cuda.simulator.kernel import FakeCUDAKernel

    from gpusim.cuda.surface import entries
    from gpusim.generated import exec_with_source

    builtins.exec = exec_with_source
    for name in entries():
        _provide(cuda, name)
    FakeCUDAKernel.__call__ = _launch


def _provide(cuda: Any, name: str) -> None:
    """Give `cuda` an object with this dotted name, for the surface to know it by."""
    *packages, last = name.split(".")
    owner = cuda
    for package in packages:
        if not hasattr(owner, package):
            setattr(owner, package, SimpleNamespace())
        owner = getattr(owner, package)
    if getattr(owner, last, None) is None:
        setattr(owner, last, SimpleNamespace(__name__=name))


def _launch(kernel: Any, *args: Any) -> Any:
    """`FakeCUDAKernel.__call__`: converts arguments as it does, and runs on gpusim."""
    from numba.cuda.errors import normalize_kernel_dimensions

    import gpusim

    if kernel._device:
        return kernel.fn(*args)
    grid, block = normalize_kernel_dimensions(kernel.grid_dim, kernel.block_dim)
    write_back: list[Any] = []
    values = [_argument(kernel, arg, write_back) for arg in args]
    gpusim.simulate(kernel.fn)[grid, block, 0, kernel.dynshared_size](*values)
    for action in write_back:
        action()
    return None


def _argument(kernel: Any, arg: Any, write_back: list[Any]) -> Any:
    from numba.cuda.simulator.args import ArgHint, InOut
    from numba.cuda.simulator.cudadrv.devicearray import FakeCUDAArray

    _, arg = reduce(
        lambda typed, extension: extension.prepare_args(*typed, stream=0, retr=write_back),
        kernel.extensions,
        (None, arg),
    )
    if isinstance(arg, np.ndarray) and arg.ndim > 0:
        arg = InOut(arg)
    if isinstance(arg, ArgHint):
        arg = arg.to_device(write_back)
    return arg._ary if isinstance(arg, FakeCUDAArray) else arg
