"""numba-cuda's tests as tests of numba-cuda-mlir: the same text with the names of the other package."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "translated_tests"

# Where the other package has what `from numba import ...` brings; anything else stays Numba's.
_HOMES = {
    "cuda": "numba_cuda_mlir",
    "types": "numba_cuda_mlir.numba_cuda",
    "errors": "numba_cuda_mlir.numba_cuda.core",
    "typeof": "numba_cuda_mlir.numba_cuda.typing.typeof",
    "vectorize": "numba_cuda_mlir.cuda",
    "guvectorize": "numba_cuda_mlir.cuda",
}

# Modules of numba.cuda that are elsewhere in the other package, or here.
_MODULES = {
    "tests": PACKAGE,
    "testing": "translated_testing",
    "memory_management.nrt": "numba_cuda_mlir.memory_management.rtsys",
    "memory_management": "numba_cuda_mlir.memory_management",
}


def translate(source: Path, target: Path) -> Path:
    """Copy the tests, translated, as the package `translated_tests` in the folder `target`; returns its folder.

    Beside it goes `translated_testing`, which they import in place of `numba.cuda.testing`.
    """
    folder = target / PACKAGE
    shutil.copy(Path(__file__).with_name("translated_testing.py"), target)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", "benchmarks"))
    for file in folder.rglob("*.py"):
        file.write_text(translated(file.read_text()))
    package = folder / "__init__.py"
    package.write_text("import translated_testing\n" + package.read_text())
    return folder


def translated(text: str) -> str:
    """One module's text."""
    text = re.sub(r"^( *)from numba import ([\w, ]+)$", _imports, text, flags=re.MULTILINE)
    return re.sub(r"\bnumba\.cuda\b((?:\.\w+)*)", _dotted, text)


def _imports(match: re.Match[str]) -> str:
    """`from numba import cuda, types` as an import of each name from where the other package has it."""
    indent, names = match[1], [name.strip() for name in match[2].split(",")]
    return "\n".join(f"{indent}from {_HOMES.get(name.split()[0], 'numba')} import {name}" for name in names)


def _dotted(match: re.Match[str]) -> str:
    """A dotted name in `numba.cuda`: of a module of the host side, or else of what programs import."""
    name = match[1].removeprefix(".")
    for module, home in _MODULES.items():
        if name == module or name.startswith(module + "."):
            return home + name.removeprefix(module)
    package = Path(str(find_spec("numba_cuda_mlir").origin)).parent  # type: ignore[union-attr]
    first = name.partition(".")[0]
    host = any((package / "numba_cuda" / part).exists() for part in (first, f"{first}.py")) and first != "random"
    return f"numba_cuda_mlir.{'numba_cuda' if name and host else 'cuda'}{match[1]}"
