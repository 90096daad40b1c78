"""Imports inside functions: only of packages that are listed, with a reason, in `[tool.hidden-imports]`.

They are heavy or optional. Modules of ours that import one of them, directly or through others, may be imported inside
functions, too. Everything else belongs to the top of its module, where a reader and import-linter see it.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("gpusim", "lm", "puzzles")
Import = tuple[int, str, bool]
"""Line, module, and whether it stands in a function."""


def main() -> int:
    """Print what is not listed, and what is listed in vain; the exit status says whether there is any."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    reasons: dict[str, str] = settings["tool"]["hidden-imports"]
    modules = {_name(path): path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))}
    imports = {name: list(_imports(ast.parse(path.read_text("utf-8")), modules)) for name, path in modules.items()}
    heavy = _closure(imports, reasons)
    used: set[str] = set()
    bad = 0
    for name, found in imports.items():
        for line, module, inside in found:
            if inside:
                listed = _listed(module, reasons)
                used |= listed
                if not listed and module not in heavy:
                    bad += 1
                    print(f"{modules[name].relative_to(ROOT)}:{line}: import of {module} inside a function")
    for name in sorted(set(reasons) - used):
        bad += 1
        print(f"pyproject.toml: no function imports {name} any more")
    return 1 if bad else 0


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(tree: ast.AST, modules: dict[str, Path], inside: bool = False) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield node.lineno, whole if whole in modules else node.module, inside
        yield from _imports(node, modules, inside or isinstance(node, ast.FunctionDef | ast.Lambda))


def _packages(module: str) -> Iterator[str]:
    """The packages that a module stands in, which are imported before it."""
    parts = module.split(".")
    return (".".join(parts[:k]) for k in range(1, len(parts)))


def _listed(module: str, reasons: dict[str, str]) -> set[str]:
    return {name for name in reasons if module == name or module.startswith(f"{name}.")}


def _closure(imports: dict[str, list[Import]], reasons: dict[str, str]) -> set[str]:
    """Our modules that import a listed package when they are imported."""
    top = {
        name: {module for _, module, inside in found if not inside} | set(_packages(name))
        for name, found in imports.items()
    }
    heavy = {name for name, found in top.items() if any(_listed(module, reasons) for module in found)}
    while more := {name for name, found in top.items() if found & heavy} - heavy:
        heavy |= more
    return heavy


if __name__ == "__main__":
    sys.exit(main())
