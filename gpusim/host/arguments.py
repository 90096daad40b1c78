"""From the arguments of a launch to what the engine gets: values of the types that Numba chose."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import numpy as np
from numba.cuda import api
from numba.cuda.args import ArgHint, In, InOut
from numba.cuda.cudadrv import devicearray

from gpusim.errors import KernelError, thrown
from gpusim.host.array import DeviceRecord, is_device
from gpusim.host.memory import MEMORY
from gpusim.kernel.target import config, errors, numpy_support, typeof, types
from gpusim.simt.joins import ArrayType, Type
from gpusim.simt.refused import refused


class Arguments:
    """The arguments of one launch, converted; `write_back` finishes `cuda.Out` after the kernel.

    A host array is passed as it is: working in place on it and copying it to the device and back
    come to the same. Scalars are cast to the type of the signature, as Numba's launch does.
    """

    def __init__(self, kernel: str, names: tuple[str, ...], extensions: Any, stream: Any) -> None:
        self._kernel = kernel
        self._names = names
        self._extensions = tuple(reversed(extensions or ()))
        self._stream = stream
        self._after: list[Callable[[], Any]] = []

    def convert(self, argtypes: tuple[types.Type, ...], args: tuple[Any, ...]) -> list[Any]:
        """Raises `KernelError` when an argument does not fit its type."""
        if len(argtypes) != len(args):
            raise KernelError(
                f"kernel '{self._kernel}' takes {len(argtypes)} arguments, but the launch gives {len(args)}"
            )
        return [
            self._one(self._name(index), ty, value)
            for index, (ty, value) in enumerate(zip(argtypes, args, strict=True))
        ]

    def write_back(self) -> None:
        for action in self._after:
            action()

    def _one(self, name: str, ty: types.Type, value: Any) -> Any:
        for extension in self._extensions:
            ty, value = extension.prepare_args(ty, value, stream=self._stream, retr=self._after)
        if isinstance(ty, types.Array | types.Record):
            array = self._memory(value)
            if is_device(array) and getattr(array, "_memory", None) is not None:
                array._memory.name = name
            if isinstance(ty, types.Array) and _differ_in_sign(ty, array):
                array = array.view(numpy_support.as_dtype(ty.dtype))
            self._check(name, ty, array)
            return array
        if isinstance(ty, types.CPointer) and isinstance(value, int | np.integer):
            return self._pointed(name, ty, int(value))
        if isinstance(ty, types.BaseTuple):
            items = [
                self._one(f"{name}[{k}]", item, part) for k, (item, part) in enumerate(zip(ty, value, strict=True))
            ]
            return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
        return cast(ty, value)

    def _pointed(self, name: str, ty: types.CPointer, address: int) -> Any:
        """What a pointer points to: all elements from there to the end of the allocation."""
        allocation = MEMORY.find(address)
        if allocation is None:
            raise KernelError(
                f"argument '{name}' of kernel '{self._kernel}' is the address {address:#x}, "
                "which is not in the memory of the simulated device"
            )
        dtype = numpy_support.as_dtype(ty.dtype)
        elements = (allocation.address + allocation.size - address) // dtype.itemsize
        return api.from_cuda_array_interface(
            {"shape": (elements,), "typestr": dtype.str, "data": (address, False), "version": 3}
        )

    def _name(self, index: int) -> str:
        return self._names[index] if index < len(self._names) else str(index)

    def _memory(self, value: Any) -> Any:
        """The array that the kernel works on."""
        hint = value if isinstance(value, ArgHint) else InOut(value)
        host = hint.value
        if is_device(host):
            return host
        if isinstance(host, np.void):
            return self._record(hint)
        if not isinstance(host, np.ndarray):
            return api.as_cuda_array(host) if api.is_cuda_array(host) else host
        devicearray.sentry_contiguous(host)
        _warn_about_copies()
        if isinstance(hint, InOut):
            return host
        if isinstance(hint, In):
            return api.to_device(host)
        device = api.device_array_like(host)

        def copy_back() -> None:
            device.tell_undefined("cuda.Out")
            np.copyto(host, device._gpusim_array)

        self._after.append(copy_back)
        return device

    def _record(self, hint: ArgHint) -> DeviceRecord:
        host = hint.value
        device = api.to_device(host, copy=isinstance(hint, In | InOut))
        if not isinstance(hint, In):
            self._after.append(lambda: device.copy_to_host(host))
        return device

    def _check(self, name: str, ty: types.Type, array: Any) -> None:
        """A GPU would read the memory of another type as garbage; here that is an error."""
        given = type(array).__name__
        if isinstance(ty, types.Record):
            fits = isinstance(array, DeviceRecord)
        elif fits := hasattr(array, "dtype") and hasattr(array, "flags"):
            given = f"{array.ndim}D array of {array.dtype}"
            fits = array.ndim == ty.ndim and numpy_support.from_dtype(array.dtype) == ty.dtype
            if ty.layout in "CF" and not array.flags[f"{ty.layout}_CONTIGUOUS"]:
                fits, given = False, f"non-contiguous {given}"
        if not fits and not hasattr(array, "flags"):
            raise KernelError(refused(self._kernel, name, array))
        if not fits:
            raise KernelError(
                f"argument '{name}' of kernel '{self._kernel}' is a {given}, but its signature says "
                f"{ty.name}: convert the argument or change the signature"
            )


def _warn_about_copies() -> None:
    """Numba's warning, where it is switched on: there are no copies here, but on a GPU there will be."""
    if config.CUDA_WARN_ON_IMPLICIT_COPY and not config.DISABLE_PERFORMANCE_WARNINGS:
        warnings.warn(
            errors.NumbaPerformanceWarning("Host array used in CUDA kernel will incur copy overhead to/from device."),
            stacklevel=2,
        )


