"""What Numba's dispatchers keep for a tuple of argument types, in place of compiled code."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from types import FunctionType
from typing import Any, ClassVar

from numba.cuda.cudadrv.driver import CudaAPIError
from numba.cuda.dispatcher import CUDADispatcher, _Kernel

from gpusim.codegen.compiler import Declared, compiled_device_function
from gpusim.errors import KernelError, thrown
from gpusim.hardware.cooperative import resident_blocks
from gpusim.host.arguments import check_argument_types, imagined, type_of_host
from gpusim.host.cached import Codegen, constants, with_constants
from gpusim.host.code import KernelCode
from gpusim.host.driver import CUresult
from gpusim.host.linking import check_linked
from gpusim.host.onlookers import looks_on
from gpusim.host.session import Session
from gpusim.infer.judge import accept, infer
from gpusim.infer.ordinary import has_plain_options
from gpusim.kernel.constants import read_once
from gpusim.kernel.dialects import IN_NUMBA, NUMBA
from gpusim.kernel.target import current_launch_config, types
from gpusim.machine.attributes import ATTRIBUTES
from gpusim.simulator import Specialization

Current = Callable[[], Session | None]
"""Tells the session in force."""


class SimulatedKernel(KernelCode):
    """A kernel for one tuple of argument types, with the interface of Numba's `_Kernel`."""

    objectmode = False
    entry_point = None
    told: KernelError | None = None  # what the simulator itself has to say of the kernel, if Numba refuses it
    current: ClassVar[Current]
    simulate: ClassVar[Callable[..., None]]
    _constants: dict[str, Any]

    def __init__(self, py_func: FunctionType, argtypes: tuple[types.Type, ...], **options: Any) -> None:
        """Raises what compiling for a GPU raises about the types, launch bounds and linked code."""
        if options.get("device"):
            raise thrown(
                RuntimeError,
                f"Cannot compile a device function as a kernel: '{py_func.__name__}' is called from kernels, "
                "and cannot be launched",
            )
        bounds = options.get("launch_bounds")
        if isinstance(bounds, tuple | list) and len(bounds) > 3:
            raise ValueError(
                f"Got {len(bounds)} launch bounds: {bounds}; there are three of them at most (threads of a block, "
                "blocks of a multiprocessor, blocks of a cluster)"
            )
        check_linked(options.get("link") or ())
        self.py_func = py_func
        self.argument_types = argtypes
        self.targetoptions = options
        check_argument_types(py_func, argtypes)
        self.check_types()
        if self.specialization is not None:
            self.specialization.accept()
        configuration = current_launch_config()
        self.launch_config_sensitive = configuration is not None and configuration._is_kernel_launch_config_sensitive()
        self._compiled: _Kernel | None = None

    def check_types(self) -> None:
        """Raises what Numba's compiler raises; an ordinary kernel needs no compiler to be certain of that."""
        given = imagined(self.argument_types)
        certain = False
        if self.specialization is not None and given is not None:
            certain = self.specialization.is_certain(given) and has_plain_options(self.targetoptions) and not looks_on()
            self.told = self.specialization.told(given)
        if not certain:
            accept(self, self.argument_types)

    @cached_property
    def specialization(self) -> Specialization | None:
        """What runs: the program, with the globals of the time when Numba compiles; None if the simulator has none."""
        try:
            return Specialization(self)
        except KernelError as error:  # which the launch will tell, or Numba's refusal
            self.told = error.with_traceback(None)
            return None

    @property
    def signature(self) -> Any:
        return types.none(*self.argument_types)

    @property
    def extensions(self) -> Any:
        return self.targetoptions.get("extensions") or []

    @property
    def dispatcher(self) -> Any:
        """What has the function and its options: the kernel itself."""
        return self

    def launch(self, args: Any, griddim: Any, blockdim: Any, stream: Any = 0, sharedmem: int = 0) -> None:
        """Run on the simulator, or on the GPU when no session is in force."""
        configuration = (griddim, blockdim, stream, sharedmem)
        session = type(self).current()
        if session is not None:
            type(self).simulate(session, self, args, configuration)
            return
        if self._compiled is None:
            self._compiled = _Kernel(self.py_func, self.argument_types, **self.targetoptions)
            self._compiled.bind()
        self._compiled.launch(args, *configuration)

    def bind(self) -> None:
        """There is no module to load."""

    # What a cache file keeps of it

    @property
    def codegen(self) -> Codegen:
        """What caches, Numba's and those of programs, ask what code it is for."""
        return Codegen()

    def _reduce_states(self) -> dict[str, Any]:
        if self.targetoptions.get("link"):
            raise RuntimeError("Cannot pickle CUDACodeLibrary with linking files: a kernel with link=... has no cache")
        return {
            "argtypes": self.argument_types,
            "options": self.targetoptions,
            "sensitive": self.launch_config_sensitive,
            "constants": constants(self.py_func),
        }

    @classmethod
    def _rebuild(
        cls, argtypes: tuple[types.Type, ...], options: dict[str, Any], sensitive: bool, constants: dict[str, Any]
    ) -> SimulatedKernel:
        kernel = object.__new__(cls)
        kernel.argument_types = argtypes
        kernel.targetoptions = options
        kernel.launch_config_sensitive = sensitive
        kernel._constants = constants
        kernel._compiled = None
        return kernel

    def restore(self, function: FunctionType) -> None:
        """The function that the cache file is about, which it does not have."""
        self.py_func = with_constants(function, self._constants)

    # What the program may ask

    @property
    def max_threads_per_block(self) -> int:
        return max_threads(self.targetoptions)

    def max_cooperative_grid_blocks(self, blockdim: Any, dynsmemsize: int = 0) -> int:
        """Blocks that are on the device at the same time, if registers allow it."""
        extents = blockdim if isinstance(blockdim, tuple | list) else (blockdim,)
        return resident_blocks(math.prod(extents), dynsmemsize)


