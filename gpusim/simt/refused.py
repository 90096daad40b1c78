"""What a launch says of an argument that no kernel takes; `simulate` and `run` say the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpusim.kernel.dialects import IN_NUMBA, needs_numba_cuda
from gpusim.numeric.dtypes import BFLOAT16, FLOAT8


def has_type(dtype: np.dtype, package: Any) -> bool:
    """Has Numba a type for such numbers? Not for long doubles, nor for those in the other order of bytes."""
    if dtype.hasobject or not dtype.isnative or dtype.char in "gG":
        return False
    return dtype not in FLOAT8 and not (dtype == BFLOAT16 and package is IN_NUMBA)


def refused(kernel: str, name: str, value: Any) -> str:
    """What `value`, given for the parameter `name`, is, and what to pass in its place.

    numba-cuda hands the address of an array of another library (DLPack) to the GPU, which cannot read the memory of
    the host; Numba's own `numba.cuda` has no type for one.
    """
    told = f"kernel '{kernel}': argument '{name}'"
    kind = type(value).__name__
    if isinstance(value, list | set):
        return f"{told} is a {kind}; make it an array with np.array(...)"
    if isinstance(value, int):
        return f"{told} is the integer {value}, which does not fit into 64 bits"
    if isinstance(value, np.ma.MaskedArray):
        return f"{told} is a {kind}; pass its data and its mask as two arrays, {name}.data and {name}.mask"
    if isinstance(value, np.ndarray | np.generic):
        return _refused_numbers(kernel, name, value.dtype)
    if not (hasattr(value, "__array__") or hasattr(value, "__array_interface__")):
        return f"{told} is a {kind}; a kernel takes NumPy arrays, numbers and tuples of them"
    if str(getattr(value, "dtype", "")) == "torch.bfloat16":
        return (
            f"kernel '{kernel}': NumPy cannot hold the numbers of argument '{name}' ({value.dtype}); pass its "
            "bits as an array of ml_dtypes, x.view(torch.int16).numpy().view(ml_dtypes.bfloat16)"
        )
    shared = f"{name}.detach()" if getattr(value, "requires_grad", False) else name
    return (
        f"argument '{name}' of kernel '{kernel}' is a {kind} in the memory of the host, "
        f"which a launch does not take: pass an array that shares it, np.asarray({shared})"
    )


def _refused_numbers(kernel: str, name: str, dtype: np.dtype) -> str:
    told = f"kernel '{kernel}': array '{name}'"
    if dtype.hasobject:
        return f"{told} holds {dtype}, which a GPU cannot; use a numeric dtype"
    if dtype in FLOAT8:
        return (
            f"{told} holds {dtype}, for which Numba has no arguments; pass {name}.view(np.uint8), "
            "and view it in the kernel"
        )
    if dtype == BFLOAT16:
        return needs_numba_cuda(f"{told}, which holds bfloat16,")
    said = f"Unsupported array dtype: {dtype}"  # Numba's words, which programs look for
    return f"{told}: {said}, for which Numba has no type; convert it with {name}.astype(...)"
