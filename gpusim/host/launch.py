"""Launches of Numba's dispatchers, which run on the simulator instead of being compiled for a GPU.

Numba's dispatcher keeps doing what it does on a GPU (signatures, overload resolution, `forall`, `specialize`,
`cache`); only what it would compile and launch is replaced by a `SimulatedKernel`.
"""

from __future__ import annotations

import math
from typing import Any
from weakref import WeakKeyDictionary

from numba.cuda import api
from numba.cuda import dispatcher as numba_dispatcher
from numba.cuda.cudadrv import driver as numba_driver
from numba.cuda.dispatcher import CUDADispatcher, ForAll, _Kernel

from gpusim import simulator
from gpusim.codegen.compiler import get_call_template
from gpusim.errors import GpusimError, KernelError
from gpusim.host.arguments import Arguments, check_arguments
from gpusim.host.device import Stream
from gpusim.host.driver import CUstream
from gpusim.host.kernels import Current, SimulatedDeviceFunction, SimulatedKernel, max_threads, refused_launch
from gpusim.host.session import Session


def simulate(session: Session, kernel: Any, args: Any, configuration: Any) -> None:
    """One launch: convert the arguments, run, record, copy back what `cuda.Out` asks for.

    Raises `KernelError` for a launch that is not possible.
    """
    api.current_context()  # a GPU would have one from here on
    grid, block, stream, shared = configuration
    if not isinstance(stream, int | Stream):
        raise _no_stream(stream)
    function, options = kernel.py_func, kernel.targetoptions
    if options.get("link"):
        raise KernelError(
            f"kernel '{function.__name__}' links other GPU code (link=...), which the simulator cannot run"
        )
    if math.prod(block) > max_threads(options):
        raise refused_launch(
            f"launch of '{function.__name__}': a block of {math.prod(block):,} threads is more than the "
            f"{max_threads(options):,} that the kernel allows"
        )
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    arguments = Arguments(function.__name__, names, options.get("extensions"), stream)
    values = arguments.convert(kernel.argument_types, tuple(args))
    with session.recording():
        simulated = simulator.simulate(kernel.specialization or kernel, check=session.check)
        session.record(simulated[grid, block, stream, shared](*values))
    arguments.write_back()


def replacements(current: Current) -> list[tuple[Any, str, Any]]:
    """(owner, attribute, value): what makes Numba's dispatchers launch on the simulator during a session."""

    def launch(kernel: _Kernel, args: Any, griddim: Any, blockdim: Any, stream: Any = 0, sharedmem: int = 0) -> None:
        """Kernels that Numba compiled before the session run on the simulator during it."""
        if kernel not in twins:
            options = {"extensions": kernel.extensions, "debug": kernel.debug}
            twins[kernel] = simulated(kernel.py_func, kernel.argument_types, **options)
        twins[kernel].launch(args, griddim, blockdim, stream, sharedmem)

    twins: WeakKeyDictionary[_Kernel, SimulatedKernel] = WeakKeyDictionary()
    numba_recompile, numba_call, numba_specialize = (
        getattr(CUDADispatcher, name) for name in ("recompile", "call", "specialize")
    )

    def call(dispatcher: CUDADispatcher, args: tuple[Any, ...], *configuration: Any) -> None:
        """Numba's `call`, which names an argument that no kernel takes."""
        try:
            numba_call(dispatcher, args, *configuration)
        except GpusimError:
            raise
        except Exception:
            check_arguments(dispatcher.py_func, args)
            raise

    def specialize(dispatcher: CUDADispatcher, *args: Any) -> CUDADispatcher:
        """Numba's `specialize`, likewise."""
        try:
            return numba_specialize(dispatcher, *args)
        except GpusimError:
            raise
        except Exception:
            check_arguments(dispatcher.py_func, args)
            raise

    def recompile(dispatcher: CUDADispatcher) -> None:
        """Numba's `recompile`, which also reads globals again."""
        simulator.forget(dispatcher)
        numba_recompile(dispatcher)

    members = {"current": staticmethod(current), "simulate": staticmethod(simulate)}
    simulated = type("SimulatedKernel", (SimulatedKernel,), members)

    def compile_device(dispatcher: CUDADispatcher, args: Any, return_type: Any = None) -> SimulatedDeviceFunction:
        """Numba's `compile_device` without a compiler."""
        if args not in dispatcher.overloads:
            with dispatcher._compiling_counter:
                dispatcher.overloads[args] = SimulatedDeviceFunction(dispatcher, args, return_type)
            session = current()
            assert session is not None
            session.declared.append((dispatcher, args))
        return dispatcher.overloads[args]

    return [
        (numba_dispatcher, "_Kernel", simulated),
        (CUDADispatcher, "recompile", recompile),
        (CUDADispatcher, "call", call),
        (CUDADispatcher, "specialize", specialize),
        (CUDADispatcher, "compile_device", compile_device),
        (CUDADispatcher, "get_call_template", get_call_template),
        (_Kernel, "launch", launch),
        (ForAll, "_compute_thread_per_block", threads_per_block),
        *((numba_driver, name, core_stream) for name in ("_to_core_stream",) if hasattr(numba_driver, name)),
    ]


def threads_per_block(forall: ForAll, dispatcher: CUDADispatcher) -> int:
    """The block size of `kernel.forall(n)` when none is given."""
    return forall.thread_per_block or max_threads(dispatcher.targetoptions)


def core_stream(stream: Any) -> Stream:
    """A launch's stream; raises `TypeError` for what is not one."""
    if isinstance(stream, Stream):
        return stream
    if isinstance(stream, int):
        return Stream(CUstream(stream))
    raise _no_stream(stream)


def _no_stream(value: Any) -> TypeError:
    return TypeError(f"Expected a Stream object or 0, got {type(value).__name__}")