class SimulatedDeviceFunction(Declared):
    """A device function for one tuple of argument types: callable from kernels, never launched."""

    objectmode = False

    def __init__(self, dispatcher: CUDADispatcher, argtypes: tuple[types.Type, ...], return_type: Any) -> None:
        """Infers the return type unless it is given; raises Numba's errors."""
        self.dispatcher = dispatcher
        self.argument_types = argtypes
        self.entry_point = id(self)
        given = imagined(argtypes)
        if given is not None:
            read_once(dispatcher.py_func, tuple(map(type_of_host, given)))
        self.return_type = infer(dispatcher, argtypes, return_type).return_type

    @cached_property
    def _compiled(self) -> Any:
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
        return self.return_type(*self.argument_types)


def max_threads(options: dict[str, Any]) -> int:
    """Threads per block that a kernel with these options allows: its launch bounds, or the device's limit."""
    bounds = options.get("launch_bounds")
    if isinstance(bounds, tuple | list):
        bounds = bounds[0] if bounds else None
    return bounds or ATTRIBUTES["MAX_THREADS_PER_BLOCK"]


def refused_launch(sentence: str) -> KernelError:
    """What a launch with an impossible configuration raises: the error of `cuda.core`, with a sentence.

    Numba's own `numba.cuda` launches with a call of the driver, and its errors have a `code` and a `msg`.
    """
    if NUMBA is IN_NUMBA:
        error = thrown(CudaAPIError, f"{sentence} (cuLaunchKernel: CUDA_ERROR_INVALID_VALUE)")
        vars(error).update(code=CUresult.CUDA_ERROR_INVALID_VALUE, msg=error.message)
        return error
    try:
        kind = import_module("cuda.core._utils.cuda_utils").CUDAError
    except (ImportError, AttributeError):  # a module that cuda.core keeps to itself
        kind = RuntimeError
    return thrown(kind, f"{sentence} (CUDA_ERROR_INVALID_VALUE)")
