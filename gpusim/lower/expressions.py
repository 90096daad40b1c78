"""Lowering of expressions: operators, subscripts, attributes, names and calls."""

from __future__ import annotations

import ast
import builtins
import enum
import inspect
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim import numeric
from gpusim.device.python import elementwise, overloads
from gpusim.device.surface import Intrinsic, Special, Surface, numeric_function
from gpusim.device.warp.groups import this_grid
from gpusim.errors import KernelError, did_you_mean
from gpusim.events.statements import Statement
from gpusim.kernel.source import Kernel, is_dispatcher
from gpusim.lower.copies import Copies
from gpusim.lower.namespace import RUNTIME, Namespace, policy, thunk
from gpusim.lower.pruning import UNKNOWN, Pruning
from gpusim.places import Site
from gpusim.simt.enumerations import constant
from gpusim.simt.joins import Join
from gpusim.simt.semantics.attributes import attribute
from gpusim.simt.semantics.expressions import pick

if TYPE_CHECKING:
    from gpusim.lower.program import ProgramCache

_MISSING = object()
_DIVISIONS = (ast.Div, ast.FloorDiv, ast.Mod)
_PURE_ATTRIBUTES = {"x", "y", "z", "shape", "size", "ndim", "strides", "real", "imag", "dtype"}


