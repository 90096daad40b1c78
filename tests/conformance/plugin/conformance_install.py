"""gpusim in place of a GPU, or of Numba's simulator where that one is asked for (NUMBA_ENABLE_CUDASIM=1)."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from functools import reduce, wraps
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import numpy as np


def install() -> None:
    """Simulate numba.cuda with gpusim in this process from now on."""
    from gpusim.kernel.dialects import NUMBA

    if NUMBA.module("core.config").ENABLE_CUDASIM:
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

    from gpusim.device.memory import arrays
    from gpusim.device.surface import entries
    from gpusim.kernel.sourceless import exec_with_source

    builtins.exec = exec_with_source
    for name in ("shared.array", "local.array"):
        arrays.NAMED[name] = _without_alignment(arrays.NAMED[name])
    for name in entries():
        _provide(cuda, name)
    FakeCUDAKernel.__call__ = _launch
    cuda.jit = _jit(cuda.jit)


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


def _without_alignment(allocate: Callable[..., Any]) -> Callable[..., Any]:
    """An array as in Numba's simulator, whose programs may rely on its refusing `alignment=`; gpusim has it."""

    def run(*arguments: Any, alignment: Any = None, **keywords: Any) -> Any:
        if alignment is not None:
            raise RuntimeError("Array alignment is not supported in cudasim")
        return allocate(*arguments, **keywords)

    return run


def _jit(jit: Callable[..., Any]) -> Callable[..., Any]:
    """`cuda.jit` of Numba's simulator, which forgets signatures; gpusim casts arguments as they say."""

    @wraps(jit)
    def remembering(func_or_sig: Any = None, *args: Any, **options: Any) -> Any:
        from gpusim.kernel.dialects import NUMBA

        signatures = NUMBA.module("core.sigutils")
        made = jit(func_or_sig, *args, **options)
        if not signatures.is_signature(func_or_sig):
            return made

        def wrapper(function: Any) -> Any:
            kernel = made(function)
            kernel.argtypes = signatures.normalize_signature(func_or_sig)[0]
            return kernel

        return wrapper

    return remembering


def _launch(kernel: Any, *args: Any) -> Any:
    """`FakeCUDAKernel.__call__`: converts arguments as it does, and runs on gpusim."""
    from numba.cuda.errors import normalize_kernel_dimensions

    import gpusim

    if kernel._device:
        return kernel.fn(*args)
    grid, block = normalize_kernel_dimensions(kernel.grid_dim, kernel.block_dim)
    if 0 in grid:
        return None
    write_back: list[Any] = []
    argtypes = getattr(kernel, "argtypes", (None,) * len(args))
    values = [_argument(kernel, arg, ty, write_back) for arg, ty in zip(args, argtypes, strict=True)]
    target = SimpleNamespace(py_func=kernel.fn, targetoptions={"debug": kernel._debug})
    try:
        gpusim.simulate(target)[grid, block, 0, kernel.dynshared_size](*values)
    except ZeroDivisionError as error:
        raise FloatingPointError(str(error)) from None  # as Numba's simulator, where a GPU has the other one
    for action in write_back:
        action()
    return None


def _argument(kernel: Any, arg: Any, ty: Any, write_back: list[Any]) -> Any:
    from numba.cuda.simulator.cudadrv.devicearray import FakeCUDAArray
    from numba.cuda.simulator.kernel import ArgHint

    hints = import_module(ArgHint.__module__)  # in Numba's own numba.cuda it is another one
    _, arg = reduce(
        lambda typed, extension: extension.prepare_args(*typed, stream=0, retr=write_back),
        kernel.extensions,
        (ty, arg),
    )
    if isinstance(arg, np.ndarray) and arg.ndim > 0:
        arg = hints.InOut(arg)
    if isinstance(arg, ArgHint):
        arg = arg.to_device(write_back)
    if isinstance(arg, FakeCUDAArray):
        return arg._ary
    return arg if ty is None else _cast(ty, arg)


def _cast(ty: Any, value: Any) -> Any:
    """A scalar of the type in the signature."""
    from gpusim.kernel.target import numpy_support, types
    from gpusim.numeric import cast, literal

    if not isinstance(ty, types.Number | types.Boolean) or not isinstance(value, int | float | complex | np.generic):
        return value
    return cast(value if isinstance(value, np.generic) else literal(value), numpy_support.as_dtype(ty))
