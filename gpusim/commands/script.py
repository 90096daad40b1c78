"""A user's Python file or module: read with care, run as Python would run it."""

from __future__ import annotations

import io
import os
import sys
import tokenize
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import CodeType, ModuleType, TracebackType

import numba
import numba.cuda

from gpusim.errors import GpusimError
from gpusim.places import Site

_GPUSIM = str(Path(__file__).parents[1])
_MLIR = find_spec("numba_cuda_mlir")
_MACHINERY = (
    _GPUSIM,
    *(str(Path(str(file)).parent) for file in (numba.__file__, numba.cuda.__file__)),
    *([str(Path(str(_MLIR.origin)).parent)] if _MLIR else []),
)


@dataclass(frozen=True)
class Script:
    """A Python file that compiles."""

    path: Path
    code: CodeType

    @staticmethod
    def read(name: str) -> Script:
        """Raises `GpusimError` when the file is missing, cannot be read, or is not Python."""
        path = Path(name).absolute()
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise GpusimError(f"there is no file {name}") from None
        except IsADirectoryError:
            raise GpusimError(f"{name} is a folder; give a Python file") from None
        except OSError as error:
            raise GpusimError(f"cannot read {name}: {error.strerror}") from None
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
            data.decode(encoding)
            return Script(path, compile(data, str(path), "exec"))
        except SyntaxError as error:
            if error.lineno is None:
                raise GpusimError(f"{name} is not a Python file: {error.msg}") from None
            raise GpusimError(f"{name}:{error.lineno}: {error.msg}: {(error.text or '').strip()}") from None
        except (UnicodeDecodeError, ValueError):
            raise GpusimError(f"{name} is not a Python file") from None

    def run(self, arguments: Sequence[str] = (), name: str = "__main__") -> ModuleType:
        """Run the file as `python FILE ARGUMENTS` does; raises what it raises.

        The module stays in `sys.modules` under `name`, for pickling and for what runs at exit.
        """
        module = ModuleType(name)
        module.__file__ = str(self.path)
        sys.path.insert(0, str(self.path.parent))
        _execute(module, self.code, arguments)
        return module


@dataclass(frozen=True)
class Module:
    """A module, or a package with a `__main__`, found by its name as `python -m` finds it."""

    name: str

    @staticmethod
    def find(name: str) -> Module:
        """Raises `GpusimError` when there is no such module, or no such package of it; imports nothing."""
        sys.path.insert(0, os.getcwd())
        top = name.partition(".")[0]
        if not all(part.isidentifier() for part in name.split(".")):
            raise GpusimError(f"{name} is not the name of a module; a file is run without -m")
        if find_spec(top) is None:
            raise GpusimError(f"there is no module {top}")
        return Module(name)

    def run(self, arguments: Sequence[str] = ()) -> ModuleType:
        """Run the module as `python -m NAME ARGUMENTS` does; raises what it raises, or `GpusimError`."""
        spec = self._spec()
        code = spec.loader.get_code(spec.name) if isinstance(spec.loader, InspectLoader) else None
        if code is None:
            raise GpusimError(f"the module {self.name} is not written in Python")
        module = module_from_spec(spec)
        module.__name__ = "__main__"
        _execute(module, code, arguments)
        return module

    def _spec(self) -> ModuleSpec:
        for name in (self.name, f"{self.name}.__main__"):
            spec = find_spec(name)
            if spec is None:
                raise GpusimError(f"there is no module {name}")
            if spec.submodule_search_locations is None:
                return spec
        raise GpusimError(f"the package {self.name} cannot be run: its __main__ is a package")


def _execute(module: ModuleType, code: CodeType, arguments: Sequence[str]) -> None:
    sys.argv = [str(module.__file__), *arguments]
    sys.modules[module.__name__] = module
    exec(code, vars(module))


@contextmanager
def process_state() -> Iterator[None]:
    """Put back what `Script.run` changes in `sys`."""
    argv, path, main = sys.argv, list(sys.path), sys.modules["__main__"]
    try:
        yield
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = argv, path, main


def user_frames(error: BaseException) -> str:
    """The traceback of an exception and its causes, from the user's first frame on and without frames of gpusim."""
    entry = error.__traceback__
    while entry is not None and _is_machinery(entry):
        entry = entry.tb_next
    told = traceback.TracebackException(type(error), error, entry or error.__traceback__)
    _leave_out_gpusim(told)
    return "".join(told.format())


def _leave_out_gpusim(told: traceback.TracebackException | None) -> None:
    """`exec` and `import` of a program go through gpusim, which has nothing to do with the error."""
    if told is None:
        return
    told.stack = traceback.StackSummary.from_list(
        [frame for frame in told.stack if not frame.filename.startswith(_GPUSIM)] or told.stack
    )
    _leave_out_gpusim(told.__cause__)
    _leave_out_gpusim(told.__context__)


def last_user_site(error: BaseException) -> Site | None:
    """The user's statement that the exception came from, if there is one."""
    found = None
    entry = error.__traceback__
    while entry is not None:
        if not _is_machinery(entry):
            found = Site("", entry.tb_frame.f_code.co_filename, entry.tb_lineno, "")
        entry = entry.tb_next
    return found


def launches(error: BaseException) -> bool:
    """Did it happen in a launch, not where a kernel with a signature is decorated?"""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return not any(frame.f_globals.get("__name__") == "numba.cuda.decorators" for frame in frames)


def _is_machinery(entry: TracebackType) -> bool:
    return entry.tb_frame.f_code.co_filename.startswith(_MACHINERY)
