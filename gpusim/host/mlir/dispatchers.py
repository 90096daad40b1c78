"""Dispatchers of numba-cuda-mlir: what they would compile and launch is launched by one of numba-cuda.

Both have the same Python function, so numba-cuda's takes the arguments as it does on a GPU: it finds their types,
chooses among signatures, converts, and copies to the device and back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numba.cuda import types
from numba.cuda.core import sigutils
from numba.cuda.dispatcher import CUDADispatcher
from numba.cuda.typing.typeof import typeof
from numba_cuda_mlir import descriptor, typing
from numba_cuda_mlir import types as mlir_types
from numba_cuda_mlir.descriptor import MLIRDispatcher
from numba_cuda_mlir.numba_cuda.core.sigutils import normalize_signature

from gpusim.codegen.mlir import compile_result
from gpusim.host.device import Device
from gpusim.host.installation import installed
from gpusim.host.kernels import SimulatedKernel, max_threads
from gpusim.host.launch import simulate
from gpusim.kernel.dialects import MLIR, NUMBA
from gpusim.kernel.translation import translated
from gpusim.simulator import forget

# Options of its `cuda.jit` that matter to a launch on the simulator.
_OPTIONS = ("debug", "device", "fastmath", "launch_bounds", "link")

BLOCK = 128
"""Threads of a block in `kernel.forall(n)`: what the package takes when it cannot ask a driver."""


class Kernel(SimulatedKernel):
    """A kernel of numba-cuda-mlir for one tuple of argument types."""

    package = MLIR
    current = staticmethod(installed)
    simulate = staticmethod(simulate)

    def __init__(self, kernel: MLIRDispatcher, argtypes: tuple[types.Type, ...], options: dict[str, Any]) -> None:
        super().__init__(kernel.py_func, argtypes, **options)
        self._kernel = kernel

    def check_types(self) -> None:
        """numba-cuda's type inference does not know the names of the other package."""

    def launch(self, args: Any, griddim: Any, blockdim: Any, stream: Any = 0, sharedmem: int = 0) -> None:
        """On the simulator; a launch that was configured in a session may also come after it."""
        if installed() is None:
            self._kernel[griddim, blockdim, stream, sharedmem](*args)
        else:
            super().launch(args, griddim, blockdim, stream, sharedmem)


class Twin(CUDADispatcher):
    """The dispatcher of numba-cuda that launches the kernel of one of numba-cuda-mlir."""

    def __init__(self, kernel: MLIRDispatcher) -> None:
        options = {name: kernel.targetoptions[name] for name in _OPTIONS if kernel.targetoptions.get(name)}
        super().__init__(kernel.py_func, options | {"extensions": kernel.extensions})
        self._kernel = kernel

    def compile(self, sig: Any) -> Kernel:
        """An overload for these argument types."""
        argtypes, _ = sigutils.normalize_signature(sig)
        found = self.overloads.get(argtypes)
        if found is None:
            if not self._can_compile:
                raise RuntimeError("Compilation disabled")
            found = Kernel(self._kernel, argtypes, self.targetoptions)
            self.add_overload(found, argtypes)
            native = tuple(translated(ty, MLIR) for ty in argtypes)
            self._kernel.overloads.setdefault(native, CompiledLater(self._kernel, native))
        return found

    def call(self, args: tuple[Any, ...], launch_config: Any) -> None:
        """One launch; among declared signatures the choice is that of numba-cuda-mlir."""
        if self._can_compile:
            super().call(args, launch_config)
            return
        configuration = (getattr(launch_config, name) for name in ("griddim", "blockdim", "stream", "sharedmem"))
        self._declared(tuple(translated(typeof(arg), MLIR) for arg in args)).launch(args, *configuration)

    def _declared(self, argtypes: tuple[Any, ...]) -> Kernel:
        """The declared signature that suits arguments of these types best; raises `TypeError` when none does."""
        best, _ = self._kernel._resolve_overload(argtypes)
        if not best:
            raise TypeError(f"No matching definition for argument type(s) {', '.join(map(str, argtypes))}")
        if len(best) > 1:
            self._kernel._raise_ambiguous(argtypes, best)
        kernel: Kernel = self.overloads[tuple(translated(ty, NUMBA) for ty in best[0])]
        return kernel

    # A configured launch can be pickled; what it launches is the kernel of the program.

    def _reduce_states(self) -> dict[str, Any]:
        return {"kernel": self._kernel}

    @classmethod
    def _rebuild(cls, kernel: MLIRDispatcher) -> Twin:
        return cls(kernel).follow()

    def follow(self) -> Twin:
        """Take over the signatures that the kernel was declared with."""
        if self._can_compile:
            for argtypes in list(self._kernel.overloads):
                self.compile(tuple(translated(ty, NUMBA) for ty in argtypes))
            self.disable_compile(not self._kernel._can_compile)
        return self


