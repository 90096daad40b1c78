"""From the Python source of a kernel to a program over lanes.

The program is Python again, with the same statements in the same order and on the same lines. What
changes: control flow goes through masks (`gpusim.simt.semantics.control`), operators follow Numba's typing
(`gpusim.numeric`), `a[i]` goes through the memory path, and names of `numba.cuda` become the
simulator's own. Lowering takes milliseconds, so editing a kernel and running it again does too.
"""

from gpusim.lower.program import Program, ProgramCache

__all__ = ["Program", "ProgramCache"]
