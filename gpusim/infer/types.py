"""The types of a kernel's variables, found once for each combination of argument types."""

from __future__ import annotations

from gpusim.device.python.overloads import numba_type
from gpusim.errors import GpusimError, KernelError
from gpusim.infer.rehearsal import rehearse
from gpusim.kernel.dialects import NUMBA
from gpusim.lower import Program, ProgramCache
from gpusim.simt.arguments import Arguments
from gpusim.simt.joins import Types, type_of


def types_of(program: Program, programs: ProgramCache, arguments: Arguments, dynamic_shared: int) -> Types:
    """What the kernel's rehearsal says; raises `KernelError` for a kernel that Numba refuses to compile.

    A rehearsal can fail over a path that Numba knows to be impossible, or over a value that it takes for a type; and
    Numba refuses some things that the simulator could do. So Numba has the last word whenever there are doubts, and
    a kernel that it accepts runs, if need be with the types that its values turn out to have.
    """
    key = tuple(map(type_of, arguments.values))
    known = program.types.get(key)
    if known is None:
        try:
            known, doubts = rehearse(program, programs, arguments, dynamic_shared)
        except KernelError as error:
            known, doubts = Types(), [error]
        doubts += programs.doubts
        if doubts and _refused(program, arguments):
            raise doubts[0].with_traceback(None) from None
        program.types[key] = known
    return known


def _refused(program: Program, arguments: Arguments) -> bool:
    if program.kernel.package is not NUMBA:
        return False
    try:
        from gpusim.infer.judge import refuses  # Numba's compiler takes a while to import
    except ImportError:  # Numba's own simulator stands in its place (NUMBA_ENABLE_CUDASIM)
        return False
    try:
        types = tuple(map(numba_type, arguments.values))
    except GpusimError:
        return False
    return refuses(program.kernel.function, types)
