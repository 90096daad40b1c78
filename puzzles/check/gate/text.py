"""From a file's text to a syntax tree of bounded size.

The bounds are far beyond any kernel, and small enough that nothing which looks at the tree takes long: characters,
nodes, depth, digits of a number, characters of a string.
"""

from __future__ import annotations

import ast
import codecs
import re
import warnings
from collections.abc import Iterator
from typing import Any

from puzzles.check.gate.refusal import Refused

CHARACTERS = 100_000
NODES = 20_000
DEPTH = 60
INTEGER_BITS = 64
STRING = 2_000

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff]")
"""Everything that some readers of a file take for a line's end and others do not, and what no editor shows."""

_ENCODING = re.compile(r"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
"""In the first two lines: how Python decodes the file (PEP 263). The checker, and editors, read UTF-8."""

_CLAIM = re.compile(r"^PUZZLE\s*=\s*[\"']([^\"'\n]{1,80})[\"']", re.MULTILINE)


def parse(text: str) -> ast.Module:
    """The file's syntax tree. Raises Refused with Python's own words for a syntax error."""
    if len(text) > CHARACTERS:
        raise Refused(f"The file has {len(text):,} characters; a puzzle file has at most {CHARACTERS:,}.")
    text = text.replace("\r\n", "\n")
    if odd := _CONTROL.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise Refused(f"There is an invisible character, {odd[0]!r}, in this line; delete it.", line)
    _is_in_utf_8(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        shown = f": {error.text.strip()[:80]}" if error.text else ""
        raise Refused(f"This is not Python yet: {error.msg}{shown}", error.lineno) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Refused(f"This is not Python, or nested too deeply: {str(error) or type(error).__name__}.") from None
    _measure(tree)
    return tree


def puzzle_id(tree: ast.Module) -> str | None:
    """The value of the line `PUZZLE = "..."`, or None."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name("PUZZLE")], value=ast.Constant(str() as name)):
                return name
    return None


def claimed_id(text: str) -> str:
    """The puzzle that a text names which is not Python yet; empty if none."""
    found = _CLAIM.search(text)
    return found[1] if found else ""


def prediction(tree: ast.Module) -> str:
    """The answer in the line `PREDICTION = ...`, as text; empty if there is none yet."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name("PREDICTION")], value=ast.Constant(str() | None as answer)):
                return answer or ""
            case ast.Assign(targets=[ast.Name("PREDICTION")], value=value):
                return ast.unparse(value)[:STRING]
    return ""


def debug_seed(tree: ast.Module) -> int | None:
    """The value of the line `DEBUG = ...` of a file with a planted defect, or None."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name("DEBUG")], value=ast.Constant(int() as seed)) if seed >= 0:
                return seed
    return None


def _is_in_utf_8(text: str) -> None:
    """Raises Refused for a file that Python would decode, and so read, in another way."""
    for number, line in enumerate(text.split("\n", 2)[:2], 1):
        declared = _ENCODING.match(line)
        if declared and _codec(declared[1]) not in ("utf-8", "utf-8-sig", "ascii"):
            told = f"This line says that the file is in {declared[1]!r}, but puzzle files are in UTF-8; delete it."
            raise Refused(told, number)
        if line.strip() and not line.lstrip().startswith("#"):
            return


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""


def _measure(tree: ast.Module) -> None:
    """Raises Refused for a tree with too many nodes, too deep, or with too large constants."""
    for count, (node, depth) in enumerate(_walk(tree)):
        line = getattr(node, "lineno", None)
        if count > NODES:
            raise Refused(f"The file has more than {NODES:,} names, numbers and operators, too many.", line)
        if depth > DEPTH:
            raise Refused("Expressions or blocks are nested too deeply here.", line)
        if isinstance(node, ast.Constant):
            _constant(node.value, line)


def _constant(value: Any, line: int | None) -> None:
    if isinstance(value, int) and value.bit_length() > INTEGER_BITS:
        raise Refused(f"This number has {value.bit_length():,} bits; a GPU's integers have up to {INTEGER_BITS}.", line)
    if isinstance(value, str | bytes) and len(value) > STRING * 10:
        raise Refused(f"This string has {len(value):,} characters, too many for a puzzle file.", line)


def _walk(tree: ast.AST) -> Iterator[tuple[ast.AST, int]]:
    """Every node with its depth. Chains of operators, `a + b + c`, and of `elif` are deep trees, too."""
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
