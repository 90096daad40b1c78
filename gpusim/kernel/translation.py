"""Types of one package as those of the other: numba-cuda's and numba-cuda-mlir's have the same names."""

from __future__ import annotations

from functools import cache
from typing import Any

from gpusim.errors import KernelError
from gpusim.kernel.dialects import MLIR, NUMBA, Package


def translated(ty: Any, package: Package) -> Any:
    """The type of `package` that means the same as `ty`; raises `KernelError` when there is none."""
    types = package.module("types")
    if isinstance(ty, types.Type):
        return ty
    origin = MLIR if package is NUMBA else NUMBA
    other = origin.module("types")
    if isinstance(ty, other.Literal):
        return translated(ty.literal_type, package)
    if isinstance(ty, other.Array):
        element = translated(ty.dtype, package)
        return types.Array(element, ty.ndim, ty.layout, readonly=not ty.mutable, aligned=ty.aligned)
    if isinstance(ty, other.BaseTuple):
        return types.BaseTuple.from_types(
            [translated(part, package) for part in ty], getattr(ty, "instance_class", None)
        )
    if isinstance(ty, other.CPointer):
        return types.CPointer(translated(ty.dtype, package))
    if isinstance(ty, other.EnumMember):
        return getattr(types, type(ty).__name__)(ty.instance_class, translated(ty.dtype, package))
    if isinstance(ty, other.Record | other.NPDatetime | other.NPTimedelta):
        dtype = origin.module("np.numpy_support").as_dtype(ty)
        return package.module("np.numpy_support").from_dtype(dtype)
    try:
        return _by_name(package)[ty.name]
    except KeyError:
        raise KernelError(f"{package.distribution} has no type {ty.name}") from None


@cache
def _by_name(package: Package) -> dict[str, Any]:
    """The types that have a name of their own."""
    types = package.module("types")
    return {ty.name: ty for ty in vars(types).values() if isinstance(ty, types.Type)}
