"""Kernels without a file: source text given to `exec`, or to `python -c`, that can be read again.

Numba compiles bytecode, so it does not miss the text; the simulator reads it. Numba's own `vectorize` and
`guvectorize` write kernels in this way, too.
"""

from __future__ import annotations
import __future__

import builtins
import inspect
import itertools
import linecache
import sys
from collections.abc import Mapping
from functools import reduce
from operator import or_
from types import CodeType
from typing import Any

_exec = builtins.exec
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


def _compiled(source: str, caller: CodeType) -> CodeType:
    """The code of a text, with the `__future__` features of the code that executes it."""
    if "def " not in source and "lambda" not in source:
        file = "<string>"
    else:
        file = f"<exec {next(_numbers)}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    return compile(source, file, "exec", flags=caller.co_flags & _FUTURES, dont_inherit=True)


def remember_command() -> None:
    """Let `inspect` find the source text of `python -c TEXT`, whose file is called <string>."""
    words = sys.orig_argv
    if sys.argv[0] == "-c" and "-c" in words and "<string>" not in linecache.cache:
        text = words[words.index("-c") + 1]
        linecache.cache["<string>"] = (len(text), None, text.splitlines(keepends=True), "<string>")
