"""What a program can ask about the code of its kernels, answered by compiling them for the device simulated."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from gpusim.codegen.compile import compile
from gpusim.codegen.compiled import CompiledKernel
from gpusim.kernel.dialects import require_numba_cuda

if TYPE_CHECKING:
    from numba.cuda.dispatcher import CUDADispatcher

    from gpusim.kernel.target import types


class KernelCode:
    """Registers, memory and listings of a kernel for one tuple of argument types.

    All of it raises `GpusimError` where NVIDIA's compiler libraries are not installed.
    """

    dispatcher: CUDADispatcher
    argument_types: tuple[types.Type, ...]

    @cached_property
    def _code(self) -> CompiledKernel:
        return compile(self.dispatcher, self.argument_types)

    @cached_property
    def _numba_kernel(self) -> Any:
        require_numba_cuda("the code of a kernel")
        from gpusim.codegen.numba import numba_kernel

        return numba_kernel(self.dispatcher, self.argument_types)

    @property
    def regs_per_thread(self) -> int:
        return self._code.registers

    @property
    def shared_mem_per_block(self) -> int:
        return self._code.shared_bytes

    @property
    def local_mem_per_thread(self) -> int:
        return self._code.local_bytes

    @property
    def const_mem_size(self) -> int:
        return self._code.constant_bytes

    def inspect_llvm(self) -> str:
        return self._numba_kernel.inspect_llvm()

    def inspect_asm(self, cc: tuple[int, int]) -> str:
        return self._numba_kernel.inspect_asm(cc)

    def inspect_lto_ptx(self, cc: tuple[int, int]) -> str:
        return self._numba_kernel.inspect_lto_ptx(cc)

    def inspect_sass(self) -> str:
        """The machine code; needs NVIDIA's nvdisasm."""
        return self._numba_kernel.inspect_sass()

    def inspect_sass_cfg(self) -> str:
        """The control flow of the machine code as a graph for dot; needs NVIDIA's nvdisasm."""
        return self._numba_kernel.inspect_sass_cfg()

    def inspect_types(self, file: Any = None) -> None:
        self._numba_kernel.inspect_types(file)

    @property
    def cooperative(self) -> bool:
        """Does the code use the barrier of the grid?"""
        return self._numba_kernel.cooperative

    @property
    def _codelibrary(self) -> Any:
        return self._numba_kernel._codelibrary

    @property
    def _type_annotation(self) -> Any:
        return self._numba_kernel._type_annotation
