"""The packages that kernels are written for: numba-cuda, its announced successor numba-cuda-mlir, and Numba itself.

`numba.cuda` is numba-cuda where that is installed. Elsewhere (there are no wheels for macOS) it is the older one that
Numba brings along, whose parts are here and there in Numba; `Package.module` knows where. The successor carries a copy
of numba-cuda's host side, so what is replaced or asked for in one package is found under the same name in the other.
It is optional, and imported only by programs that use it.
"""

from __future__ import annotations

import dis
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import FunctionType, ModuleType
from typing import Any

from gpusim.errors import GpusimError


@dataclass(frozen=True)
class Package:
    """`cuda` is the module that programs import, `host` the one whose submodules are the host side.

    `moved` says which of these, by their first name, are elsewhere.
    """

    distribution: str
    cuda: str
    host: str
    moved: tuple[tuple[str, str], ...] = ()

    @property
    def loaded(self) -> bool:
        """Has the program imported it?"""
        return self.cuda in sys.modules

    def module(self, name: str = "") -> Any:
        """A module of the host side, such as "cudadrv.driver", by its name in numba-cuda."""
        first = name.partition(".")[0]
        home = dict(self.moved).get(first, f"{self.host}.{first}" if first else self.host)
        return import_module(home + name[len(first) :])

    @property
    def install(self) -> str:
        """The command that installs it with NVIDIA's libraries."""
        return f"pip install '{self.distribution}[cu13]'"


NUMBA_CUDA = Package("numba-cuda", "numba.cuda", "numba.cuda")
IN_NUMBA = Package(
    "numba",
    "numba.cuda",
    "numba.cuda",
    (("core", "numba.core"), ("np", "numba.np"), ("types", "numba.core.types"), ("typing", "numba.core.typing")),
)
NUMBA = NUMBA_CUDA if find_spec("numba_cuda") else IN_NUMBA
"""What `numba.cuda` is here."""
MLIR = Package("numba-cuda-mlir", "numba_cuda_mlir.cuda", "numba_cuda_mlir.numba_cuda")


_SPECS = tuple(spec for spec in map(find_spec, ("numba", "numba_cuda")) if spec is not None)
_LIBRARIES = tuple(os.path.join(os.path.dirname(str(spec.origin)), "") for spec in _SPECS)


def is_library(file: str) -> bool:
    """Is this a file of Numba's, where it has functions of NumPy as Python code?"""
    return os.path.abspath(file).startswith(_LIBRARIES)


def needs_numba_cuda(what: str) -> str:
    """The sentence about what Numba's own `numba.cuda` does not have."""
    return (
        f"{what} needs numba-cuda, which has wheels for Linux and Windows: {NUMBA_CUDA.install} "
        "(numba.cuda is the one that comes with Numba here)"
    )


def require_numba_cuda(what: str) -> None:
    """Raises `GpusimError` where `numba.cuda` is the one that comes with Numba."""
    if NUMBA is IN_NUMBA:
        raise GpusimError(needs_numba_cuda(what))


def package_of(kernel: Any) -> Package:
    """The package whose `cuda.jit` made a dispatcher, or whose names a plain function uses; else numba-cuda."""
    dispatcher = getattr(kernel, "dispatcher", kernel)
    if _of_mlir(dispatcher) or getattr(dispatcher, "package", None) is MLIR:
        return MLIR
    plain = isinstance(dispatcher, FunctionType) and any(map(_of_mlir, _constants(dispatcher)))
    return MLIR if plain else NUMBA


def _of_mlir(value: Any) -> bool:
    """Is this a module, a function or an object of numba-cuda-mlir?"""
    if isinstance(value, ModuleType):
        home = value.__name__
    else:
        home = (value if isinstance(value, type | FunctionType) else type(value)).__module__
    return str(home).partition(".")[0] == "numba_cuda_mlir"


def _constants(function: FunctionType) -> Iterator[Any]:
    """The globals and closure variables that a function uses."""
    for instruction in dis.get_instructions(function):  # `co_names` has those of attributes as well
        if instruction.opname == "LOAD_GLOBAL" and instruction.argval in function.__globals__:
            yield function.__globals__[instruction.argval]
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not yet assigned
            continue
