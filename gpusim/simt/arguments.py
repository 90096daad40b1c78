"""Arguments of a launch: host values become values of the kernel.

Numbers get Numba's types (Python's int is int64, float is float64). Arrays become views of global
memory that share the host's bytes, so that results appear in place; an array that is not contiguous
travels as a contiguous copy and back, as it must to a GPU.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.kernel.dialects import NUMBA
from gpusim.kernel.patches import INSTALLED
from gpusim.kernel.source import Kernel, is_dispatcher
from gpusim.memory.buffer import Array, Buffer, host_bytes
from gpusim.memory.view import View
from gpusim.numeric.dtypes import TypingError
from gpusim.places import spot
from gpusim.simt.enumerations import constant
from gpusim.simt.joins import Type, type_of
from gpusim.simt.refused import has_type, refused


class Snapshot:
    """Copies of buffers, and of what is known to be written in them."""

    def __init__(self, buffers: list[Buffer]) -> None:
        self._saved = [(b, b.storage.copy(), None if b.written is None else b.written.copy()) for b in buffers]

    def restore(self) -> None:
        """Put everything back."""
        for buffer, storage, written in self._saved:
            buffer.storage[:] = storage
            if buffer.written is not None:
                buffer.written[:] = written


class Kept:
    """Arguments as they were once. Keeping them copies the bytes; the rest is made when somebody asks."""

    def __init__(self, values: list[Any], arrays: list[Array], buffers: dict[tuple[int, int], Buffer]) -> None:
        self._values, self._arrays, self._buffers = list(values), list(arrays), dict(buffers)
        self._bytes = [(b.storage.copy(), None if b.written is None else b.written.copy()) for b in buffers.values()]

    def arguments(self) -> Arguments:
        """The same values, over memory of their own."""
        buffers = {
            key: Buffer(
                buffer.array,
                storage.copy(),
                buffer.instance_bytes,
                buffer.size,
                buffer.writable,
                None if written is None else written.copy(),
            )
            for (key, buffer), (storage, written) in zip(self._buffers.items(), self._bytes, strict=True)
        }
        copies = {buffer: buffers[key] for key, buffer in self._buffers.items()}

        def again(value: Any) -> Any:
            if isinstance(value, tuple):
                parts = tuple(map(again, value))
                return type(value)(*parts) if hasattr(value, "_fields") else parts
            if not isinstance(value, View):
                return value
            return View(copies[value.buffer], value.dtype, value.shape, value.strides, value.offset, value.aligned)

        return Arguments([again(value) for value in self._values], list(self._arrays), _buffers=buffers)


def _owners_of_overlapping(given: tuple[Any, ...]) -> dict[int, np.ndarray]:
    """For arguments (by `id`) that overlap another one, the array that they are views of: one buffer for all."""
    arrays = [value for value in given if isinstance(value, np.ndarray)]
    owners: dict[int, np.ndarray] = {}
    for array in arrays:
        owner = array
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        if owner is not array and any(other is not array and np.may_share_memory(array, other) for other in arrays):
            owners[id(array)] = owner
    return owners


@dataclass
class Arguments:
    """The values to call the kernel with and their types, its arrays by parameter, and what to do after the launch."""

    values: list[Any] = field(default_factory=list)
    arrays: list[Array] = field(default_factory=list)
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    types: tuple[Type, ...] = ()
    _buffers: dict[tuple[int, int], Buffer] = field(default_factory=dict)
    _owners: dict[int, np.ndarray] = field(default_factory=dict)
    _captured: dict[int, View] = field(default_factory=dict)

    @staticmethod
    def of(kernel: Kernel, given: tuple[Any, ...]) -> Arguments:
        """Raises `KernelError` for a wrong number of arguments or one that a kernel cannot take."""
        names = kernel.parameters
        if len(given) < len(names) or (len(given) > len(names) and kernel.rest is None):
            raise KernelError(
                f"kernel '{kernel.name}' ({spot(kernel.file, kernel.first_line)}) takes {len(names)} arguments "
                f"({', '.join(names)}), but the launch gives {len(given)}"
            )
        arguments = Arguments(_owners=_owners_of_overlapping(given))
        more = [f"{kernel.rest}[{k}]" for k in range(len(given) - len(names))]
        for name, value in zip((*names, *more), given, strict=True):
            arguments.values.append(arguments.convert(name, value, kernel))
        arguments.types = tuple(map(type_of, arguments.values))
        return arguments

    def convert(self, name: str, value: Any, kernel: Kernel) -> Any:
        """One argument as the kernel sees it."""
        backing = getattr(value, "_gpusim_array", None)
        if backing is not None:
            return self._array(name, backing, value._gpusim_owner, kernel, value._gpusim_written)
        if isinstance(value, np.ndarray):
            return self._array(name, value, self._owners.get(id(value)), kernel)
        if isinstance(value, np.void):
            return self._array(name, np.array(value), None, kernel)
        if isinstance(value, (bool, int, float, complex, np.generic, enum.Enum)):
            if isinstance(value, np.generic) and not has_type(value.dtype, kernel.package):
                raise KernelError(refused(kernel.name, name, value))
            try:
                return constant(value)
            except TypingError:
                raise KernelError(refused(kernel.name, name, value)) from None
        if isinstance(value, tuple):
            parts = [self.convert(f"{name}[{k}]", part, kernel) for k, part in enumerate(value)]
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        if value is None or is_dispatcher(value):
            return value
        if hasattr(value, "__cuda_array_interface__") and INSTALLED.applied:
            return self.convert(name, NUMBA.module("api").as_cuda_array(value), kernel)
        hints = sys.modules.get("numba.cuda.args")
        if hints is not None and isinstance(value, hints.ArgHint):  # cuda.In, cuda.Out and cuda.InOut
            given, copied = value.value, isinstance(value, hints.In) and isinstance(value.value, np.ndarray | np.void)
            return self.convert(name, given.copy() if copied else given, kernel)
        raise KernelError(refused(kernel.name, name, value))

    def _array(
        self,
        name: str,
        array: np.ndarray,
        owner: np.ndarray | None,
        kernel: Kernel,
        written: np.ndarray | None = None,
    ) -> View:
        if not has_type(array.dtype, kernel.package) or isinstance(array, np.ma.MaskedArray):
            raise KernelError(refused(kernel.name, name, array))
        if owner is None:
            owner = array
        if not (owner.flags.c_contiguous or owner.flags.f_contiguous):
            packed = np.array(array, order="C", copy=True)
            if array.flags.writeable:
                self.afterwards.append(lambda: np.copyto(array, packed))
            array = owner = packed
        start = owner.__array_interface__["data"][0]
        offset = array.__array_interface__["data"][0] - start
        buffer = self._buffers.get((start, owner.nbytes))
        if buffer is None:
            columns = array.flags.f_contiguous and not array.flags.c_contiguous
            info = Array(name, "global", array.dtype, array.shape, offset, columns)
            self.arrays.append(info)
            storage = host_bytes(owner)
            buffer = Buffer(info, storage, owner.nbytes, owner.nbytes, writable=owner.flags.writeable, written=written)
            self._buffers[start, owner.nbytes] = buffer
        return View(buffer, array.dtype, array.shape, array.strides, offset)

    def capture(self, name: str, value: Any, kernel: Kernel) -> View:
        """A device array among the globals of a kernel: the kernel works on its memory."""
        view = self._captured.get(id(value))
        if view is None:
            view = self._captured[id(value)] = self.convert(name, value, kernel)
        return view

    def snapshot(self) -> Snapshot:
        """What the launch may change of the arrays, to be able to start again."""
        return Snapshot([buffer for buffer in self._buffers.values() if buffer.writable])

    @property
    def bytes(self) -> int:
        """Bytes of all arrays together."""
        return sum(buffer.storage.shape[0] for buffer in self._buffers.values())

    @property
    def captures(self) -> bool:
        """Does the kernel work on memory that is no argument?"""
        return bool(self._captured)

    @property
    def memory(self) -> dict[Array, np.ndarray]:
        """The bytes of each array that a kernel can change, uint8; they change as it does."""
        return {buffer.array: buffer.storage for buffer in self._buffers.values() if buffer.writable}

    def keep(self) -> Kept:
        """The values with what is in memory now, for later."""
        return Kept(self.values, self.arrays, self._buffers)

    def finish(self) -> None:
        """Copy results back that could not be written in place."""
        for action in self.afterwards:
            action()
