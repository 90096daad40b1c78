"""Elements that a kernel only copies: `b[j] = a[i]`, or `x = a[i]` where nothing but `b[j] = x` reads x; side by side,
too, as in `a[i], a[j] = a[j], a[i]`.

Copying an undefined element harms nobody; using it does (gpusim.observe.initcheck).
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from gpusim.lower.analysis import walk_scope

Copies = dict[int, ast.Subscript]
"""For the target of a store, by `id`, where its value is loaded."""


def copies(body: list[ast.stmt], parameters: set[str]) -> Copies:
    """The stores of a function that copy an element."""
    found: Copies = {}
    loads: dict[str, ast.Subscript] = {}
    assigned: Counter[str] = Counter(parameters)
    used: Counter[str] = Counter()
    passed_on: dict[str, list[ast.Subscript]] = {}
    for node in walk_scope(body):
        if isinstance(node, ast.Name):
            (assigned if isinstance(node.ctx, ast.Store) else used)[node.id] += 1
        for target, value in _assigned(node):
            if isinstance(target, ast.Subscript) and isinstance(value, ast.Subscript):
                found[id(target)] = value
            elif isinstance(target, ast.Subscript) and isinstance(value, ast.Name):
                passed_on.setdefault(value.id, []).append(target)
            elif isinstance(target, ast.Name) and isinstance(value, ast.Subscript):
                loads[target.id] = value
    for name, targets in passed_on.items():
        if name in loads and assigned[name] == 1 and used[name] == len(targets):
            found |= {id(target): loads[name] for target in targets}
    return found


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The targets of an assignment and what each is given, as far as one can follow it."""
    if not isinstance(node, ast.Assign):
        return
    first, value = node.targets[0], node.value
    if len(node.targets) > 1:
        if all(isinstance(target, ast.Subscript) for target in node.targets):
            yield from ((target, value) for target in node.targets)
    elif isinstance(first, ast.Tuple) and isinstance(value, ast.Tuple):
        if len(first.elts) == len(value.elts):
            yield from zip(first.elts, value.elts, strict=True)
    else:
        yield first, value
