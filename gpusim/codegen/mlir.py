"""numba-cuda-mlir's compiler on a machine without a GPU: its front end, MLIR, NVVM and its own linker.

It asks the driver which device is there, and compiles for that one. Here it is told, so that no driver is
involved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any

from cuda.pathfinder import DynamicLibNotFoundError
from numba_cuda_mlir import decorators, linker, tools
from numba_cuda_mlir.descriptor import MLIRDispatcher
from numba_cuda_mlir.errors import UserFacingInternalCompilerError
from numba_cuda_mlir.mlir_optimization import get_lto_ptx
from numba_cuda_mlir.numba_cuda.cudadrv.error import NvvmSupportError

from gpusim.codegen.compiled import CompiledKernel, compiled_kernel, refusal
from gpusim.codegen.signature import argument_types
from gpusim.errors import GpusimError
from gpusim.kernel.dialects import MLIR
from gpusim.kernel.patches import INSTALLED, Patches


def compile_kernel(
    function: FunctionType, signature: Any, capability: tuple[int, int], options: dict[str, Any]
) -> CompiledKernel:
    """Compile for a compute capability; raises what `gpusim.compile` raises."""
    return compile_result(function, argument_types(signature, MLIR), capability, options)[1]


def compile_result(
    function: FunctionType, argtypes: tuple[Any, ...], capability: tuple[int, int], options: dict[str, Any]
) -> tuple[Any, CompiledKernel]:
    """What numba-cuda-mlir keeps of a kernel that it has compiled, and what `gpusim.compile` says about it."""
    chosen = (options or decorators.verify_target_options({})) | {"chip": tools.format_arch(capability)}
    with compiler_for(capability) as links:
        result = _compile(function, argtypes, chosen)
    cubin, log = links[-1]
    return result, compiled_kernel(
        *(function.__name__, argtypes, "{}.{}".format(*capability), MLIR.distribution, cubin, log),
        make_ptx=lambda: _ptx(result, capability),
    )


def _compile(function: FunctionType, argtypes: tuple[Any, ...], options: dict[str, Any]) -> Any:
    try:
        return MLIRDispatcher(function, options).compile(argtypes)
    except (DynamicLibNotFoundError, NvvmSupportError) as error:
        raise GpusimError(f"compiling for a GPU needs NVIDIA's compiler libraries: {MLIR.install}") from error
    except Exception as error:  # the front end refuses kernels with exceptions of many types
        if f"-arch=compute_{options['chip'].removeprefix('sm_')}" in str(error):
            raise GpusimError(f"the installed NVVM does not compile for {options['chip']}: choose another") from error
        # Where the compiler itself is at fault it says only that, and keeps the reason behind.
        reason = error.__context__ if isinstance(error, UserFacingInternalCompilerError) else None
        raise refusal(function, reason or error) from error


def _ptx(result: Any, capability: tuple[int, int]) -> str:
    with compiler_for(capability):
        return get_lto_ptx(result) if result.metadata.get("ltoir") else str(result.ptx)


@contextmanager
def compiler_for(capability: tuple[int, int]) -> Iterator[list[tuple[bytes, str]]]:
    """Let numba-cuda-mlir compile for a device that need not exist; gives what its linker makes and says."""
    links: list[tuple[bytes, str]] = []
    complete = linker.Linker.complete

    def verbose(link: Any) -> Any:
        link._verbose = True
        done = complete(link)
        links.append((done.code, link.info_log))
        return done

    with Patches() as patches:
        patches.replace(tools, "_cached_cc", capability)
        patches.replace(MLIRDispatcher, "compile", INSTALLED.original(MLIRDispatcher, "compile"))
        patches.replace(linker.Linker, "complete", verbose)
        yield links
