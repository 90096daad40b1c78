"""The bodies of the functions that run as kernels: the syntax, names and attributes that may stand there.

A name is a variable of the function, a constant or function of the file, or a word of the vocabulary. A module is not a
value: it may only stand before the dot of a word. So nothing reaches an object that the checker did not put there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from math import inf

from puzzles.check.gate import vocabulary
from puzzles.check.gate.refusal import Refused, quoted
from puzzles.check.gate.scope import Scope
from puzzles.check.gate.text import STRING

_STATEMENTS = (
    *(ast.FunctionDef, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If, ast.Expr),
    *(ast.Pass, ast.Break, ast.Continue, ast.Assert, ast.Match),
)
_EXPRESSIONS = (
    *(ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Lambda, ast.IfExp, ast.Compare, ast.Call, ast.Constant, ast.Attribute),
    *(ast.Subscript, ast.Starred, ast.Name, ast.List, ast.Tuple, ast.Slice),
)
_PARTS = (
    *(ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.arg, ast.keyword),
    *(ast.match_case, ast.MatchValue, ast.MatchSingleton, ast.MatchOr, ast.MatchAs),
)
_ALLOWED = (*_STATEMENTS, *_EXPRESSIONS, *_PARTS)

_SPOKEN = {
    "JoinedStr": "an f-string",
    "ListComp": "a list comprehension",
    "GeneratorExp": "a generator expression",
    "DictComp": "a dict comprehension",
    "SetComp": "a set comprehension",
    "Dict": "a dict",
    "Set": "a set",
    "With": "a `with` block",
    "Try": "a `try` block",
    "TryStar": "a `try` block",
    "Raise": "`raise`",
    "ClassDef": "a class",
    "Import": "an import",
    "ImportFrom": "an import",
    "Global": "a `global` statement",
    "Nonlocal": "a `nonlocal` statement",
    "Delete": "`del`",
    "Await": "`await`",
    "Yield": "`yield`",
    "YieldFrom": "`yield`",
    "MatchClass": "a class as a pattern",
    "MatchMapping": "a dict as a pattern",
    "MatchSequence": "a sequence as a pattern",
    "MatchStar": "a sequence as a pattern",
    "Interpolation": "a template string",
    "TemplateStr": "a template string",
    "TypeAlias": "a type alias",
    "AsyncFor": "`async`",
    "AsyncWith": "`async`",
    "AsyncFunctionDef": "`async`",
    "NamedExpr": "an assignment inside an expression",
}


Function = ast.FunctionDef | ast.Lambda


def reached(scope: Scope, roots: tuple[str, ...]) -> dict[str, ast.FunctionDef]:
    """The functions of the file that the kernels `roots` reach by name, all of them inspected.

    Raises Refused for the first thing that may not stand in a kernel.
    """
    found: dict[str, ast.FunctionDef] = {}
    waiting = list(reversed(roots))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = scope.functions[name]
            waiting += sorted(_Body(scope, scope.functions[name], frozenset()).inspect())
    return found


class _Body:
    """One function, or one nested in it, with the variables that it sees: its own and those around it."""

    def __init__(self, scope: Scope, function: Function, outer: frozenset[str]) -> None:
        self.scope = scope
        self.nodes = sorted(_own_nodes(function), key=_position)
        self.variables = outer | frozenset(self._bound())
        self.prefixes: set[int] = set()

    def inspect(self) -> set[str]:
        """The names of the file's functions that are used here. Raises Refused."""
        used: set[str] = set()
        for node in self.nodes:
            line = getattr(node, "lineno", None)
            if not isinstance(node, _ALLOWED):
                what = _SPOKEN.get(type(node).__name__, type(node).__name__)
                raise Refused(f"`{quoted(node)}`: {what} cannot be used in a kernel.", line)
            match node:
                case ast.Attribute():
                    self._attribute(node)
                case ast.Name(id=name) if name in self.scope.functions and name not in self.variables:
                    used.add(name)
                case ast.Name() if id(node) not in self.prefixes:
                    self._name(node)
                case ast.Constant(value=value):
                    _constant(value, line)
                case ast.BinOp(left=left, right=right) if self._is_text(left) or self._is_text(right):
                    raise Refused(f"`{quoted(node)}`: strings in a kernel are printed, and nothing else.", line)
                case ast.FunctionDef() | ast.Lambda():
                    used |= self._nested(node)
        return used

    def _is_text(self, node: ast.expr) -> bool:
        constant = node.value if isinstance(node, ast.Constant) else None
        if isinstance(node, ast.Name) and node.id not in self.variables:
            constant = self.scope.constants.get(node.id)
        return isinstance(constant, str)

    def _nested(self, node: Function) -> set[str]:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            raise Refused(f"`@{quoted(node.decorator_list[0])}` cannot stand inside a kernel.", node.lineno)
        if getattr(node, "type_params", None):
            raise Refused("Type parameters cannot be used in a kernel.", node.lineno)
        return _Body(self.scope, node, self.variables).inspect()

    def _bound(self) -> set[str]:
        """All names that are bound here. Raises Refused for one that already means something."""
        found: dict[str, int] = {}
        for node in self.nodes:
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                    found[name] = node.lineno
                case ast.MatchAs(name=str() as name):
                    found[name] = node.lineno
        for name, line in found.items():
            if name.startswith("__"):
                raise Refused(f"`{name}`: names that begin with two underscores belong to Python.", line)
            if name in self.scope.imports or name in self.scope.functions:
                raise Refused(f"`{name}` has a meaning in this file already; give the variable another name.", line)
        return set(found)

    def _attribute(self, node: ast.Attribute) -> None:
        """A word such as `cuda.threadIdx`, or an attribute that values in kernels have."""
        if id(node) in self.prefixes:
            return
        root: ast.expr = node
        inner = []
        while isinstance(root, ast.Attribute):
            root = root.value
            inner.append(root)
        is_value = isinstance(root, ast.Name) and root.id in self.variables
        full = None if is_value else self.scope.meaning(node)
        if full is None:
            if isinstance(root, ast.Name) and not is_value and root.id in self.scope.imports:
                words = filter(None, map(self.scope.meaning, inner))
                if not any(vocabulary.find(word) is not vocabulary.MISSING for word in words):
                    raise Refused(f"`{quoted(node)}` cannot be used in a kernel.", node.lineno)
            if node.attr not in vocabulary.ATTRIBUTES:
                raise Refused(f"`{quoted(node)}`: values in a kernel have no attribute {node.attr!r}.", node.lineno)
        elif vocabulary.find(full) is vocabulary.MISSING or not isinstance(node.ctx, ast.Load):
            raise Refused(f"`{quoted(node)}` cannot be used in a kernel.", node.lineno)
        else:
            self.prefixes |= set(map(id, inner))

    def _name(self, node: ast.Name) -> None:
        name = node.id
        if name in self.variables or name in self.scope.constants:
            return
        full = self.scope.meaning(node)
        if full is None and name in self.scope.imports:
            raise Refused(f"`{name}` is for annotations; it cannot be used in a kernel.", node.lineno)
        if full is None:
            raise Refused(f"The name '{name}' is not defined, or not for kernels.", node.lineno)
        if vocabulary.find(full) is vocabulary.MISSING:
            raise Refused(f"`{name}` stands for a module here; a kernel can only use what is in it.", node.lineno)


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function, parents first, without decorators, annotations and what nested functions hold.

    Defaults of nested functions belong to the function around them; those of the outermost are constants of the file.
    """
    body = function.body if isinstance(function, ast.FunctionDef) else [function.body]
    waiting: list[ast.AST] = [*_parameters(function.args), *body]
    while waiting:
        node = waiting.pop()
        yield node
        match node:
            case ast.FunctionDef(args=arguments) | ast.Lambda(args=arguments):
                waiting += [*arguments.defaults, *filter(None, arguments.kw_defaults)]
            case ast.arg():
                pass
            case ast.AnnAssign(target=target, value=value):
                waiting += [target, *filter(None, [value])]
            case _:
                waiting += ast.iter_child_nodes(node)


def _position(node: ast.AST) -> tuple[float, int]:
    """Sorts nodes as they are read, and leaves those first that are parents; parts without a place come last."""
    return getattr(node, "lineno", inf), getattr(node, "col_offset", 0)


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    stars = filter(None, [arguments.vararg, arguments.kwarg])
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *stars]


def _constant(value: object, line: int | None) -> None:
    if isinstance(value, bytes):
        raise Refused("A kernel has no byte strings.", line)
    if isinstance(value, str) and len(value) > STRING:
        raise Refused(f"This string has {len(value):,} characters; strings in a kernel are short.", line)
