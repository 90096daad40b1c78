"""What Numba's compiler refuses, in one sentence, with the line of the kernel."""

from __future__ import annotations

import linecache
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from numba.core.errors import NumbaError

from gpusim.errors import KernelError, did_you_mean
from gpusim.infer.judge import accept, infer
from gpusim.infer.missing import missing
from gpusim.kernel.dialects import is_library
from gpusim.places import Site

_STEP = re.compile(r"^Failed in \w+ mode pipeline .*$", re.MULTILINE)
_SIGNATURE = re.compile(r"^\s*>>> (.*)$", re.MULTILINE)
_REASON = re.compile(r"raised a specific error:\s*\w+: (?!Failed in)(.*)$", re.MULTILINE)
_QUOTED = re.compile(r'^File "(.+)", line (\d+):', re.MULTILINE)
_PLACE = re.compile(r"^During: .* at (.+) \((\d+)\)$", re.MULTILINE)

# What Numba's words say of its own insides, and what is left of that.
_INSIDES = (
    (re.compile(r"Module\(<module '([\w.]+)' from '[^']*'>\)"), r"module \1"),
    (re.compile(r"Function\(<(?:built-in )?(?:function|method) (\w+)(?: at 0x[0-9a-f]+)?>\)"), r"\1"),
    (re.compile(r"<\w[\w.]*OverloadSelector object at 0x[0-9a-f]+>, \((.*?),?\)$"), r"a constant of type \1"),
    (re.compile(r"(Cannot cast .+? to [\w(), ]+): .*"), r"\1"),
    (re.compile(r" found for signature:(?=\)$)"), ""),
    (re.compile(r" \(- Resolution failure for .*\)$"), ""),
    (re.compile(r" at 0x[0-9a-f]{6,}"), ""),
)

# What a reason usually comes from, in the words of the person who wrote the kernel.
_MEANINGS = (
    (re.compile(r"^No conversion from .* to none for '\$.*return"), "a kernel returns nothing, write to an array"),
    (re.compile(r"^Numba has no array\(.*(?<!Literal\[)\bint\d+\b.*class\("), "the shape must be a constant"),
    (
        re.compile(r"^KeyError: <ufunc"),
        "Numba has no code for this NumPy function on a GPU, use the one of the math module",
    ),
    (
        re.compile(r"OverloadSelector object.*, \((?:List|Set)\("),
        "a GPU has no lists, make it a tuple",
    ),
    (
        re.compile(r"^Untyped global name .* <class 'function'>"),
        "it is a plain Python function, decorate it with @cuda.jit(device=True)",
    ),
)


def refusal(error: BaseException) -> KernelError | None:
    """What a program says that ended with an error of Numba's compiler; None for any other error.

    Of a kernel that Numba was asked about, the simulator may have `told` something, too, and knows some lines better.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    started = next((frame for frame in frames if frame.f_code in (accept.__code__, infer.__code__)), None)
    if started is None:
        return None
    asked = started.f_locals.get("kernel") or started.f_locals["dispatcher"]
    told: KernelError | None = getattr(asked, "told", None)
    code = asked.py_func.__code__
    file, line = _place(error, frames, code.co_filename) or (code.co_filename, code.co_firstlineno)
    said = _meant(error, told)
    if told is not None and told.site is not None and linecache.getline(file, line).lstrip().startswith(("def ", "@")):
        file, line, said = told.site.file, told.site.line, told.message  # Numba knows no line of it
    source = linecache.getline(file, line).strip()
    message = f"kernel '{code.co_name}' cannot be compiled for a GPU, `{source}`: {said}"
    return KernelError(message, Site(code.co_name, file, line, source))


def _meant(error: BaseException, told: KernelError | None) -> str:
    reason = _reason(error)
    meaning = next((meaning for pattern, meaning in _MEANINGS if pattern.search(reason)), missing(error))
    if meaning is None and told is not None:
        meaning = told.message
    elif meaning is None and reason.startswith("NRT required"):
        meaning = "whole arrays and slices are not copied on a GPU, write a loop over their elements"
    for inside, words in _INSIDES:
        reason = inside.sub(words, reason)
    return f"{reason}; {meaning}" if meaning else reason


def _reason(error: BaseException) -> str:
    text = _STEP.sub("", str(error)).strip()
    if isinstance(error, AttributeError) and isinstance(error.obj, ModuleType | type):
        return f"{text}{did_you_mean(error.name or '', dir(error.obj))}"
    if not isinstance(error, NumbaError):
        return f"{type(error).__name__}: {text}".splitlines()[0]
    signature, specific = _SIGNATURE.search(text), _REASON.findall(text)
    if signature is None:
        return text.splitlines()[0]
    return f"Numba has no {signature[1]}" + (f" ({specific[-1].strip()})" if specific else "")


def _place(error: BaseException, frames: list[FrameType], file: str) -> tuple[str, int] | None:
    """Where Numba says that it was: in the text, or in the part of the compiler that raised the error."""
    for said, line in _PLACE.findall(str(error)):
        if not is_library(said):
            return said, int(line)
    for quoted, line in _QUOTED.findall(str(error)):
        # Numba writes paths as seen from the working directory.
        if Path(quoted).resolve() == Path(file).resolve():
            return file, int(line)
    for loc in _locations(frames):
        if not is_library(loc.filename):
            return loc.filename, loc.line
    return None


def _locations(frames: list[FrameType]) -> Iterator[Any]:
    """Places in the kernel's source that the compiler's own objects hold, the innermost first."""
    for frame in reversed(frames):
        loc = getattr(frame.f_locals.get("self"), "loc", None)
        if loc is not None and isinstance(getattr(loc, "line", None), int) and loc.filename:
            yield loc
