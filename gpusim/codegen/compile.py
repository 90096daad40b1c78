"""Real device code for a GPU that need not be here, made by the package that a kernel was written for."""

from __future__ import annotations

import re
from typing import Any

from gpusim.codegen.compiled import CompiledKernel
from gpusim.errors import GpusimError
from gpusim.kernel.dialects import IN_NUMBA, MLIR, NUMBA, package_of, require_numba_cuda
from gpusim.kernel.source import python_function


def compile(kernel: Any, signature: Any, cc: str = "9.0") -> CompiledKernel:
    """Compile a kernel for a compute capability, without a GPU.

    `kernel` is a `@cuda.jit` dispatcher or a plain function, `signature` what `cuda.jit` accepts:
    "void(float32[:], int32)", a Numba signature or a tuple of types; `cc` is "major.minor". A kernel that
    is written for numba-cuda-mlir is compiled by it, any other by numba-cuda.

    Raises `KernelError` when the compiler or ptxas refuse the kernel, and `GpusimError` when the signature
    or `cc` cannot be read or NVIDIA's compiler libraries are not installed.
    """
    function = python_function(kernel)
    if function is None:
        raise GpusimError(f"cannot compile {kernel!r}: give a function decorated with @cuda.jit, or a plain function")
    capability = parse_capability(cc)
    options = getattr(kernel, "targetoptions", {})
    if package_of(kernel) is MLIR:
        from gpusim.codegen.mlir import compile_kernel
    else:
        require_numba_cuda("compiling for a GPU")
        from gpusim.codegen.numba import compile_kernel
    return compile_kernel(function, signature, capability, options)


def can_compile() -> bool:
    """Are numba-cuda and NVIDIA's libraries installed, which make code for a GPU?"""
    if NUMBA is IN_NUMBA:
        return False
    from gpusim.codegen.link import libraries_load  # only numba-cuda brings what this imports

    return libraries_load()


def parse_capability(cc: str) -> tuple[int, int]:
    """ "9.0" as (9, 0); raises `GpusimError` for anything else."""
    match = re.fullmatch(r"(\d+)\.(\d)", cc)
    if match is None:
        raise GpusimError(f"compute capability '{cc}' is not of the form major.minor, such as 9.0")
    return int(match[1]), int(match[2])
