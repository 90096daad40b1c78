"""Kernels without a file: source text given to `exec`, `compile` or `python -c`, that can be read again.

Numba compiles bytecode, so it does not miss the text; the simulator reads it. Numba's own `vectorize` and
`guvectorize` write kernels in this way, too, and some programs compile syntax trees that they have changed.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import inspect
import itertools
import linecache
import os
import sys
from collections.abc import Mapping
from functools import reduce
from operator import or_
from types import CodeType
from typing import Any

_exec = builtins.exec
_compile = builtins.compile
_numbers = itertools.count(1)
_FUTURES = (
    reduce(or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)) & ~inspect.CO_NESTED
)


def exec_with_source(
    source: Any,
    globals: dict[str, Any] | None = None,
    locals: Mapping[str, Any] | None = None,
    /,
    **options: Any,
) -> None:
    """`exec`, but source text gets a file name of its own, under which `inspect` finds it."""
    caller = sys._getframe(1)
    if globals is None:
        globals = caller.f_globals
        locals = caller.f_locals if locals is None else locals
    if isinstance(source, (bytes, bytearray, memoryview)):
        source = bytes(source).decode()
    if isinstance(source, str):
        source = _compiled(source, caller.f_code)
    _exec(source, globals, locals, **options)


def compile_with_source(
    source: Any,
    filename: Any,
    mode: str,
    flags: int = 0,
    dont_inherit: bool = False,
    optimize: int = -1,
    **options: Any,
) -> Any:
    """`compile`, but a module without a file, given as text or as a syntax tree, gets a file name of its own."""
    if not dont_inherit:
        flags |= sys._getframe(1).f_code.co_flags & _FUTURES
    if (
        mode == "exec"
        and not flags & ast.PyCF_ONLY_AST
        and isinstance(source, str | ast.Module)
        and not _is_known(filename)
        and _has_functions(text := source if isinstance(source, str) else ast.unparse(source))
    ):
        try:
            return _compile(text, _remember(text), mode, flags, True, optimize, **options)
        except SyntaxError:
            pass  # which is about the file that the program has named
    return _compile(source, filename, mode, flags, True, optimize, **options)


def _compiled(source: str, caller: CodeType) -> CodeType:
    """The code of a text, with the `__future__` features of the code that executes it."""
    file = _remember(source) if _has_functions(source) else "<string>"
    code: CodeType = _compile(source, file, "exec", flags=caller.co_flags & _FUTURES, dont_inherit=True)
    return code


def _has_functions(text: str) -> bool:
    return "def " in text or "lambda" in text


def _is_known(filename: Any) -> bool:
    """Can the text be found under this name already, in a file or where notebooks keep their cells?"""
    name = os.fsdecode(filename)
    return name in linecache.cache or os.path.exists(name)


def _remember(text: str) -> str:
    """A new file name, under which `inspect` finds the text."""
    file = f"<exec {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    return file


def remember_command() -> None:
    """Let `inspect` find the source text of `python -c TEXT`, whose file is called <string>."""
    words = sys.orig_argv
    if sys.argv[0] == "-c" and "-c" in words and "<string>" not in linecache.cache:
        text = words[words.index("-c") + 1]
        linecache.cache["<string>"] = (len(text), None, text.splitlines(keepends=True), "<string>")
