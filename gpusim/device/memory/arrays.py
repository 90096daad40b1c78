"""Shared, local and constant arrays of a kernel.

A shared or local array belongs to its call site: executing the call again gives the same memory, as
in compiled code. Shared arrays have one instance per block, local ones one per thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.errors import KernelError, thrown
from gpusim.memory.buffer import SHIFTS, Array, Buffer, host_bytes, poisoned
from gpusim.memory.view import View, c_strides
from gpusim.numeric import as_dtype
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.values import kind_of

STATIC_SHARED_LIMIT = 48 * 1024
"""Bytes of shared memory that a block can have without opting in (CUDA C Programming Guide, 'Shared Memory')."""

LOCAL_LIMIT = 512 * 1024
"""Bytes of local memory a thread can have (CUDA C Programming Guide, table 'Technical Specifications')."""


_POINTER = 8
"""Bytes of a pointer; numba-cuda takes multiples of it for alignments."""


def shared(t: Lanes, site: Site, name: str, shape: Any, dtype: Any, alignment: Any = None) -> View:
    """`cuda.shared.array(shape, dtype)`; shape 0 is the dynamic shared memory of the launch."""
    sizes, element = extents(shape, site), as_dtype(dtype)
    _check_alignment(alignment, site)
    if sizes == (0,):
        return _dynamic(t, name, element)
    buffer = t.buffers.get(site)
    if buffer is None:
        array = t.launch.array(site, Array(name, "shared", element, sizes))
        size = _bytes(sizes, element)
        used = t.launch.reserve_shared(site, size)
        if used > STATIC_SHARED_LIMIT:
            raise KernelError(
                f"`{site.text}` takes the block's static shared memory to {used:,} bytes; "
                f"a GPU has {STATIC_SHARED_LIMIT:,} for it (use dynamic shared memory, or a smaller tile)",
                site,
            )
        stride = max(128, -(-size // 128) * 128)
        buffer = t.buffers[site] = _undefined(array, stride * t.chunk.blocks, stride, size)
    return View(buffer, element, sizes, c_strides(sizes, element.itemsize), _base(t, buffer), _whole(element))


def _dynamic(t: Lanes, name: str, element: np.dtype) -> View:
    """All arrays of shape 0 are the same bytes: the third launch argument's worth of them."""
    size = t.launch.dynamic_shared
    buffer = t.buffers.get("dynamic")
    if buffer is None:
        array = t.launch.array("dynamic", Array(name, "shared", element, (size // element.itemsize,)))
        stride = max(128, -(-size // 128) * 128)
        buffer = t.buffers["dynamic"] = _undefined(array, stride * t.chunk.blocks, stride, size)
    return View(buffer, element, (size // element.itemsize,), (element.itemsize,), _base(t, buffer), _whole(element))


def _undefined(array: Array, total: int, instance: int, size: int) -> Buffer:
    """Memory in which nothing has been written yet; the gaps between instances do not count."""
    written = np.zeros((total // instance, instance), dtype=np.bool_) if instance else np.zeros((0, 0), np.bool_)
    written[:, size:] = True
    return Buffer(array, poisoned(total, array.dtype), instance, size, written=written.reshape(-1))


def _base(t: Lanes, buffer: Buffer) -> int | np.ndarray:
    if t.chunk.blocks == 1:
        return 0
    return t.chunk.geometry.block_of_lane * buffer.instance_bytes


def local(t: Lanes, site: Site, name: str, shape: Any, dtype: Any, alignment: Any = None) -> View:
    """`cuda.local.array(shape, dtype)`"""
    _check_alignment(alignment, site)
    return private(t, site, name, extents(shape, site), as_dtype(dtype), site)


def private(t: Lanes, key: Any, name: str, sizes: tuple[int, ...], element: np.dtype, site: Site) -> View:
    """An array of every thread's own; the same `key` gives the same memory again, no key always new memory."""
    buffer = t.buffers.get(key)
    if buffer is None or key is None:
        size = _bytes(sizes, element)
        if size > LOCAL_LIMIT:
            raise KernelError(f"`{site.text}` takes {size:,} bytes per thread; a GPU has {LOCAL_LIMIT:,}", site)
        array = t.launch.array(site, Array(name, "local", element, sizes))
        buffer = t.buffers[key] = _undefined(array, size * t.chunk.lanes, size, size)
    own = t.schedule.own(np.arange(t.chunk.lanes, dtype=np.int64) * buffer.instance_bytes)
    offset = own if isinstance(own, np.ndarray) else int(own)
    return View(buffer, element, sizes, c_strides(sizes, element.itemsize), offset, _whole(element))


def _whole(element: np.dtype) -> bool:
    """Can elements be moved as whole words? All but records and strings can."""
    return element.fields is None and element.itemsize in SHIFTS


def _check_alignment(alignment: Any, site: Site) -> None:
    """A GPU address of an array is the place in its block's or thread's memory, which starts at a multiple of 1024."""
    if alignment is None:
        return
    if not isinstance(alignment, (int, np.integer)):
        raise KernelError(f"alignment must be a constant integer in `{site.text}`, not {kind_of(alignment)}", site)
    if alignment <= 0 or alignment & (alignment - 1) or alignment % _POINTER:
        raise thrown(
            ValueError,
            f"Alignment must be a power of two and a multiple of {_POINTER} in `{site.text}`, not {alignment}",
            site,
        )


def array_like(t: Lanes, site: Site, name: str, array: Any) -> View:
    """`cuda.const.array_like(array)`: the array itself; one that is a global of the kernel is in constant memory."""
    if not isinstance(array, View):
        raise KernelError(f"`{site.text}` needs an array, not {kind_of(array)}", site)
    return array


def constant_array(t: Lanes, array: np.ndarray, name: str) -> View:
    """A NumPy array among the kernel's globals, as Numba has frozen it into constant memory."""
    view = t.launch.constants.get(id(array))
    if view is None:
        info = t.launch.array(id(array), Array(name, "constant", array.dtype, array.shape))
        buffer = Buffer(info, host_bytes(array), array.nbytes, array.nbytes, writable=False)
        view = View(buffer, array.dtype, array.shape, array.strides, 0)
        t.launch.constants[id(array)] = view
    return view


def device_array(t: Lanes, array: Any, name: str) -> View:
    """A device array among the kernel's globals: global memory, not a copy."""
    view = t.launch.arguments.capture(name, array, t.launch.kernel)
    t.launch.arrays.setdefault(id(array), view.buffer.array)
    return view


def extents(shape: Any, site: Site) -> tuple[int, ...]:
    """A shape that is a compile-time constant: uniform integers."""
    parts = shape if isinstance(shape, tuple) else (shape,)
    sizes = []
    for part in parts:
        if isinstance(part, np.ndarray) or not isinstance(part, (int, np.integer)):
            raise KernelError(
                f"the shape in `{site.text}` must be a constant integer or a tuple of them, "
                f"not {'a value that differs between threads' if isinstance(part, np.ndarray) else kind_of(part)}",
                site,
            )
        sizes.append(int(part))
    return tuple(sizes)


def _bytes(sizes: tuple[int, ...], element: np.dtype) -> int:
    count = 1
    for size in sizes:
        count *= size
    return count * element.itemsize


NAMED: dict[str, Callable[..., View]] = {
    "shared.array": shared,
    "local.array": local,
    "const.array_like": array_like,
}