class CompiledLater:
    """What a dispatcher of numba-cuda-mlir keeps for a tuple of argument types: compiled when it is asked about."""

    def __init__(self, kernel: MLIRDispatcher, argtypes: tuple[Any, ...]) -> None:
        self.signature = typing.signature(mlir_types.none, *argtypes)
        self._kernel = kernel
        self._results: dict[bool, Any] = {}

    def _ensure_kernel_attrs(self) -> None:
        """The numbers that a driver would be asked for are in `metadata`."""

    def max_cooperative_grid_blocks(self, blockdim: Any, dynsmemsize: int = 0) -> int:
        return SimulatedKernel.max_cooperative_grid_blocks(self, blockdim, dynsmemsize)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        """Anything else is about the code."""
        if name.startswith("__"):
            raise AttributeError(name)
        simulated = installed() is not None
        if simulated not in self._results:
            self._results[simulated] = self._code() if simulated else self._real_code()
        return getattr(self._results[simulated], name)

    def _code(self) -> Any:
        """For the simulated device."""
        function, options = self._kernel.py_func, self._kernel.targetoptions
        result, numbers = compile_result(function, self.signature.args, Device.compute_capability, options)
        result.metadata.update(
            regs_per_thread=numbers.registers,
            shared_mem_per_block=numbers.shared_bytes,
            const_mem_size=numbers.constant_bytes,
            local_mem_per_thread=numbers.local_bytes,
            max_threads_per_block=max_threads(options),
        )
        return result

    def _real_code(self) -> Any:
        """For the device that is there when the session is over."""
        return MLIRDispatcher(self._kernel.py_func, self._kernel.targetoptions).compile(self.signature.args)


def replacements() -> Iterator[tuple[Any, str, Any]]:
    """(owner, attribute, value): what makes its dispatchers launch on the simulator during a session."""
    twins: dict[MLIRDispatcher, Twin] = {}
    package_recompile = MLIRDispatcher.recompile

    def configure(
        kernel: MLIRDispatcher,
        griddim: Any,
        blockdim: Any,
        stream: Any = None,
        sharedmem: Any = None,
        cluster: Any = None,
    ) -> Any:
        """`kernel[grid, block]`; clusters of blocks change nothing in a kernel that does not ask about them."""
        if kernel not in twins:
            twins[kernel] = Twin(kernel)
        return twins[kernel].follow()[griddim, blockdim, stream or 0, sharedmem or 0]

    def compile(kernel: MLIRDispatcher, sig: Any, abi_info: Any = None, output: Any = None) -> Any:
        """Declare a signature. Device functions are compiled as far as calls of them need it."""
        argtypes, _ = normalize_signature(sig)
        if kernel.targetoptions.get("device"):
            descriptor.mlir_target.ensure_initialized()
            return kernel._compile_device_callee(argtypes)
        return kernel.overloads.setdefault(argtypes, CompiledLater(kernel, argtypes))

    def recompile(kernel: MLIRDispatcher) -> None:
        """The package's `recompile`, which also reads globals again."""
        twins.pop(kernel, None)
        forget(kernel)
        package_recompile(kernel)

    yield MLIRDispatcher, "configure", configure
    yield MLIRDispatcher, "compile", compile
    yield MLIRDispatcher, "recompile", recompile
    yield MLIRDispatcher, "enable_caching", lambda kernel: None
    yield descriptor._ForAll, "_compute_thread_per_block", lambda forall: forall.thread_per_block or BLOCK