def _differ_in_sign(ty: types.Array, array: Any) -> bool:
    """Integers of one size are read as the signature says, signed or unsigned, as on a GPU."""
    dtype = getattr(array, "dtype", None)
    if not isinstance(ty.dtype, types.Integer) or dtype is None or dtype.kind not in "iu":
        return False
    return 8 * dtype.itemsize == ty.dtype.bitwidth and (dtype.kind == "i") != ty.dtype.signed


def cast(ty: types.Type, value: Any) -> Any:
    """A scalar of the Numba type `ty`, with the wraparound of C; other values pass unchanged.

    Raises `TypeError` when a float is given for an integer, as Numba does.
    """
    if isinstance(ty, types.Integer):
        if isinstance(value, float | np.floating | complex | np.complexfloating):
            raise TypeError(f"an integer is required for {ty}, got {type(value).__name__} {value!r}")
        bits = ty.bitwidth
        wrapped = int(value) & (2**bits - 1)
        if ty.signed and wrapped >> (bits - 1):
            wrapped -= 2**bits
        return numpy_support.as_dtype(ty).type(wrapped)
    if isinstance(ty, types.Float | types.Complex | types.Boolean):
        return numpy_support.as_dtype(ty).type(value)
    return value


def check_argument_types(function: FunctionType, argtypes: tuple[types.Type, ...]) -> None:
    """Raises `KernelError`, which is a `TypeError` as well, for what has a type and fails in many ways afterwards."""
    for name, ty in zip(_parameters(function), argtypes, strict=False):
        example: Any = None
        if isinstance(ty, types.List | types.Set):
            example = [] if isinstance(ty, types.List) else set()
        elif isinstance(ty, types.Array) and ty.dtype == types.pyobject:
            example = np.empty(0, dtype=object)
        if example is not None:
            raise thrown(TypeError, refused(function.__name__, name, example))


def check_arguments(function: FunctionType, args: tuple[Any, ...]) -> None:
    """Raises `KernelError`, which is of Numba's kind as well, for the first argument for which Numba has no type."""
    for name, value in zip(_parameters(function), args, strict=False):
        for part, item in _parts(name, value):
            try:
                typeof(item)
            except Exception as error:  # as many kinds as there are packages whose objects Numba asks
                raise thrown(type(error), refused(function.__name__, part, item)) from None


def _parameters(function: FunctionType) -> tuple[str, ...]:
    return function.__code__.co_varnames[: function.__code__.co_argcount]


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The items of tuples, with their names; any other value is one part."""
    value = value.value if isinstance(value, ArgHint) else value
    if not isinstance(value, tuple):
        yield name, value
        return
    for k, part in enumerate(value):
        yield from _parts(f"{name}[{k}]", part)


def imagined(argtypes: tuple[types.Type, ...]) -> tuple[Any, ...] | None:
    """Values of these types: ones, and arrays of one; None where there is a type of another kind."""
    values = []
    for ty in map(types.unliteral, argtypes):
        number = ty.dtype if isinstance(ty, types.Array) else ty
        if not isinstance(number, types.Number | types.Boolean):
            return None
        try:
            dtype = numpy_support.as_dtype(number)
        except errors.NumbaNotImplementedError:  # bfloat16
            return None
        if isinstance(ty, types.Array):
            if not (ty.mutable and ty.aligned and ty.ndim):
                return None
            values.append(np.ones((1,) * ty.ndim, dtype=dtype))
        else:
            values.append(dtype.type(1))
    return tuple(values)


def type_of_host(value: Any) -> Type:
    """The type that an imagined value has in a kernel."""
    return ArrayType(value.dtype, value.ndim) if isinstance(value, np.ndarray) else value.dtype
