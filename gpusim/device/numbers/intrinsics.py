"""Functions that come with LLVM code, `numba.cuda.extending.intrinsic`: their code is made for this processor.

What an intrinsic computes from numbers is the same on every processor. One that uses instructions of a GPU, or
functions that are not here, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numba
import numpy as np

from gpusim.device.python.overloads import numba_type
from gpusim.errors import KernelError
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.values import is_number, kind_of

_DECLARED = re.compile(r'^declare .*?@"?([\w.$]+)"?\s*\(', re.MULTILINE)


def calling(intrinsic: Any) -> Callable[..., Any]:
    """The call of an intrinsic, once for every thread, or once if all threads agree."""

    def run(t: Lanes, site: Site, *arguments: Any) -> Any:
        other = next((value for value in arguments if not is_number(value)), None)
        if other is not None:
            raise KernelError(
                f"`{site.text}` gives {kind_of(other)} to an intrinsic, which is LLVM code: "
                "the simulator runs that for numbers only",
                site,
            )
        function = _compiled(intrinsic, tuple(numba_type(value) for value in arguments))
        if function.missing:
            raise KernelError(
                f"`{site.text}` calls an intrinsic with {function.missing}, which only a GPU can run", site
            )
        active = t.mask.bits
        given = [value[active] if value.shape else value for value in arguments]
        if function.returns is None:
            for values in zip(*np.broadcast_arrays(*given, np.empty(t.mask.lanes)), strict=True):
                function.compute(*values[:-1])
            return None
        found = function.compute(*given) if given else function.returns.type(function.compute())
        if not np.shape(found):
            return found
        result = np.zeros(active.shape, function.returns)
        result[active] = found
        return result

    return run


def declared(function: Any) -> Callable[..., Any]:
    """The call of a function that `cuda.declare_device` has declared: refused."""

    def run(t: Lanes, site: Site, *arguments: Any) -> Any:
        raise KernelError(
            f"`{site.text}` calls '{function.name}', which is code of another compiler "
            "(cuda.declare_device) that only a GPU can run; here, make it a @cuda.jit(device=True) function",
            site,
        )

    return run


@dataclass(frozen=True)
class _Function:
    """The code of an intrinsic for some types: `compute` takes and returns arrays; `returns` is None for nothing.

    `missing` is what the code needs and is not here, empty if it can run.
    """

    compute: Callable[..., Any]
    returns: np.dtype | None
    missing: str = ""


@lru_cache(maxsize=256)
def _compiled(intrinsic: Any, types: tuple[Any, ...]) -> _Function:
    """Raises what Numba raises for an intrinsic that is wrong or does not take these types."""
    from numba.core.types import none
    from numba.np.numpy_support import as_dtype

    signature, missing = _needs(intrinsic._defn, types)
    returns = None if signature.return_type == none else as_dtype(signature.return_type)
    names = ", ".join(f"x{k}" for k in range(len(types)))
    space = {"twin": numba.extending.intrinsic(intrinsic._defn)}
    exec(f"def run({names}):\n    return twin({names})\n", space)
    function = space["run"]
    if missing:
        return _Function(function, returns, missing)
    if returns is None or not types:
        return _Function(numba.njit(types)(function), returns)
    return _Function(numba.vectorize([signature.return_type(*types)])(function), returns)


def _needs(definition: Callable[..., Any], types: tuple[Any, ...]) -> tuple[Any, str]:
    """The signature for these types, and what the code needs that is not here."""
    from llvmlite import ir
    from numba.core.registry import cpu_target

    context = cpu_target.target_context.subtarget()  # a copy, which keeps what code that allocates asks it for
    signature, generate = definition(cpu_target.typing_context, *types)
    arguments = [context.get_value_type(part) for part in signature.args]
    module = ir.Module("intrinsic")
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), arguments), "intrinsic")
    generate(context, ir.IRBuilder(function.append_basic_block()), signature, function.args)
    text = str(module)
    if " asm " in text:
        return signature, "assembler code"
    called = _DECLARED.findall(text)
    return signature, " and ".join(name for name in called if not _is_here(name))


def _is_here(name: str) -> bool:
    """Can this processor run a function that LLVM code declares?"""
    from llvmlite import binding

    if name.startswith("llvm."):
        return not name.startswith("llvm.nvvm.")
    return binding.address_of_symbol(name) is not None
