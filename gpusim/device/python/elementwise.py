"""NumPy's ufuncs on whole arrays inside kernels: `np.add(a, b, out)`, one element after the other in every thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.errors import KernelError, NeedsThreads
from gpusim.memory.view import View
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.semantics.memory import load, store


def apply(ufunc: np.ufunc, compute: Callable[..., Any]) -> Callable[..., Any]:
    """`ufunc(*inputs, *outputs)` with `compute` for one element; inputs are arrays or numbers, broadcast."""

    def run(t: Lanes, site: Site, *arguments: Any) -> Any:
        inputs, outputs = arguments[: ufunc.nin], arguments[ufunc.nin :]
        if len(outputs) != ufunc.nout or not all(isinstance(out, View) for out in outputs):
            raise KernelError(f"`{site.text}` needs {ufunc.nout} arrays for its results", site)
        shape = outputs[0].shape
        if any(isinstance(extent, np.ndarray) for extent in shape):
            raise NeedsThreads(f"`{site.text}` needs one shape of array in all threads", site)
        for place in np.ndindex(*shape):
            values = compute(*(_element(t, part, place, site) for part in inputs))
            for out, value in zip(outputs, values if ufunc.nout > 1 else (values,), strict=True):
                store(t, out, tuple(map(np.int64, place)), value, site)
        return outputs[0] if ufunc.nout == 1 else outputs

    return run


def _element(t: Lanes, part: Any, place: tuple[int, ...], site: Site) -> Any:
    """The element of an input for one element of the output."""
    if not isinstance(part, View):
        return part
    own = place[len(place) - part.ndim :]
    return load(t, part, tuple(np.int64(0 if n == 1 else k) for k, n in zip(own, part.shape, strict=True)), site)