class Expressions:
    """Turns expressions of one function into expressions over lanes."""

    def __init__(self, kernel: Kernel, namespace: Namespace, programs: ProgramCache, surface: Surface) -> None:
        self.kernel = kernel
        self.namespace = namespace
        self.programs = programs
        self.surface = surface
        self.inside = kernel.name  # the function whose statements are being lowered
        self.reached: Statement | None = None  # in a program to be followed: the statement that is being lowered
        self.locals: set[str] = set()
        self.assigning: str | None = None
        self.counter = 0
        self.copies: Copies = {}
        self._loads: dict[int, Site] = {}  # where elements are loaded that are only copied
        self.pruning = Pruning(self.static)

    # Helpers

    def fresh(self) -> str:
        """A new name for an intermediate result."""
        self.counter += 1
        return f"__v{self.counter}"

    def fail(self, node: ast.AST, what: str) -> KernelError:
        line = getattr(node, "lineno", self.kernel.first_line)
        return KernelError(what, Site(self.kernel.name, self.kernel.file, line, ""))

    def text(self, node: ast.AST) -> str:
        return self.kernel.quote(node)

    def site(self, node: ast.AST, text: str | None = None) -> ast.expr:
        line = getattr(node, "lineno", self.kernel.first_line)
        shown = text if text is not None else self.text(node)
        return self.namespace.bind(Site(self.kernel.name, self.kernel.file, line, shown))

    def load_site(self, node: ast.Subscript) -> ast.expr:
        """The site of a load."""
        if not any(load is node for load in self.copies.values()):
            return self.site(node)
        site = Site(self.kernel.name, self.kernel.file, node.lineno, self.text(node), copied=True)
        self._loads[id(node)] = site
        return self.namespace.bind(site)

    def store_site(self, node: ast.Subscript) -> ast.expr:
        """The site of a store."""
        load = self.copies.get(id(node))
        source = None if load is None else self._loads.get(id(load))
        return self.namespace.bind(
            Site(self.kernel.name, self.kernel.file, node.lineno, self.text(node), source=source)
        )

    def static(self, node: ast.expr) -> Any:
        """The Python object that a name or dotted name stands for at compile time, or `_MISSING`."""
        if isinstance(node, ast.Name):
            if node.id in self.locals:
                return _MISSING
            try:
                return self.kernel.constant(node.id)
            except KeyError:
                known = (*self.locals, *self.kernel.function.__globals__, *dir(builtins))
                raise self.fail(node, f"name '{node.id}' is not defined{did_you_mean(node.id, known)}") from None
        if isinstance(node, ast.Attribute):
            base = self.static(node.value)
            if hasattr(base, "__cuda_array_interface__") and not isinstance(base, type):
                return _MISSING
            if base is _MISSING or isinstance(base, (np.ndarray, np.generic, tuple, int, float, complex)):
                return _MISSING
            if self.surface.find(base, Special) is not None:
                return _MISSING
            try:
                return getattr(base, node.attr)
            except AttributeError:
                if inspect.ismodule(base) and self.surface.extend(base, node.attr):
                    return getattr(base, node.attr)
                hint = self.surface.advice(base, node.attr) or did_you_mean(node.attr, dir(base))
                raise self.fail(node, f"{self.text(node.value)} has no attribute '{node.attr}'{hint}") from None
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            base = self.static(node.value) if isinstance(node.value, (ast.Name, ast.Attribute)) else _MISSING
            if isinstance(base, enum.EnumMeta):
                return base[str(node.slice.value)]
        return _MISSING

    def lift(self, node: ast.expr, value: Any) -> ast.expr:
        """A compile-time object as a value of the program: numbers typed, arrays in constant memory."""
        special = self.surface.find(value, Special)
        if special is not None:
            return ast.Call(self.namespace.bind(special.evaluate), [ast.Name("__t", ast.Load())], [])
        if isinstance(value, (bool, int, float, complex, np.generic, enum.Enum)):
            return self.namespace.bind(constant(value))
        if isinstance(value, np.ndarray):
            return self._lift_array(node, self.surface.constant_array, self.programs.freeze(value))
        if not isinstance(value, type) and hasattr(value, "__cuda_array_interface__"):
            return self._lift_array(node, self.surface.device_array, value)
        if isinstance(value, tuple):
            return self._lift_tuple(node, value)
        return self.namespace.bind(value)

    def _lift_array(self, node: ast.expr, make: Callable[..., Any], array: Any) -> ast.expr:
        """`make(t, array, name)`: a view of the array, which every launch makes anew."""
        name = ast.Constant(self.text(node))
        return ast.Call(self.namespace.bind(make), [ast.Name("__t", ast.Load()), self.namespace.bind(array), name], [])

    def _lift_tuple(self, node: ast.expr, value: tuple[Any, ...]) -> ast.expr:
        """Tuples of numbers are constants; those with arrays in them are made at run time."""
        if any(isinstance(part, np.ndarray) for part in value):
            return ast.Tuple([self.lift(node, part) for part in value], ast.Load())
        return self.namespace.bind(constant(value))

    def is_pure(self, node: ast.expr) -> bool:
        """Does evaluating this touch no memory, so that inactive lanes may compute it too?"""
        for part in ast.walk(node):
            if isinstance(part, ast.Subscript):
                pure = isinstance(part.value, ast.Attribute) and part.value.attr in ("shape", "strides")
            elif isinstance(part, ast.Call):
                pure = self._is_pure_call(part)
            elif isinstance(part, ast.Attribute):
                pure = part.attr in _PURE_ATTRIBUTES or self.static(part) is not _MISSING
            elif isinstance(part, ast.BinOp):
                pure = not (self.programs.debug and isinstance(part.op, _DIVISIONS))
            else:
                pure = True
            if not pure:
                return False
        return True

    def _is_pure_call(self, node: ast.Call) -> bool:
        callee = self.static(node.func)
        if callee is _MISSING or self.surface.find(callee, Intrinsic) is not None:
            return False
        return numeric_function(callee) is not None

    def join(self, names: tuple[str, ...], node: ast.AST) -> ast.expr:
        """A place where paths meet, as a constant of the program."""
        line = getattr(node, "lineno", self.kernel.first_line)
        return self.namespace.bind(Join(names, Site(self.kernel.name, self.kernel.file, line, "")))

    def meeting(self, node: ast.expr, test: ast.expr) -> ast.expr:
        """Where the values of `a if test else b` meet; None when Numba leaves one of them out."""
        return ast.Constant(None) if self.pruning.is_decided(test) else self.join(("",), node)

    # Expressions

    def expression(self, node: ast.expr) -> ast.expr:
        lower = getattr(self, f"_{type(node).__name__.lower()}", None)
        if lower is None:
            raise self.fail(node, f"`{self.text(node)}`: {_spoken(node)} cannot be used in a kernel")
        return ast.copy_location(lower(node), node)

    def _constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, (bool, int, float, complex)):
            return self.namespace.bind(numeric.literal(node.value))
        return node

    def _name(self, node: ast.Name) -> ast.expr:
        value = self.static(node)
        return node if value is _MISSING else self.lift(node, value)

    def _attribute(self, node: ast.Attribute) -> ast.expr:
        value = self.static(node)
        if value is not _MISSING:
            return self.lift(node, value)
        return self.namespace.call(attribute, self.expression(node.value), ast.Constant(node.attr), self.site(node))

    def _subscript(self, node: ast.Subscript) -> ast.expr:
        value = self.static(node)
        if value is not _MISSING:
            return self.lift(node, value)
        return policy("paths", "load", self.expression(node.value), self.index(node.slice), self.load_site(node))

    def index(self, node: ast.expr) -> ast.expr:
        """An index: like any expression, with slices and `...`."""
        if isinstance(node, ast.Slice):
            parts = (node.lower, node.upper, node.step)
            values = [ast.Constant(None) if part is None else self.expression(part) for part in parts]
            return ast.Call(self.namespace.bind(slice), values, [])
        if isinstance(node, ast.Tuple):
            return ast.Tuple([self.index(part) for part in node.elts], ast.Load())
        return self.expression(node)

    def _tuple(self, node: ast.Tuple) -> ast.expr:
        return ast.Tuple([self.argument(part) for part in node.elts], ast.Load())

    def _binop(self, node: ast.BinOp) -> ast.expr:
        return self.operator(node.op, self.expression(node.left), self.expression(node.right), node)

    def operator(self, op: ast.operator, left: ast.expr, right: ast.expr, node: ast.AST) -> ast.expr:
        function = numeric.AST_BINARY.get(type(op).__name__)
        if function is None:
            raise self.fail(node, f"`{self.text(node)}`: this operator cannot be used in a kernel")
        if self.programs.debug and isinstance(op, _DIVISIONS):
            return policy("paths", "divide", self.namespace.bind(function), left, right, self.site(node))
        return ast.Call(self.namespace.bind(function), [left, right], [])

    def _unaryop(self, node: ast.UnaryOp) -> ast.expr:
        number = node.operand.value if isinstance(node.operand, ast.Constant) else None
        if isinstance(node.op, ast.USub) and isinstance(number, (int, float)) and not isinstance(number, bool):
            return self.namespace.bind(numeric.literal(-number))
        return ast.Call(
            self.namespace.bind(numeric.AST_UNARY[type(node.op).__name__]),
            [self.expression(node.operand)],
            [],
        )

    def _compare(self, node: ast.Compare) -> ast.expr:
        """`a < b < c`: b is evaluated once, by a walrus, and c only where `a < b`, if it touches memory."""
        operands = [self.expression(part) for part in (node.left, *node.comparators)]
        sides: list[tuple[ast.expr, ast.expr]] = []
        for position in range(len(node.ops)):
            left, right = operands[position], operands[position + 1]
            if position + 1 < len(node.ops):
                name = self.fresh()
                right = ast.NamedExpr(ast.Name(name, ast.Store()), right)
                operands[position + 1] = ast.Name(name, ast.Load())
            sides.append((left, right))
        tests = [self._comparison(op, *pair, node) for op, pair in zip(node.ops, sides, strict=True)]
        if not all(map(self.is_pure, node.comparators[1:])):
            result = tests.pop()
            while tests:
                result = policy("paths", "both", tests.pop(), thunk(result), self.join(("",), node))
            return result
        result = tests[0]
        for test in tests[1:]:
            result = ast.Call(self.namespace.bind(numeric.AST_BINARY["BitAnd"]), [result, test], [])
        return result

    def _comparison(self, op: ast.cmpop, left: ast.expr, right: ast.expr, node: ast.Compare) -> ast.expr:
        others = {
            "Is": self.surface.is_,
            "IsNot": self.surface.is_not,
            "In": self.surface.contains,
            "NotIn": self.surface.contains_not,
        }
        name = type(op).__name__
        function = numeric.AST_BINARY[name] if name in numeric.AST_BINARY else others[name]
        return ast.Call(self.namespace.bind(function), [left, right], [])

    def _boolop(self, node: ast.BoolOp) -> ast.expr:
        method, ends = ("both", False) if isinstance(node.op, ast.And) else ("either", True)
        values = list(node.values)
        for position, part in enumerate(values):
            known = self.pruning.value(part)
            if known is not UNKNOWN and bool(known) is ends:  # what follows is left out
                del values[position + 1 :]
                break
        result = self.expression(values[-1])
        for value in reversed(values[:-1]):
            result = policy("paths", method, self.expression(value), thunk(result), self.meeting(node, value))
        return result

    def _lambda(self, node: ast.Lambda) -> ast.expr:
        """A function without a name: like nested functions, it sees the variables around it."""
        parameters = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        if node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
            raise self.fail(node, f"`{self.text(node)}`: a lambda in a kernel takes plain parameters only")
        outer = self.locals
        defaults = [self.expression(default) for default in node.args.defaults]
        self.locals = outer | set(parameters)
        body = self.expression(node.body)
        self.locals = outer
        arguments = [ast.arg(RUNTIME), *map(ast.arg, parameters)]
        return ast.Lambda(ast.arguments([], arguments, kwonlyargs=[], kw_defaults=[], defaults=defaults), body)

    def _ifexp(self, node: ast.IfExp) -> ast.expr:
        known = self.pruning.value(node.test)
        if known is not UNKNOWN:
            return self.expression(node.body if known else node.orelse)
        test, yes, no = (self.expression(part) for part in (node.test, node.body, node.orelse))
        if self.is_pure(node.body) and self.is_pure(node.orelse) and not self.pruning.is_decided(node.test):
            return self.namespace.call(pick, test, yes, no)
        return policy("paths", "choose", test, thunk(yes), thunk(no), self.meeting(node, node.test))

    # Calls

    def _call(self, node: ast.Call) -> ast.expr:
        callee = self.static(node.func)
        arguments = [self.argument(part) for part in node.args]
        keywords = [ast.keyword(part.arg, self.expression(part.value)) for part in node.keywords]
        if callee is _MISSING:
            return self._policy_call(node, arguments, keywords)
        lanes = ast.Name("__t", ast.Load())
        intrinsic = self.surface.find(callee, Intrinsic)
        if intrinsic is not None:
            extra = [lanes, self.site(node)]
            self.programs.cooperative |= intrinsic.run is this_grid
            if intrinsic.named:
                self._check_shape(node)
                extra.append(ast.Constant(self.assigning or "array"))
            return ast.Call(self.namespace.bind(intrinsic.run), [*extra, *arguments], keywords)
        function = numeric_function(callee)
        if function is not None and isinstance(callee, np.ufunc) and len(node.args) > callee.nin:
            run = self.namespace.bind(elementwise.apply(callee, function))
            return ast.Call(run, [lanes, self.site(node), *arguments], keywords)
        if function is not None:
            return ast.Call(self.namespace.bind(function), arguments, keywords)
        if is_dispatcher(callee):
            call = policy(
                "schedule", "invoke", self.namespace.bind(self.programs.device(callee)), self.site(node), *arguments
            )
            call.keywords = keywords
            return call
        if inspect.isclass(callee) and issubclass(callee, tuple) and hasattr(callee, "_fields"):
            return ast.Call(self.namespace.bind(callee), arguments, keywords)
        if isinstance(callee, types.FunctionType) and overloads.overloads(callee):
            run = self.namespace.bind(overloads.call)
            return ast.Call(run, [lanes, self.site(node), self.namespace.bind(callee), *arguments], keywords)
        if isinstance(callee, types.FunctionType):
            if (callee.__module__ or "").startswith("numba."):
                raise self.fail(node, f"`{self.text(node.func)}` is for the host; call it outside the kernel")
            raise self.fail(
                node,
                f"`{self.text(node.func)}` is a plain Python function, which a GPU cannot call; "
                "decorate it with @cuda.jit(device=True)",
            )
        raise self.fail(node, f"`{self.text(node.func)}` cannot be called in a kernel")

    def _check_shape(self, node: ast.Call) -> None:
        """Doubt shapes that Numba may not take for constants, such as `N + 1` with a global `N`, or `a.size`."""
        shape = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "shape"), None)
        for part in shape.elts if isinstance(shape, ast.Tuple) else [shape]:
            if part is not None and not isinstance(part, ast.Constant) and self.static(part) is _MISSING:
                doubt = self.fail(
                    node,
                    f"the shape in `{self.text(node)}` must be made of constants, and Numba does not compute "
                    f"`{self.text(part)}` when it compiles; give that value a name outside the kernel",
                )
                self.programs.doubts.append(doubt)

    def argument(self, node: ast.expr) -> ast.expr:
        if isinstance(node, ast.Starred):
            return ast.Starred(self.expression(node.value), ast.Load())
        return self.expression(node)

    def _policy_call(self, node: ast.Call, arguments: list[ast.expr], keywords: list[ast.keyword]) -> ast.expr:
        """A call of something known only at run time: a nested function, a passed function, a method."""
        lanes = ast.Name("__t", ast.Load())
        if isinstance(node.func, ast.Attribute):
            receiver = self.expression(node.func.value)
            extra = [lanes, self.site(node), receiver, ast.Constant(node.func.attr)]
            return ast.Call(self.namespace.bind(self.surface.call_method), [*extra, *arguments], keywords)
        extra = [lanes, self.site(node), self.expression(node.func)]
        return ast.Call(self.namespace.bind(self.surface.call_value), [*extra, *arguments], keywords)


def _spoken(node: ast.AST) -> str:
    """A syntax node in words."""
    names = {
        "JoinedStr": "an f-string",
        "ListComp": "a list comprehension",
        "GeneratorExp": "a generator expression",
        "Dict": "a dict",
        "Set": "a set",
        "List": "a list",
        "With": "a `with` block",
        "Try": "a `try` block",
        "ClassDef": "a class",
        "Import": "an import",
        "ImportFrom": "an import",
        "Nonlocal": "a `nonlocal` statement",
    }
    return names.get(type(node).__name__, type(node).__name__)
