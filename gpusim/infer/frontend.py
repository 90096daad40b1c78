"""Numba's own front end: would it compile a kernel for these arguments? It needs no GPU and takes a moment."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from numba.core import errors as numba_errors
from numba.cuda import types
from numba.cuda.compiler import CompilerBase, CUDAFlags, DefaultPassBuilder
from numba.cuda.core import errors as cuda_errors
from numba.cuda.core.compiler_machinery import PassManager
from numba.cuda.core.typed_passes import NopythonTypeInference
from numba.cuda.descriptor import cuda_target

from gpusim.cuda.host.compiler import real_compiler

_CAPABILITY = (9, 0)
"""Some compute capability; types are the same for all of them."""


REFUSALS = (numba_errors.NumbaError, cuda_errors.NumbaError)
"""What Numba raises for a kernel that it does not compile: numba-cuda has copies of some of Numba's errors."""


class _FrontEnd(CompilerBase):
    """The passes from bytecode to types."""

    def define_pipelines(self) -> list[PassManager]:
        passes = PassManager("front end")
        passes.passes.extend(DefaultPassBuilder.define_untyped_pipeline(self.state).passes)
        for step in DefaultPassBuilder.define_typed_pipeline(self.state).passes:
            passes.passes.append(step)
            if step[0] is NopythonTypeInference:
                break
        passes.finalize()
        self.state.cr = self.state  # what compiling returns
        return [passes]


def infer(function: FunctionType, arguments: tuple[Any, ...]) -> Any:
    """The state of Numba's compiler (`typemap`, `return_type`) after inferring the types of a kernel's variables.

    arguments: Numba types. Raises one of `REFUSALS` when Numba refuses the kernel.
    """
    with real_compiler(_CAPABILITY):
        compiler = _FrontEnd(
            *(cuda_target.typing_context, cuda_target.target_context, None),
            *(arguments, types.void, CUDAFlags(), {}),
        )
        compiler.compile_extra(function)
    return compiler.state


def refuses(function: FunctionType, arguments: tuple[Any, ...]) -> bool:
    """Does Numba refuse to compile this kernel for these types? False, too, when it cannot be asked."""
    try:
        infer(function, arguments)
    except REFUSALS:
        return True
    except Exception:  # Numba fails in many ways over what it does not know, such as the simulator's own objects
        return False
    return False
