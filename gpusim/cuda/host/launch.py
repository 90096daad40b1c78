"""Kernels of Numba's dispatchers that run on the simulator instead of being compiled for a GPU.

Numba's dispatcher keeps doing what it does on a GPU (signatures, overload resolution, `forall`,
`specialize`); only what it would compile and launch is replaced by a `SimulatedKernel`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

from numba.cuda import types
from numba.cuda.compiler import run_frontend
from numba.cuda.core import sigutils
from numba.cuda.core.typed_passes import type_inference_stage
from numba.cuda.cudadrv import driver
from numba.cuda.dispatcher import CUDADispatcher, ForAll, _Kernel

import gpusim
from gpusim.cuda.host.arguments import Arguments
from gpusim.cuda.host.code import KernelCode
from gpusim.cuda.host.device import ATTRIBUTES
from gpusim.cuda.host.session import Session
from gpusim.cuda.host.streams import Stream
from gpusim.errors import KernelError
from gpusim.simulator import forget

Current = Callable[[], Session | None]
"""Tells the session in force."""


class SimulatedKernel(KernelCode):
    """A kernel for one tuple of argument types, as Numba's dispatcher keeps it."""

    launch_config_sensitive = False
    objectmode = False
    cooperative = True

    def __init__(self, dispatcher: CUDADispatcher, argtypes: tuple[types.Type, ...], current: Current) -> None:
        self.dispatcher = dispatcher
        self.argument_types = argtypes
        self.signature = types.none(*argtypes)
        self.entry_point = self
        self._current = current
        self._compiled: _Kernel | None = None

    def launch(self, args: Any, griddim: Any, blockdim: Any, stream: Any = 0, sharedmem: int = 0) -> None:
        """Run on the simulator, or on the GPU when no session is in force."""
        configuration = (griddim, blockdim, stream, sharedmem)
        session = self._current()
        if session is not None:
            simulate(session, self.dispatcher, self.argument_types, args, configuration)
            return
        if self._compiled is None:
            self._compiled = _Kernel(self.dispatcher.py_func, self.argument_types, **self.dispatcher.targetoptions)
            self._compiled.bind()
        self._compiled.launch(args, *configuration)

    def bind(self) -> None:
        """There is no module to load."""

    @property
    def max_threads_per_block(self) -> int:
        return max_threads(self.dispatcher)

    def max_cooperative_grid_blocks(self, blockdim: Any, dynsmemsize: int = 0) -> int:
        """Blocks that are on the device at the same time, if registers allow it."""
        threads = 1
        for extent in blockdim if isinstance(blockdim, tuple | list) else (blockdim,):
            threads *= extent
        warps = -(-threads // ATTRIBUTES["WARP_SIZE"])
        per_multiprocessor = min(
            ATTRIBUTES["MAX_BLOCKS_PER_MULTIPROCESSOR"],
            ATTRIBUTES["MAX_THREADS_PER_MULTIPROCESSOR"] // (warps * ATTRIBUTES["WARP_SIZE"]),
        )
        return per_multiprocessor * ATTRIBUTES["MULTIPROCESSOR_COUNT"]


class SimulatedDeviceFunction:
    """A device function for one tuple of argument types: callable from kernels, never launched."""

    objectmode = False

    def __init__(self, dispatcher: CUDADispatcher, argtypes: tuple[types.Type, ...], return_type: Any) -> None:
        self.dispatcher = dispatcher
        self.argument_types = argtypes
        self.return_type = return_type

    @cached_property
    def _compiled(self) -> Any:
        from gpusim.cuda.host.compiler import compiled_device_function

        return compiled_device_function(self.dispatcher, self.argument_types, self.return_type)

    @property
    def library(self) -> Any:
        """Numba's library with the code of the function; needs NVIDIA's compiler libraries."""
        return self._compiled.library

    @property
    def fndesc(self) -> Any:
        return self._compiled.fndesc

    @property
    def signature(self) -> Any:
        """The signature; its return type is inferred when it was not given."""
        if self.return_type is None:
            self.return_type = infer_return_type(self.dispatcher, self.argument_types)
        return self.return_type(*self.argument_types)


def simulate(
    session: Session,
    dispatcher: CUDADispatcher,
    argtypes: tuple[types.Type, ...],
    args: Any,
    configuration: Any,
) -> None:
    """One launch: convert the arguments, run, record, copy back what `cuda.Out` asks for."""
    grid, block, stream, shared = configuration
    function = dispatcher.py_func
    if math.prod(block) > max_threads(dispatcher):
        raise KernelError(
            f"launch of '{function.__name__}': a block of {math.prod(block):,} threads is more than the "
            f"{max_threads(dispatcher):,} that the kernel allows"
        )
    arguments = Arguments(
        function.__name__,
        function.__code__.co_varnames[: function.__code__.co_argcount],
        dispatcher.targetoptions.get("extensions"),
        session.api,
        stream,
    )
    values = arguments.convert(argtypes, tuple(args))
    with session.recording():
        session.record(gpusim.simulate(dispatcher, check=session.check)[grid, block, stream, shared](*values))
    arguments.write_back()


def max_threads(dispatcher: CUDADispatcher) -> int:
    """Threads per block that the kernel allows: its launch bounds, or the device's limit."""
    bounds = dispatcher.targetoptions.get("launch_bounds")
    if isinstance(bounds, tuple | list):
        bounds = bounds[0] if bounds else None
    return bounds or ATTRIBUTES["MAX_THREADS_PER_BLOCK"]


def infer_return_type(dispatcher: CUDADispatcher, argtypes: tuple[types.Type, ...]) -> types.Type:
    """What Numba's type inference says that a device function returns; needs no CUDA library."""
    dispatcher.targetctx.refresh()
    dispatcher.typingctx.refresh()
    inferred = type_inference_stage(
        dispatcher.typingctx, dispatcher.targetctx, run_frontend(dispatcher.py_func), argtypes, None
    )
    return inferred.return_type


def replacements(current: Current) -> list[tuple[Any, str, Any]]:
    """(owner, attribute, value): what makes Numba's dispatchers launch on the simulator during a session."""

    def compile(dispatcher: CUDADispatcher, sig: Any) -> SimulatedKernel | _Kernel:
        """Numba's `compile` without a compiler: an overload for these argument types."""
        argtypes, _ = sigutils.normalize_signature(sig)
        refuse_unsupported(dispatcher)
        if dispatcher.specialized:
            return next(iter(dispatcher.overloads.values()))
        kernel = dispatcher.overloads.get(argtypes)
        if kernel is None:
            if not dispatcher._can_compile:
                raise RuntimeError("Compilation disabled")
            kernel = SimulatedKernel(dispatcher, argtypes, current)
            dispatcher.add_overload(kernel, argtypes)
        return kernel

    def launch(kernel: _Kernel, args: Any, griddim: Any, blockdim: Any, stream: Any = 0, sharedmem: int = 0) -> None:
        """Kernels that Numba compiled before the session run on the simulator during it."""
        dispatcher = CUDADispatcher(kernel.py_func, {"extensions": kernel.extensions, "debug": kernel.debug})
        session = current()
        assert session is not None
        simulate(session, dispatcher, kernel.argument_types, args, (griddim, blockdim, stream, sharedmem))

    numba_recompile = CUDADispatcher.recompile

    def recompile(dispatcher: CUDADispatcher) -> None:
        """Numba's `recompile`, which also reads globals again."""
        forget(dispatcher)
        numba_recompile(dispatcher)

    return [
        (CUDADispatcher, "compile", compile),
        (CUDADispatcher, "recompile", recompile),
        (CUDADispatcher, "compile_device", compile_device),
        (CUDADispatcher, "enable_caching", enable_caching),
        (_Kernel, "launch", launch),
        (ForAll, "_compute_thread_per_block", threads_per_block),
        (driver, "_to_core_stream", core_stream),
    ]


def compile_device(dispatcher: CUDADispatcher, args: Any, return_type: Any = None) -> SimulatedDeviceFunction:
    """Numba's `compile_device` without a compiler."""
    if args not in dispatcher.overloads:
        dispatcher.overloads[args] = SimulatedDeviceFunction(dispatcher, args, return_type)
    return dispatcher.overloads[args]


def enable_caching(dispatcher: CUDADispatcher) -> None:
    """There is no compiled code to cache."""


def threads_per_block(forall: ForAll, dispatcher: CUDADispatcher) -> int:
    """The block size of `kernel.forall(n)` when none is given."""
    return forall.thread_per_block or max_threads(dispatcher)


def core_stream(stream: Any) -> Any:
    """A launch's stream; raises `TypeError` for what is not one."""
    if not stream:
        return 0
    if isinstance(stream, Stream):
        return stream
    raise TypeError(f"Expected a Stream object or 0, got {type(stream).__name__}")


def refuse_unsupported(dispatcher: CUDADispatcher) -> None:
    """Raises `KernelError` for what only a GPU can run."""
    name = dispatcher.py_func.__name__
    if dispatcher.targetoptions.get("device"):
        raise KernelError(f"'{name}' is a device function and cannot be launched: call it from a kernel")
    if dispatcher.targetoptions.get("link"):
        raise KernelError(f"kernel '{name}' links other GPU code (link=...), which the simulator cannot run")
