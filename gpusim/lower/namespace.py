"""The names that a lowered program uses: objects of the runtime and of the kernel's own globals."""

from __future__ import annotations

import ast
from typing import Any

RUNTIME = "__t"


class Namespace:
    """Constants of one program, each bound to a name that no kernel can contain by accident."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._names: dict[int, str] = {}

    def bind(self, value: Any) -> ast.expr:
        """An expression that evaluates to `value`."""
        name = self._names.get(id(value))
        if name is None:
            name = f"__c{len(self.values)}"
            self.values[name] = value
            self._names[id(value)] = name
        return ast.Name(name, ast.Load())


def runtime(method: str, *arguments: ast.expr) -> ast.Call:
    """`__t.method(*arguments)`"""
    return ast.Call(ast.Attribute(ast.Name(RUNTIME, ast.Load()), method, ast.Load()), list(arguments), [])


def method(target: str, name: str, *arguments: ast.expr) -> ast.Call:
    """`target.name(*arguments)`"""
    return ast.Call(ast.Attribute(ast.Name(target, ast.Load()), name, ast.Load()), list(arguments), [])


def thunk(body: ast.expr) -> ast.Lambda:
    """`lambda: body`"""
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(nothing, body)
