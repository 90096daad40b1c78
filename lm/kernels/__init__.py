"""Every operation of the transformer's forward pass as `numba.cuda` kernels.

One module an operation, each with its formula, its launch configuration and its NumPy counterpart;
`KernelSet` holds the ones that a forward pass uses.
"""

from lm.kernels.kernel_set import KernelSet
from lm.kernels.operation import Operation

__all__ = ["KernelSet", "Operation"]
