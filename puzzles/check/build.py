"""From a file's text to kernels: each function compiled alone, where nothing is but what the checker put there.

The module is never executed. A function's code comes from its definition without decorators, defaults and annotations;
the checker's own `cuda.jit` wraps it, and the simulator lowers it to a program that knows no names but its own.
"""

from __future__ import annotations

import ast
import builtins
import copy
import linecache
import sys
from collections.abc import Sequence
from types import CodeType, FunctionType, ModuleType
from typing import Any

from numba import cuda

from gpusim.errors import KernelError
from gpusim.kernel.source import Kernel
from puzzles.check import gate
from puzzles.check.gate import Refused, vocabulary
from puzzles.check.gate.constants import Constants
from puzzles.check.gate.scope import Scope

MODULE = "puzzle_file"


def build(text: str, file: str, kernels: Sequence[str]) -> dict[str, Any]:
    """The kernels of a file by name. `file` is for messages only. Raises Refused for what the gate stops."""
    text = text.replace("\r\n", "\n")
    scope, functions = gate.inspect_file(gate.parse(text), kernels)
    module = ModuleType(MODULE)
    sys.modules[MODULE] = module
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace = vars(module)
    namespace |= _names(scope)
    for name, definition in functions.items():
        function = _function(definition, file, namespace, Constants(scope.meaning, scope.constants))
        _is_what_was_read(function, definition)
        namespace[name] = cuda.jit(function) if name in kernels else cuda.jit(device=True)(function)
    return {name: namespace[name] for name in kernels}


def _names(scope: Scope) -> dict[str, Any]:
    """What functions see: no builtins but those of kernels, the words that the file imports, and its constants."""
    names: dict[str, Any] = dict.fromkeys(dir(builtins))
    names |= {name: getattr(builtins, name) for name in vocabulary.BUILTINS}
    names["__builtins__"] = {}
    names["__name__"] = MODULE
    for name, full in scope.imports.items():
        if full is not None and full not in vocabulary.DECORATORS:
            names[name] = vocabulary.module(full) if full in vocabulary.namespaces() else vocabulary.find(full)
    return names | scope.constants


def _function(definition: ast.FunctionDef, file: str, namespace: dict[str, Any], constants: Constants) -> FunctionType:
    try:
        code = compile(ast.Module([_bare(definition)], []), file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else definition.lineno
        raise Refused(f"This is not Python yet: {getattr(error, 'msg', error)}.", line) from None
    (body,) = (part for part in code.co_consts if isinstance(part, CodeType))
    defaults = tuple(constants.evaluate(default) for default in definition.args.defaults)
    return FunctionType(body, namespace, definition.name, defaults or None)


def _bare(definition: ast.FunctionDef) -> ast.FunctionDef:
    """The definition without decorators, defaults and annotations."""
    bare = copy.deepcopy(definition)
    bare.decorator_list, bare.returns = [], None
    bare.args.defaults, bare.args.kw_defaults = [], [None] * len(bare.args.kwonlyargs)
    for argument in ast.walk(bare.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return bare


def _is_what_was_read(function: FunctionType, definition: ast.FunctionDef) -> None:
    """The simulator reads the source once more; raises Refused should it find anything but what the gate inspected, or
    what no kernel can be."""
    try:
        found = Kernel.of(function).tree
    except KernelError as error:
        raise Refused(error.message, definition.lineno) from None
    if not isinstance(found, ast.FunctionDef) or ast.dump(_bare(found)) != ast.dump(_bare(definition)):
        raise Refused(f"The source of `{definition.name}` can be read in two ways.", definition.lineno)
