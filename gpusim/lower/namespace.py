"""The names that a lowered program uses: objects of the runtime and of the kernel's own globals."""

from __future__ import annotations

import ast
from collections.abc import Callable
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

    def call(self, function: Callable[..., Any], *arguments: ast.expr) -> ast.Call:
        """`function(__t, *arguments)`"""
        return ast.Call(self.bind(function), [ast.Name(RUNTIME, ast.Load()), *arguments], [])


def policy(which: str, method: str, *arguments: ast.expr) -> ast.Call:
    """`__t.which.method(__t, *arguments)`; `which` is "paths" or "schedule" (gpusim.simt.policies.policy)."""
    lanes = ast.Name(RUNTIME, ast.Load())
    function = ast.Attribute(ast.Attribute(lanes, which, ast.Load()), method, ast.Load())
    return ast.Call(function, [lanes, *arguments], [])


def method(target: str, name: str, *arguments: ast.expr) -> ast.Call:
    """`target.name(*arguments)`"""
    return ast.Call(ast.Attribute(ast.Name(target, ast.Load()), name, ast.Load()), list(arguments), [])


def thunk(body: ast.expr) -> ast.Lambda:
    """`lambda: body`"""
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(nothing, body)
