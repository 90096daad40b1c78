"""The driver's handles, status codes and flags as `cuda.bindings.driver` has them, for Numba's own `numba.cuda`.

It can use NVIDIA's binding in place of its own, where that is installed (`USE_NV_BINDING`, `driver.binding`). This is
as much of it as the simulated driver needs, so that both versions of `numba.cuda` call the driver in one way.
Numbers: CUDA driver API, "Data types used by CUDA driver".
"""

from __future__ import annotations

import ctypes
from enum import IntEnum
from typing import Any

from numba.cuda.cudadrv import enums, nvvm

CU_STREAM_LEGACY = 1
CU_STREAM_PER_THREAD = 2


class Handle:
    """A number that stands for something of the driver's, or an address; Numba writes through `getPtr`."""

    def __init__(self, value: Any = 0) -> None:
        self._number = ctypes.c_uint64(int(value))

    def getPtr(self) -> int:
        """Where the number is."""
        return ctypes.addressof(self._number)

    def __int__(self) -> int:
        return self._number.value

    __index__ = __int__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle | int) and int(self) == int(other)

    def __hash__(self) -> int:
        return hash(int(self))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {int(self):#x}>"


class CUcontext(Handle):
    """A context."""


class CUdevice(Handle):
    """A device."""


class CUdeviceptr(Handle):
    """An address in the memory of the device."""


class CUevent(Handle):
    """An event."""


class CUstream(Handle):
    """A stream."""


class CUstream_flags(IntEnum):
    """How a stream stands to the default stream."""

    CU_STREAM_DEFAULT = 0


class CUevent_flags(IntEnum):
    """Whether an event measures time."""

    CU_EVENT_DISABLE_TIMING = 2


class CUmemAttach_flags(IntEnum):
    """Who reaches managed memory."""

    CU_MEM_ATTACH_GLOBAL = 1
    CU_MEM_ATTACH_HOST = 2


class CUpointer_attribute(IntEnum):
    """What can be asked about an address."""

    CU_POINTER_ATTRIBUTE_DEVICE_POINTER = 3


def value_of(pointer: Any) -> int | None:
    """An address as a number: of a `Handle`, or of a pointer of ctypes, as memory managers of programs have them."""
    return int(getattr(pointer, "value", pointer) or 0) or None


def _numbered(name: str, prefixes: tuple[str, ...]) -> Any:
    """The numbers that Numba itself has for an enumeration of the driver's."""
    return IntEnum(name, {key: value for key, value in vars(enums).items() if key.startswith(prefixes)})


CUresult = _numbered("CUresult", ("CUDA_SUCCESS", "CUDA_ERROR_"))
CUdevice_attribute = _numbered("CUdevice_attribute", ("CU_DEVICE_ATTRIBUTE_",))
CUjitInputType = _numbered("CUjitInputType", ("CU_JIT_INPUT_",))
_OPTIONS = ("INFO", "ERROR", "LOG", "MAX", "GENERATE", "TARGET")
CUjit_option = _numbered("CUjit_option", tuple(f"CU_JIT_{name}" for name in _OPTIONS))


class CUjit_target:
    """Compute capabilities that Numba knows, as the linker has them: `CU_TARGET_COMPUTE_90` is 90."""


for _major, _minor in nvvm.COMPUTE_CAPABILITIES:
    setattr(CUjit_target, f"CU_TARGET_COMPUTE_{_major}{_minor}", 10 * _major + _minor)
