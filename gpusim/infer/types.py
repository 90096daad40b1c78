"""The types of a kernel's variables, found once for each combination of argument types."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from gpusim.device.python.overloads import numba_type
from gpusim.errors import GpusimError, KernelError
from gpusim.infer.doubts import located, own_words
from gpusim.infer.ordinary import is_ordinary
from gpusim.infer.rehearsal import rehearse
from gpusim.kernel.dialects import IN_NUMBA, NUMBA, is_library
from gpusim.kernel.source import Kernel
from gpusim.lower import Program, ProgramCache
from gpusim.memory.view import View
from gpusim.simt.arguments import Arguments
from gpusim.simt.joins import Type, Types


@dataclass
class Learned:
    """What is known of a program for one combination of argument types.

    `certain`: Numba compiles it, which shows (gpusim.infer.ordinary) or has been asked. `doubts` are errors for what
    the simulator can do, or cannot, and Numba perhaps refuses.
    """

    types: Types
    certain: bool
    doubts: list[KernelError] = field(default_factory=list)


def learn(
    program: Program, programs: ProgramCache, arguments: Arguments, key: tuple[Type, ...], dynamic_shared: int
) -> Learned:
    """What the kernel's rehearsal says for arguments of the types `key`; asks nobody."""
    known: Learned | None = program.learned.get(key)
    if known is None:
        try:
            types, doubts = rehearse(program, programs, arguments, dynamic_shared)
        except KernelError as error:
            types, doubts = Types(), [error]
        except Exception as error:
            if not _is_numbas(error):
                raise
            types, doubts = Types(), []  # the judge, who is asked, says the same in its own place and words
        doubts += programs.doubts
        certain = not doubts and is_ordinary(program.kernel, key)
        known = program.learned[key] = Learned(types, certain or program.kernel.package is not NUMBA, doubts)
    return known


def ask(known: Learned, kernel: Kernel, arguments: Arguments) -> None:
    """Ask Numba, once, unless it is certain what it says; raises `KernelError` for a kernel that it refuses.

    A rehearsal can fail over a path that Numba knows to be impossible, or over a value that it takes for a type; and
    Numba refuses some things that the simulator could do. So Numba has the last word on all but ordinary kernels, and
    a kernel that it accepts runs, if need be with the types that its values turn out to have.
    """
    if not known.certain:
        unclear = (any(map(_may_be_record, arguments.values)) and not known.doubts) or _stops(kernel)
        refused = None if unclear else _refused(kernel, arguments)
        if refused is not None:
            raise located(own_words(known.doubts), refused, kernel.site).with_traceback(None) from None
        known.certain = True


def _is_numbas(error: Exception) -> bool:
    """Does it come from Numba, such as from the typing function of an overload, or from `njit` of an intrinsic?"""
    if any(kind.__name__ == "NumbaError" for kind in type(error).__mro__):
        return True
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return is_library(frame.f_code.co_filename)


def _argument_type(value: Any) -> Any:
    """The Numba type of an argument; a member of an enumeration has one of its own."""
    enumeration = getattr(type(value), "enumeration", None)
    return numba_type(value if enumeration is None else next(iter(enumeration)))


def _may_be_record(value: Any) -> bool:
    """Is it a record, or an array of no dimensions with one? They look alike, and Numba treats them differently."""
    return isinstance(value, View) and value.dtype.fields is not None and not value.shape


def _stops(kernel: Kernel) -> bool:
    """Does it call `breakpoint()`, which Numba's own `numba.cuda` does not know? It is for the simulator alone."""
    return NUMBA is IN_NUMBA and "breakpoint" in kernel.function.__code__.co_names


def _refused(kernel: Kernel, arguments: Arguments) -> KernelError | None:
    """Numba's refusal; None when it accepts the kernel, or cannot be asked."""
    try:
        # Numba's compiler takes a while to import.
        from numba.cuda.cudadrv.error import CudaSupportError, NvvmSupportError

        from gpusim.infer.judge import accept
        from gpusim.infer.refusal import refusal
    except ImportError:  # Numba's own simulator stands in its place (NUMBA_ENABLE_CUDASIM)
        return None
    try:
        types = tuple(map(_argument_type, arguments.values))
    except GpusimError:
        return None
    try:
        accept(SimpleNamespace(py_func=kernel.function, targetoptions={}), types)
    except (CudaSupportError, NvvmSupportError, ImportError):
        return None
    except Exception as error:  # of Numba's own kinds, and of others where Numba itself fails
        return refusal(error)
    return None
