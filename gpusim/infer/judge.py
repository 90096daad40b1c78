"""Numba's compiler as a judge: it refuses what cannot be compiled for a GPU.

A simulated kernel needs no compiler, but a program that would end with a typing error on a GPU has to end
with the same error here.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from numba.core import errors as numba_errors
from numba.cuda import compiler
from numba.cuda.cudadrv import nvvm
from numba.cuda.dispatcher import CUDADispatcher

from gpusim.codegen.compiler import real_compiler
from gpusim.infer.intrinsics import line_of, refuse, unsupported
from gpusim.kernel.dialects import IN_NUMBA, NUMBA
from gpusim.kernel.patches import Patches
from gpusim.kernel.target import (
    FunctionPass,
    NopythonTypeInference,
    PassManager,
    errors,
    global_compiler_lock,
    register_pass,
    types,
)
from gpusim.machine.attributes import COMPUTE_CAPABILITY


@dataclass(frozen=True)
class Inferred:
    """What is kept instead of compiled code."""

    return_type: types.Type
    typemap: dict[str, types.Type]

    @property
    def library(self) -> Inferred:
        return self

    def finalize(self) -> None:
        """There is no code to finish."""


@register_pass(mutates_CFG=False, analysis_only=True)
class _Keep(FunctionPass):
    """Ends a compilation with the types."""

    _name = "gpusim_keep_types"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        state.cr = Inferred(state.return_type, state.typemap)
        return False


class _TypeInference(compiler.CUDACompiler):
    """Numba's passes for CUDA as far as type inference."""

    def define_pipelines(self) -> list[PassManager]:
        [whole] = super().define_pipelines()
        passes = [implementation for implementation, _ in whole.passes]
        front = PassManager("cuda")
        front.passes.extend(whole.passes[: passes.index(NopythonTypeInference) + 1])
        front.add_pass(_Keep, "keep the types")
        front.finalize()
        return [front]


REFUSALS = (numba_errors.NumbaError, errors.NumbaError)
"""What Numba raises for a function that it does not compile: numba-cuda has copies of some of Numba's errors."""


def infer(dispatcher: CUDADispatcher, argtypes: tuple[types.Type, ...], return_type: Any = None) -> Inferred:
    """The types of a function's variables and result for these arguments; needs no CUDA library.

    Raises what Numba raises for a GPU (`REFUSALS`, and other errors where Numba itself fails).
    """
    # The counter tells Numba which device functions are being typed: some call themselves.
    in_work = getattr(dispatcher, "_compiling_counter", nullcontext())
    with global_compiler_lock, in_work, Patches() as patches:
        patches.replace(compiler, "CUDACompiler", _TypeInference)
        inferred: Inferred = _compile(dispatcher, argtypes, return_type)
    return inferred


def accept(kernel: Any, argtypes: tuple[types.Type, ...]) -> None:
    """Raises what compiling a kernel for a GPU raises: `kernel` has `py_func` and `targetoptions`.

    Some functions have a type and no code for GPUs (`np.exp`), and some have code that NVIDIA's compiler does not take
    (`np.round`), so the kernel is compiled as far as LLVM's language, and that is looked through. No CUDA library is
    needed.
    """
    with global_compiler_lock, real_compiler(COMPUTE_CAPABILITY), Patches() as patches:
        if not nvvm.is_available():
            patches.replace(nvvm, "NVVM", _Layout)
        found = unsupported(_llvm(kernel, argtypes))
        if found:
            line = line_of(found, _llvm(kernel, argtypes, lineinfo=True))
            raise refuse(found, (kernel.py_func.__code__.co_filename, line) if line else None)


class _Layout:
    """What Numba asks NVVM for while it writes LLVM's language: how data is laid out, and the language's version."""

    data_layout = nvvm._datalayout_i128 if NUMBA is IN_NUMBA else nvvm._datalayout

    def get_ir_version(self) -> tuple[int, int, int, int]:
        """Of the language and of its debugging information (NVVM IR Specification, "Version"); no matter here."""
        return 2, 0, 3, 2


def _llvm(kernel: Any, argtypes: tuple[types.Type, ...], lineinfo: bool | None = None) -> str:
    text: str = _compile(kernel, argtypes, types.none, lineinfo).library.get_llvm_str()
    return text


def _compile(
    dispatcher: CUDADispatcher, argtypes: tuple[types.Type, ...], return_type: Any, lineinfo: bool | None = None
) -> Any:
    options = dispatcher.targetoptions
    return compiler.compile_cuda(
        dispatcher.py_func,
        return_type,
        argtypes,
        debug=bool(options.get("debug")),
        lineinfo=bool(options.get("lineinfo")) if lineinfo is None else lineinfo,
        inline=options.get("inline") or "never",
        fastmath=options.get("fastmath"),
        cc=COMPUTE_CAPABILITY,
    )
