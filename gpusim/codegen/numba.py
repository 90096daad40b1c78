"""numba-cuda's compiler on a machine without a GPU: its front end, NVVM and nvJitLink."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from cuda.pathfinder import DynamicLibNotFoundError
from numba import cuda
from numba.cuda import dispatcher as numba_dispatcher
from numba.cuda import types
from numba.cuda.cudadrv.error import CCSupportError, NvvmSupportError
from numba.cuda.dispatcher import CUDADispatcher

from gpusim.codegen.compiled import CompiledKernel, compiled_kernel, refusal
from gpusim.codegen.compiler import real_compiler
from gpusim.codegen.link import link
from gpusim.codegen.signature import argument_types
from gpusim.errors import GpusimError
from gpusim.kernel.dialects import NUMBA
from gpusim.kernel.patches import INSTALLED

# Options of cuda.jit that change the code of a kernel.
_OPTIONS = ("debug", "lineinfo", "fastmath", "opt", "launch_bounds")


def compile_kernel(
    function: FunctionType, signature: Any, capability: tuple[int, int], options: dict[str, Any]
) -> CompiledKernel:
    """Compile for a compute capability; raises what `gpusim.compile` raises."""
    cc = "{}.{}".format(*capability)
    argtypes = argument_types(signature)
    chosen = {name: options[name] for name in _OPTIONS if options.get(name) is not None}
    inputs = _lto_ir(function, argtypes, capability, chosen)
    linked = link(inputs, cc, options.get("max_registers"))
    return compiled_kernel(
        *(function.__name__, argtypes, cc, NUMBA.distribution, linked.cubin, linked.log),
        make_ptx=lambda: link(inputs, cc, ptx=True).ptx,
    )


def _lto_ir(
    function: FunctionType, argtypes: tuple[types.Type, ...], capability: tuple[int, int], options: dict[str, Any]
) -> tuple[bytes, ...]:
    """The kernel and the CUDA C++ functions that it uses, as LTO-IR."""
    try:
        with real_compiler(capability):
            codes, _ = cuda.compile_all(
                function, argtypes, device=False, abi="numba", output="ltoir", cc=capability, **options
            )
    except CCSupportError as error:
        raise GpusimError(str(error)) from None
    except (DynamicLibNotFoundError, NvvmSupportError) as error:
        raise GpusimError(f"compiling for a GPU needs NVIDIA's compiler libraries: {NUMBA.install}") from error
    except Exception as error:  # Numba refuses kernels with exceptions of many types
        raise refusal(function, error) from error
    return tuple(code if isinstance(code, bytes) else bytes(code.code) for code in codes)


def numba_kernel(kernel: CUDADispatcher, argtypes: tuple[types.Type, ...], capability: tuple[int, int] = (9, 0)) -> Any:
    """The object that Numba makes of a kernel, with its LLVM IR, PTX and types; it cannot be launched."""
    with real_compiler(capability):
        numba_kernel = INSTALLED.original(numba_dispatcher, "_Kernel")
        return numba_kernel(kernel.py_func, argtypes, **kernel.targetoptions)
