"""`gpusim.jit`: the same launch on a GPU when there is one, on the simulator when there is none."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from importlib import import_module
from types import FunctionType
from typing import Any

from gpusim.errors import KernelError
from gpusim.host import installed
from gpusim.host.gpu import find_gpu
from gpusim.kernel.dialects import package_of
from gpusim.simulator import simulate


def jit(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Like `cuda.jit`, for kernels that run everywhere.

    Used bare or with the options of `cuda.jit` (no signatures: types come from the arguments). It is the
    `cuda.jit` of the package whose names the function uses: numba-cuda-mlir, else numba-cuda. With
    `device=True` the result is that package's own device function. A launch on the simulator returns a
    `gpusim.Run`; on a GPU it returns None.

    Raises `KernelError` when a signature is given in place of the function.
    """
    if function is None:
        return lambda function: jit(function, **options)
    if not isinstance(function, FunctionType):
        raise KernelError("gpusim.jit takes no signature: write @gpusim.jit, or @cuda.jit(signature) for Numba's own")
    dispatcher = import_module(package_of(function).cuda).jit(function, **options)
    return dispatcher if options.get("device") else Kernel(dispatcher)


class Kernel:
    """A kernel that is launched as `kernel[grid, block, stream, dynamic_shared_bytes](*args)`."""

    def __init__(self, dispatcher: Any) -> None:
        self.dispatcher = dispatcher
        update_wrapper(self, dispatcher.py_func)

    @property
    def py_func(self) -> Any:
        return self.dispatcher.py_func

    @property
    def targetoptions(self) -> dict[str, Any]:
        return self.dispatcher.targetoptions

    def __getitem__(self, configuration: Any) -> Any:
        return self._launcher()[configuration]

    def forall(self, ntasks: int, tpb: int = 0, stream: Any = 0, sharedmem: int = 0) -> Any:
        """One thread for each of `ntasks` tasks; on the simulator in blocks of 128 unless `tpb` says else."""
        if self._launches_itself():
            return self.dispatcher.forall(ntasks, tpb, stream, sharedmem)
        block = tpb or 128
        return self[max(-(-ntasks // block), 1), block, stream, sharedmem]

    def __call__(self, *args: Any) -> Any:
        raise KernelError(
            f"kernel '{self.py_func.__name__}' is launched with a grid and a block: "
            f"{self.py_func.__name__}[blocks, threads](...)"
        )

    def _launches_itself(self) -> bool:
        """The dispatcher launches: on a GPU, or on the simulator that is installed under it."""
        return installed() is not None or find_gpu(package_of(self.dispatcher)) is not None

    def _launcher(self) -> Any:
        return self.dispatcher if self._launches_itself() else simulate(self.dispatcher)
